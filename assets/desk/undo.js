// Undo: what was done here in the last five minutes may be undone while nobody has acted on it since. The engine decides; this file only
// keeps what can be asked for. It survives a reload, as the right to undo does.
// Relies on: desk/act, desk/batch, desk/desk, desk/send, live/clock, live/live, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const undo = (gc.undo = {});
  const KEY = "gc.undo";
  const done = new Map(JSON.parse(sessionStorage.getItem(KEY) || "[]")); // command id -> {verb, case, version, at}

  const left = (id) => (done.has(id) ? done.get(id).at + gc.session.undo_ms - gc.now() : 0);
  // Ids are those of the commands that were accepted.
  undo.may = (id) => gc.act.may("undo") && left(id) > 0;
  undo.label = (id) => (undo.may(id) ? gc.word("undo.left", { t: gc.span(left(id)).slice(3) }) : null);
  /** @param {Pair[]} pairs */
  undo.remember = function (pairs) {
    for (const [command, result] of pairs) {
      const verb = gc.send.verb(command);
      if (result.status !== "accepted") continue;
      if (verb === "undo") done.delete(command.data.command);
      else if (gc.act.table()[verb]?.undoable) done.set(command.id, { verb, case: command.case, version: command.expected_version + 1, at: gc.now() });
    }
    keep();
  };
  // What the open case says of itself: done before a reload, at another desk, or by somebody whose chief looks at it.
  function learn() {
    const d = document.querySelector(".gc-case")?.dataset;
    if (!d?.undo || done.has(d.undo)) return;
    done.set(d.undo, { verb: d.undoVerb, case: d.case, version: +d.version, at: +d.undoUntil - gc.session.undo_ms });
    keep();
  }
  document.addEventListener("gc:chosen", learn);
  function keep() {
    for (const id of [...done.keys()]) if (left(id) <= 0) done.delete(id);
    sessionStorage.setItem(KEY, JSON.stringify([...done].slice(-2000)));
    undo.paint();
  }
  // These were done as one batch (batch.js) and are undone as one.
  undo.together = function (name, ids) {
    for (const id of ids) if (done.has(id)) done.get(id).batch = name;
    keep();
  };
  // Z means the case one stands on; without one, or when nothing was done to it, what was done last. What was done to many at once
  // goes back as one, unless one stands on a single case of them.
  undo.meant = function () {
    const ids = [...done.keys()].filter(undo.may);
    if (!ids.length) return ids; // ten thousand chosen cases need not be looked through every second
    const chosen = new Set((gc.desk.chosen() || []).map((row) => row.case));
    const here = ids.findLast((id) => chosen.has(done.get(id).case));
    const last = here || ids.at(-1);
    const { batch } = done.get(last);
    return batch && !(here && chosen.size === 1) ? ids.filter((id) => done.get(id).batch === batch) : [last];
  };
  undo.command = (id) => gc.send.command("undo", done.get(id), { command: id });
  /** @param {string[]} ids */
  undo.go = function (ids) {
    const commands = ids.filter(undo.may).map(undo.command);
    if (gc.act.stale() || !commands.length) return gc.toast({ kind: "unsure", title: gc.word(gc.act.stale() ? "barred.stale" : "undo.none") });
    return commands.length === 1 ? gc.send.commands(commands) : gc.batch.run(commands);
  };
  undo.key = () => undo.go(undo.meant());
  undo.paint = function () {
    const button = document.querySelector(".gc-undo-last");
    if (!button) return;
    const ids = gc.session ? undo.meant() : [];
    button.hidden = !ids.length;
    if (!ids.length) return;
    const act = gc.word("action." + done.get(ids[0]).verb);
    const what = ids.length > 1 ? gc.word("batch.title", { act, n: gc.number(ids.length) }) : act;
    button.textContent = `${what} · ${undo.label(ids[0])}`;
  };
  document.addEventListener("gc:second", undo.paint);
  document.addEventListener("click", (e) => e.target.closest?.(".gc-undo-last") && undo.key());
})();
