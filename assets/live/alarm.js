// Alarms as the server keeps them: which of them are for whoever sits here, what became of those that they raised themselves, and how many
// came lately. Every frame that has alarms has all of the scope. alarm_bar.js shows them, tone.js makes them heard; both listen to gc:alarm.
// Relies on: desk/acknowledge, live/clock, live/live, live/model.
(function () {
  "use strict";
  const { gc } = window;
  const alarm = (gc.alarm = {});
  const WINDOW_MS = 10 * 60 * 1000;
  const MUTE_MS = 10 * 60 * 1000;
  const RANK = { none: 0, unit_head: 1, duty_chief: 2, commander: 3 };
  let all = []; // Alarm[], oldest first
  let told = "[]";
  let muted = 0; // until then

  const own = (a) => !!a.by && a.by === gc.session?.mark;
  // Who may acknowledge sees what that would reach; a wall sees all.
  const reached = (a) => !gc.session?.acts?.acknowledge || RANK[a.level] <= RANK[gc.session.reach];
  const isNew = (a) => a.kind === "new_danger" || (a.kind === "flood" && a.severity === "danger");
  const open = () => all.filter((a) => !a.acknowledged && !own(a) && reached(a));

  /** @returns {Alarm[]} new dangers before all else, newest first; of several alarms of one case one, for one acknowledgement answers them all */
  alarm.unread = function () {
    const byCase = new Map();
    for (const a of open()) {
      const known = byCase.get(a.case);
      byCase.delete(a.case);
      byCase.set(a.case, known ? higher(known, a) : a);
    }
    const newest = [...byCase.values()].reverse();
    return [...newest.filter(isNew), ...newest.filter((a) => !isNew(a))];
  };
  function higher(known, a) {
    const level = RANK[a.level] > RANK[known.level] ? a.level : known.level;
    return { ...(isNew(known) || level !== a.level ? known : a), level };
  }
  const old = (a) => a.acknowledged && a.acknowledged.at < gc.now() - WINDOW_MS;
  /** @returns {Alarm[]} what whoever sits here has escalated, until a while after somebody has read it; newest first */
  alarm.raised = () => all.filter((a) => own(a) && !old(a)).reverse();
  /** @returns {Set<string>} cases that are a new danger, newest first */
  alarm.dangers = () => new Set(open().reverse().filter(isNew).flatMap((a) => [a.case, ...a.cases]));
  /** @returns {Set<string>} cases with an alarm that an acknowledgement from here would answer */
  alarm.waiting = () => new Set(open().flatMap((a) => [a.case, ...a.cases]));
  // New dangers only make themselves heard: what was late already was heard before.
  alarm.danger = () => open().some(isNew);
  alarm.muted = () => Date.now() < muted;
  // How many came in ten minutes: a flood must be seen as one.
  alarm.lately = () => all.filter((a) => a.at > gc.now() - WINDOW_MS).reduce((n, a) => n + a.n, 0);
  alarm.mute = function () {
    muted = alarm.muted() ? 0 : Date.now() + MUTE_MS;
    changed();
  };
  /** @param {Alarm} one */
  alarm.acknowledge = function (one) {
    const rows = (one.kind === "flood" ? one.cases : [one.case]).map((id) => gc.model.rows.get(id)).filter(Boolean);
    return gc.acknowledge(rows);
  };

  const changed = () => document.dispatchEvent(new CustomEvent("gc:alarm"));
  document.addEventListener("gc:frame", ({ detail: frame }) => {
    const now = frame.alarms && JSON.stringify(frame.alarms);
    if (!now || now === told) return;
    [told, all] = [now, frame.alarms];
    changed();
  });
  document.addEventListener("gc:start", changed); // another page: other eyes
})();
