// The bar of alarms: at most three (on a wall two), the newest first, and how many came in ten minutes. On a wall they take a strip
// below the map, which makes room: nothing that is read there is covered.
// Relies on: live/alarm, live/live, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const { part } = gc;
  const SHOWN = { wall: 2, else: 3 };

  function bar() {
    let box = document.getElementById("gc-alarms");
    if (!box) {
      box = part("section", "gc-alarms");
      box.id = "gc-alarms";
      box.setAttribute("role", "alert");
    }
    const home = document.querySelector(".gc-wall-map") || document.body;
    if (box.parentNode !== home) home.append(box);
    return box;
  }
  function paint() {
    const box = bar();
    const newest = gc.alarm.unread();
    box.replaceChildren();
    box.hidden = !newest.length;
    if (!newest.length) return;
    const shown = SHOWN[document.documentElement.dataset.page] || SHOWN.else;
    box.append(...newest.slice(0, shown).map(line), foot(newest.length - shown));
  }
  function line(alarm) {
    const row = part("div", `gc-alarm gc-alarm-${alarm.severity}`);
    const what = `${gc.category(alarm.category)} · ${alarm.grid ? gc.place(alarm.grid) : gc.unit(alarm.owner)}`;
    const why = [gc.word("event." + alarm.type), alarm.level !== "none" && gc.word("level." + alarm.level)].filter(Boolean).join(" · ");
    row.append(part("span", "gc-alarm-mark", "▼"), part("b", "gc-alarm-what", what), part("span", "gc-alarm-why", why));
    if (!gc.session?.acts?.acknowledge) return row;
    const open = part("a", "gc-button", gc.word("alarm.open"));
    open.href = "/case/" + encodeURIComponent(alarm.case);
    const seen = part("button", "gc-button gc-primary", gc.word("alarm.acknowledge"));
    seen.onclick = () => gc.alarm.acknowledge(alarm);
    row.append(open, seen);
    return row;
  }
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
