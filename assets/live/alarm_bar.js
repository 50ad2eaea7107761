// The bar of alarms: at most three (on a wall and at a desk two), the newest first, what became of one's own, and how many came in ten minutes. It has a
// strip of its own, below the map of a wall, below the map and the open case of the desk, below any other page, which makes room: it covers
// nothing, and what is above it does not move.
// Relies on: live/alarm, live/clock, live/live, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const { part } = gc;
  const SHOWN = { wall: 2, desk: 2, else: 3 };
  let painted = 0; // of one's own

  function bar() {
    let box = document.getElementById("gc-alarms");
    if (!box) {
      box = part("section", "gc-alarms");
      box.id = "gc-alarms";
      box.setAttribute("role", "alert");
    }
    const home = document.querySelector(".gc-wall-map, .gc-side, .gc-shell:not(:has(.gc-wall-map, .gc-side))");
    if (box.parentNode !== home) home.append(box);
    return box;
  }
  function paint() {
    const box = bar();
    const newest = gc.alarm.unread();
    const raised = gc.alarm.raised().slice(0, SHOWN.desk);
    painted = raised.length;
    box.replaceChildren();
    box.hidden = !newest.length && !raised.length;
    if (box.hidden) return;
    const shown = SHOWN[document.documentElement.dataset.page] || SHOWN.else;
    box.append(...newest.slice(0, shown).map(line), ...raised.map(own), foot(newest.length - shown));
    paintUnread();
  }
  function named(row, alarm) {
    row.dataset.case = alarm.case;
    return row;
  }
  const lies = (alarm) => (alarm.grid ? gc.place(alarm.grid) : gc.unit(alarm.unit));
  // A flood of several categories in several units names neither.
  const what = (alarm) => [alarm.category && gc.category(alarm.category), (alarm.grid || alarm.unit) && lies(alarm)].filter(Boolean).join(" · ") || gc.word("alarm.several");
  function why(alarm) {
    if (alarm.kind === "flood") return gc.word("alarm.kind.flood", { n: gc.number(alarm.n) });
    return [gc.word("alarm.kind." + alarm.kind), alarm.level !== "none" && gc.word("level." + alarm.level)].filter(Boolean).join(" · ");
  }
  function link(alarm) {
    const open = part("a", "gc-button", gc.word("alarm.open"));
    open.href = alarm.kind === "flood" ? "/desk?severity=" + alarm.severity : "/case/" + encodeURIComponent(alarm.case);
    return open;
  }
  function line(alarm) {
    const row = named(part("div", `gc-alarm gc-alarm-${alarm.severity}`), alarm);
    row.append(part("span", "gc-alarm-mark", "▼"), part("b", "gc-alarm-what", what(alarm)), part("span", "gc-alarm-why", why(alarm)));
    if (!gc.session?.acts?.acknowledge) return row;
    const seen = part("button", "gc-button gc-primary", gc.word("alarm.acknowledge"));
    seen.onclick = () => gc.alarm.acknowledge(alarm);
    row.append(link(alarm), seen);
    return row;
  }
  // One's own escalation: whether the person whom it names has read it.
  function own(alarm) {
    const row = named(part("div", "gc-alarm gc-alarm-own"), alarm);
    const { acknowledged: read } = alarm;
    const state = read ? part("span", "gc-alarm-why", gc.word("alarm.read", { who: read.by, at: gc.timeOfDay(read.at).slice(0, 5) })) : part("span", "gc-alarm-why");
    if (!read) state.dataset.unread = alarm.at;
    row.append(part("span", "gc-alarm-mark", read ? "○" : "◐"), part("b", "gc-alarm-what", `${what(alarm)} · ${why(alarm)}`), state, link(alarm));
    return row;
  }
  // "Nobody has read it for 3 min", here and on the case (layouts/case.py).
  function paintUnread() {
    document.querySelectorAll("[data-unread]").forEach((e) => {
      const text = gc.word("alarm.unread", { n: Math.max(0, Math.floor((gc.now() - e.dataset.unread) / 60000)) });
      if (e.textContent !== text) e.textContent = text;
    });
  }
  document.addEventListener("gc:second", () => (Math.min(SHOWN.desk, gc.alarm.raised().length) === painted ? paintUnread() : paint()));
  function foot(hidden) {
    const row = part("div", "gc-alarm-foot", gc.word("alarm.budget", { n: gc.alarm.lately() }));
    if (hidden > 0) row.append(part("span", "gc-alarm-more", gc.word("alarm.more", { n: hidden })));
    const mute = part("button", "gc-button", gc.word(gc.alarm.muted() ? "alarm.muted" : "alarm.mute"));
    mute.onclick = gc.alarm.mute;
    row.append(mute);
    return row;
  }
  for (const name of ["gc:alarm", "gc:words"]) document.addEventListener(name, paint);
})();
