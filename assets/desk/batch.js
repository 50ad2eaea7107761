// One command for many cases: sent fifty by fifty, with a way to stop; what was refused because somebody was faster can be applied again,
// to one or to all. batch_panel.js shows it.
// Relies on: desk/act, desk/batch_panel, desk/outcome, desk/send, desk/sure, desk/undo, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const batch = (gc.batch = {});
  const CHUNK = 50; // the engine decides so many well within the time that a request waits, and progress is seen to move
  const KINDS = ["refused", "unconfirmed", "waiting", "accepted"];
  let run = null; // {commands, results: Map(id -> Pair), stopped, running}

  /**
   * What is given at once has one name, by which the server undoes it as one.
   * @param {Command[]} commands
   * @param {boolean} [sure]  it was asked already
   * @returns {Promise<Pair[]>} when all is sent, or when it is stopped
   */
  batch.run = async function (commands, sure = false) {
    if (batch.running()) return gc.toast({ kind: "unsure", title: gc.word("batch.busy") });
    if (!sure && gc.sure.needed(commands) && !(await gc.sure.ask(commands))) return [];
    const name = gc.uuid7();
    const named = commands.map((c) => ({ ...c, data: { ...c.data, batch: name } }));
    run = { commands: named, results: new Map(), stopped: false, running: true };
    await go(named);
    return [...run.results.values()];
  };
  async function go(commands) {
    Object.assign(run, { stopped: false, running: true });
    gc.batchPanel.open();
    for (let i = 0; i < commands.length && !run.stopped; i += CHUNK) {
      if (gc.act.stale()) break; // no command over a dead feed; what is left stays waiting
      for (const pair of await gc.send.ask(commands.slice(i, i + CHUNK))) run.results.set(pair[0].id, pair);
      gc.batchPanel.paint();
    }
    run.running = false;
    await gc.undo.read(); // now it may be undone as one
    gc.batchPanel.paint();
  }
  batch.stop = () => (run.stopped = true);
  batch.goOn = () => go(batch.of("waiting"));
  /**
   * The same cases, with the commands that take the place of these.
   * @param {Pair[]} pairs
   */
  batch.renew = async function (pairs) {
    const renewed = new Map(pairs.map(([command, result]) => [command.id, gc.outcome.again(command, result) || command]));
    for (const id of renewed.keys()) run.results.delete(id);
    run.commands = run.commands.map((c) => renewed.get(c.id) || c);
    await go([...renewed.values()]);
  };

  // ---- what the panel shows
  batch.KINDS = KINDS;
  batch.running = () => !!run?.running;
  batch.commands = () => run.commands;
  /** @returns {?Pair} null while it waits */
  batch.pair = (command) => run.results.get(command.id) || null;
  const kindOf = (command) => batch.pair(command)?.[1].status || "waiting";
  /** @returns {Command[]} those of this kind, in the order in which they were chosen */
  batch.of = (kind) => run.commands.filter((c) => kindOf(c) === kind);
  batch.pairs = (kind) => batch.of(kind).map(batch.pair);
  batch.conflicts = () => batch.pairs("refused").filter(([c, r]) => gc.outcome.again(c, r));
})();
