// Pending commands: what somebody has just asked for is seen at once, hatched and marked "pending" until its event comes back. It never
// looks like a fact, and goes when the command is refused.
// Relies on: desk/act, desk/case, desk/outcome, desk/rows, desk/send, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const pending = (gc.pending = {});
  const UNSURE_MS = 60000;
  const BACK_MS = 3000; // an event that comes later than this shows itself, but nobody need wait for it
  const sent = new Map(); // case -> Sent

  /**
   * @typedef {{id: string, verb: string, to: ?string, version: number, command: Command}} Sent
   * @param {string} id of a case
   * @returns {?Sent}
   */
  pending.of = (id) => sent.get(id) || null;
  /** @param {Command[]} commands */
  pending.mark = function (commands) {
    for (const command of commands) {
      if (!gc.act.table()[gc.send.verb(command)]?.visible) continue; // nothing of the case will change on the screen
      const one = { id: command.id, verb: gc.send.verb(command), to: command.data.to, version: command.expected_version, command };
      sent.set(command.case, one);
      gc.rows.patch(command.case, { sent: one });
    }
    paint();
  };
  /** @param {Pair[]} pairs */
  pending.settle = function (pairs) {
    for (const [command, { status }] of pairs) {
      if (status === "refused") forget(command.case, command.id);
      else setTimeout(() => forget(command.case, command.id), status === "accepted" ? BACK_MS : UNSURE_MS);
    }
  };
  // `command`: only if this is still the one; a newer one of the same case stays.
  function forget(id, command) {
    if (!sent.has(id) || (command && sent.get(id).id !== command)) return;
    sent.delete(id);
    gc.rows.patch(id, { sent: null });
    paint();
    gc.act.paint();
  }
  // Its own event, or somebody else's that was faster: either way the row shows facts again.
  document.addEventListener("gc:frame", (e) => {
    const { cases, gone } = e.detail;
    if (!sent.size) return;
    cases?.case.forEach((id, i) => sent.has(id) && cases.version[i] > sent.get(id).version && forget(id));
    gone?.forEach((id) => forget(id));
  });

  /** @param {Sent} one */
  pending.text = (one) => gc.word("pending", { act: gc.word("action." + one.verb) });
  function paint() {
    const line = document.querySelector(".gc-strip-pending");
    if (!line) return;
    const one = sent.get(gc.case.id());
    const choice = one && gc.outcome.choice(one.command);
    line.hidden = !one;
    line.textContent = one ? pending.text(one) + (choice ? " → " + choice : "") : "";
  }
  for (const name of ["gc:chosen", "gc:words"]) document.addEventListener(name, paint);
})();
