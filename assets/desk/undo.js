// Undo: what this account did in the last five minutes, as the server keeps it: a reload, another tab and another browser have the same
// stack. Z means what was done last, which the bar names (undo_bar.js), and never silently another one. The engine decides.
// Relies on: desk/act, desk/batch, desk/send, live/clock, live/live, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const undo = (gc.undo = {});
  const PATH = "/api/v1/me/undo";
  const ANSWER_MS = 8000;
  const SOON_MS = 300; // frames come in bursts
  const AGAIN_MS = 15000; // another browser of the same account tells nothing of what it does
  let stack = []; // UndoEntry[], what was done last first
  let known = new Map(); // command id -> {entry, case, version}
  let told = null; // {entry, pos} of what was done last, as far as this person was told: what Z means
  let undoing = 0;
  let asked = 0; // readings, counted as they begin: an older answer changes nothing
  let taken = 0;
  let soon = 0;
  let lastAt = 0;
  let turn = Promise.resolve();

  undo.stack = () => stack;
  undo.told = () => told;
  const left = (entry) => entry.until - gc.now();
  // Ids are those of commands.
  undo.may = (id) => gc.act.may("undo") && known.has(id) && left(known.get(id).entry) > 0;
  undo.left = (entry) => gc.span(Math.max(0, left(entry))).slice(3).replace(/^0/, "");
  undo.label = (id) => (undo.may(id) ? gc.word(known.get(id).entry === stack[0] ? "undo.left" : "undo.left.other", { t: undo.left(known.get(id).entry) }) : null);
  // What it was, and on which case: an id alone tells nobody anything.
  undo.what = function (entry) {
    const n = entry.commands.length;
    const which = n > 1 ? [gc.word("dialog.cases", { n: gc.number(n) })] : [gc.category(entry.category), gc.place(entry.grid, true)];
    return [gc.word("action." + entry.verb), ...which].join(" · ");
  };

  /**
   * What was just done here is what Z means, also where somebody was faster to act on it than the stack to be read.
   * @param {Pair[]} pairs
   */
  undo.did = function (pairs) {
    for (const [{ id, data, type }, { status, pos }] of pairs)
      if (status === "accepted" && type !== "command.undo" && pos > (told?.pos ?? 0)) told = { entry: data.batch || id, pos };
  };
  /** @returns {Promise<boolean>} whether the server has told */
  undo.read = async function () {
    if (!gc.session || !gc.act.may("undo")) return false;
    const mine = ++asked;
    lastAt = Date.now();
    const found = await fetched();
    if (found && mine > taken) {
      taken = mine;
      take(found.items);
    }
    return !!found;
  };
  async function fetched() {
    try {
      const answer = await fetch(PATH, { signal: AbortSignal.timeout(ANSWER_MS) });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // who presses Z is told
    }
  }
  function take(items) {
    stack = items;
    known = new Map(items.flatMap((entry) => entry.commands.map((one) => [one.command, { ...one, entry }])));
    // Z follows what this person does, here or elsewhere. Where somebody else has come in the way of the last one, it does not go over
    // to the one before it until that is said.
    const [top] = stack;
    if (!top || !told || undoing || top.pos > told.pos || top.entry === told.entry) told = top || null;
    paint();
  }
  function expire() {
    const over = stack.filter((entry) => left(entry) <= 0);
    if (!over.length) return;
    take(stack.filter((entry) => left(entry) > 0));
    if (over.some((entry) => entry.commands.length > 1)) later(); // what was sent last of a batch has a little longer
  }
  const paint = () => document.dispatchEvent(new CustomEvent("gc:undo"));
  function later() {
    clearTimeout(soon);
    soon = setTimeout(undo.read, SOON_MS);
  }

  /** @param {Command[]} commands */
  async function send(commands) {
    if (gc.act.stale() || !commands.length) return gc.toast({ kind: "unsure", title: gc.word(gc.act.stale() ? "barred.stale" : "undo.none") });
    undoing++;
    try {
      await (commands.length === 1 ? gc.send.commands(commands) : gc.batch.run(commands));
    } finally {
      undoing--;
    }
  }
  const command = (one) => gc.send.command("undo", one, { command: one.command });
  /** @param {string[]} ids of commands, whatever has been done since */
  undo.go = (ids) => send(ids.filter(undo.may).map((id) => command(known.get(id))));
  // What the open case offers (layouts/case.py): a chief sees what others did, too.
  undo.one = (one) => send([command(one)]);
  /** @param {string} name of an entry */
  undo.entry = (name) => send((stack.find((entry) => entry.entry === name)?.commands || []).map(command));
  undo.key = () => (turn = turn.then(last, last));
  async function last() {
    if (!gc.act.may("undo")) return;
    if (gc.batch.running()) return gc.toast({ kind: "unsure", title: gc.word("batch.busy") });
    if (await gc.send.settled()) await undo.read(); // a command that is still on its way is what was done last
    const meant = told?.entry;
    if (!(await undo.read())) return gc.toast({ kind: "unsure", title: gc.word("undo.unread") });
    const [top] = stack;
    if (!top || top.entry === meant) return undo.entry(meant);
    told = top;
    paint();
    return gc.toast({ kind: "unsure", title: gc.word("undo.moved"), detail: gc.word("undo.moved.then", { what: undo.what(top) }) });
  }

  const touched = (frame) => {
    const at = new Map((frame.cases?.case || []).map((id, i) => [id, frame.cases.version[i]]));
    const gone = new Set(frame.gone || []);
    return [...known.values()].some((one) => at.get(one.case) > one.version || gone.has(one.case));
  };
  document.addEventListener("gc:frame", (e) => known.size && touched(e.detail) && later());
  document.addEventListener("gc:start", undo.read);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && undo.read());
  document.addEventListener("gc:second", () => {
    expire();
    if (Date.now() - lastAt >= AGAIN_MS && document.visibilityState !== "hidden") undo.read();
  });
})();
