// Alarms of the escalation steps: which of them nobody has acknowledged, and how many came lately. alarm_bar.js shows them, tone.js makes
// them heard; both listen to gc:alarm.
// Relies on: desk/send, live/model.
(function () {
  "use strict";
  const { gc } = window;
  const alarm = (gc.alarm = {});
  const WINDOW_MS = 10 * 60 * 1000;
  const MUTE_MS = 10 * 60 * 1000;
  const unread = new Map(); // case -> Alarm with its instant, newest last
  let came = []; // instants of the last ten minutes
  let muted = 0; // until then

  /** @returns {Alarm[]} newest first */
  alarm.unread = () => [...unread.values()].reverse();
  alarm.danger = () => [...unread.values()].some((a) => a.severity === "danger");
  alarm.muted = () => Date.now() < muted;
  // How many came in ten minutes: a flood must be seen as one.
  alarm.lately = function () {
    came = came.filter((at) => at > Date.now() - WINDOW_MS);
    return came.length;
  };
  alarm.mute = function () {
    muted = alarm.muted() ? 0 : Date.now() + MUTE_MS;
    changed();
  };
  /** @param {Alarm} one */
  alarm.acknowledge = function (one) {
    const row = gc.model.rows.get(one.case);
    if (row) return gc.send.commands([gc.send.command("acknowledge", row, {})]);
    unread.delete(one.case); // closed meanwhile
    changed();
  };

  const changed = () => document.dispatchEvent(new CustomEvent("gc:alarm"));
  document.addEventListener("gc:frame", ({ detail: frame }) => {
    if (frame.t === "alarm") heard(frame.alarm, frame.at);
    else if (unread.size) forget(frame);
  });
  function heard(one, at) {
    unread.delete(one.case);
    if (one.type !== "case.acknowledged") {
      unread.set(one.case, { ...one, at });
      came.push(Date.now());
    }
    changed();
  }
  // A case that is closed needs no alarm any more; a snapshot says which are still open.
  function forget(frame) {
    const before = unread.size;
    for (const id of frame.gone || []) unread.delete(id);
    if (frame.t === "snapshot") for (const id of unread.keys()) if (!gc.model.rows.has(id)) unread.delete(id);
    if (unread.size !== before) changed();
  }
})();
