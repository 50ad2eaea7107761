// A wish is seen at once, marked as one: hatched and "pending" until its event comes back. It never looks like a fact, and goes
// when it is refused.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const pending = (gc.pending = {});
  const UNSURE_MS = 60000;
  const BACK_MS = 3000; // an event that comes later than this shows itself, but nobody need wait for it
  const wishes = new Map(); // case -> {id, verb, to, version, command}

  pending.of = (id) => wishes.get(id) || null;
  pending.mark = function (commands) {
    for (const command of commands) {
      if (gc.send.verb(command) === "acknowledge") continue; // nothing of the case changes on the screen
      wishes.set(command.case, { id: command.id, verb: gc.send.verb(command), to: command.data.to, version: command.expected_version, command });
      gc.rows.patch(command.case, { wish: wishes.get(command.case) });
    }
    paint();
  };
  pending.settle = function (pairs) {
    for (const [command, { status }] of pairs) {
      if (status === "refused") forget(command.case, command.id);
      else setTimeout(() => forget(command.case, command.id), status === "accepted" ? BACK_MS : UNSURE_MS);
    }
  };
  function forget(id, command) {
    if (!wishes.has(id) || (command && wishes.get(id).id !== command)) return;
    wishes.delete(id);
    gc.rows.patch(id, { wish: null });
    paint();
    gc.act.paint();
  }
  // Its own event, or somebody else's that was faster: either way the row shows facts again.
  document.addEventListener("gc:frame", (e) => {
    const { cases, gone } = e.detail;
    if (!wishes.size) return;
    cases?.case.forEach((id, i) => wishes.has(id) && cases.version[i] > wishes.get(id).version && forget(id));
    gone?.forEach((id) => forget(id));
  });

  pending.text = (wish) => gc.word("pending", { act: gc.word("action." + wish.verb) });
  function paint() {
    const line = document.querySelector(".gc-strip-pending");
    if (!line) return;
    const wish = wishes.get(gc.case.id());
    const what = wish && gc.outcome.wish(wish.command);
    line.hidden = !wish;
    line.textContent = wish ? pending.text(wish) + (what ? " → " + what : "") : "";
  }
  for (const name of ["gc:chosen", "gc:words"]) document.addEventListener(name, paint);
})();
