// Acknowledging alarms of many cases: it is asked first, cases without an alarm are left out, and how many these were is said.
// Relies on: desk/batch, desk/send, desk/sure, live/alarm, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  /**
   * @param {{id?: string, case: string, version: number}[]} targets
   */
  gc.acknowledge = async function (targets) {
    const waiting = gc.alarm.waiting();
    const commands = targets.filter((t) => waiting.has(t.case)).map((t) => gc.send.command("acknowledge", t, {}));
    const skipped = targets.length - commands.length;
    if (!commands.length) return gc.toast({ kind: "unsure", title: gc.word("barred.acknowledge") });
    if (targets.length > 1 && !(await gc.sure.ask(commands, skipped))) return;
    const pairs = await (commands.length > 1 ? gc.batch.run(commands, true) : gc.send.commands(commands));
    const none = (pairs || []).filter(([, r]) => r.why === "no_alarm").length + skipped; // the engine knows of alarms that ended meanwhile
    const done = (pairs || []).filter(([, r]) => r.status === "accepted").length;
    if (none && targets.length > 1) gc.toast({ kind: "ok", title: gc.word("acknowledge.skipped", { n: gc.number(done), m: gc.number(none) }) });
  };
})();
