// One command for many cases: sent fifty by fifty, with a way to stop; what was refused because somebody was faster can be applied again,
// to one or to all. batch_panel.js shows it.
// Relies on: desk/act, desk/batch_panel, desk/outcome, desk/send, desk/undo, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const batch = (gc.batch = {});
  const CHUNK = 50; // the engine decides so many well within the time that a request waits, and progress is seen to move
  const ASK_ABOVE = 2000;
  const KINDS = ["refused", "unconfirmed", "waiting", "accepted"];
  let run = null; // {commands, results: Map(id -> Pair), stopped, running}

  /**
   * @param {Command[]} commands
   * @returns {Promise<Pair[]>} when all is sent, or when it is stopped
   */
  batch.run = async function (commands) {
    if (run?.running) return gc.toast({ kind: "unsure", title: gc.word("batch.busy") });
    if (commands.length > ASK_ABOVE && !confirm(gc.word("batch.sure", { act: gc.outcome.act(commands[0]), n: gc.number(commands.length) }))) return [];
    run = { commands, results: new Map(), stopped: false, running: true };
    await go(commands);
    return [...run.results.values()];
  };
  async function go(commands) {
    Object.assign(run, { stopped: false, running: true });
    gc.batchPanel.open();
    for (let i = 0; i < commands.length && !run.stopped; i += CHUNK) {
      if (gc.act.stale()) break; // no command over a dead feed; what is left stays waiting
      for (const pair of await gc.send.ask(commands.slice(i, i + CHUNK))) run.results.set(pair[0].id, pair);
      gc.undo.together(run.commands[0].id, run.results.keys());
      gc.batchPanel.paint();
    }
    run.running = false;
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
  batch.running = () => run.running;
  batch.commands = () => run.commands;
  /** @returns {?Pair} null while it waits */
  batch.pair = (command) => run.results.get(command.id) || null;
  const kindOf = (command) => batch.pair(command)?.[1].status || "waiting";
  /** @returns {Command[]} those of this kind, in the order in which they were chosen */
  batch.of = (kind) => run.commands.filter((c) => kindOf(c) === kind);
  batch.pairs = (kind) => batch.of(kind).map(batch.pair);
  batch.conflicts = () => batch.pairs("refused").filter(([c, r]) => gc.outcome.again(c, r));
})();
