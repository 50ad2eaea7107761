// Alarms of the ladder: what makes itself heard. Only danger has a tone; it sounds until somebody acknowledges it, and can be muted
// for ten minutes. At most three (on a wall two) are shown, the newest first, and how many came in ten minutes: a flood must be seen as
// one. On a wall they take a strip below the map, which makes room: nothing that is read there is covered.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const SHOWN = { wall: 2, else: 3 };
  const WINDOW_MS = 10 * 60 * 1000;
  const MUTE_MS = 10 * 60 * 1000;
  const TONE_EVERY_MS = 6000;
  const alarms = new Map(); // case -> alarm, newest last
  let came = [];
  let muted = 0;
  let sounding = 0;
  let audio = null;

  document.addEventListener("gc:frame", (event) => {
    const frame = event.detail;
    if (frame.t === "alarm") heard(frame.alarm, frame.at);
    else if (alarms.size) forget(frame);
  });
  function heard(alarm, at) {
    alarms.delete(alarm.case);
    if (alarm.type !== "case.acknowledged") {
      alarms.set(alarm.case, { ...alarm, at });
      came.push(Date.now());
      if (alarm.severity === "danger") tone();
    }
    paint();
  }
  // A case that is closed needs no alarm any more; a snapshot says which are still open.
  function forget(frame) {
    const before = alarms.size;
    for (const id of frame.gone || []) alarms.delete(id);
    if (frame.t === "snapshot") for (const id of [...alarms.keys()]) if (!gc.model.rows.has(id)) alarms.delete(id);
    if (alarms.size !== before) paint();
  }

  function part(tag, name, text) {
    const e = document.createElement(tag);
    e.className = name;
    if (text) e.textContent = text;
    return e;
  }
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
    box.replaceChildren();
    box.hidden = !alarms.size;
    if (!alarms.size) return;
    const newest = [...alarms.values()].reverse();
    const shown = SHOWN[document.documentElement.dataset.page] || SHOWN.else;
    box.append(...newest.slice(0, shown).map(line), foot(newest.length - shown));
  }
  function line(alarm) {
    const row = part("div", `gc-alarm gc-alarm-${alarm.severity}`);
    const what = `${gc.category(alarm.category)} · ${alarm.grid ? gc.place(alarm.grid) : gc.unit(alarm.owner)}`;
    const why = [gc.word("event." + alarm.type), alarm.level !== "none" && gc.word("level." + alarm.level)].filter(Boolean).join(" · ");
    row.append(part("span", "gc-alarm-mark", "▼"), part("b", "gc-alarm-what", what), part("span", "gc-alarm-why", why));
    if (!may()) return row;
    const open = part("a", "gc-button", gc.word("alarm.open"));
    open.href = "/case/" + encodeURIComponent(alarm.case);
    const seen = part("button", "gc-button gc-primary", gc.word("alarm.acknowledge"));
    seen.onclick = () => acknowledge(alarm);
    row.append(open, seen);
    return row;
  }
  function foot(hidden) {
    const since = Date.now() - WINDOW_MS;
    came = came.filter((at) => at > since);
    const row = part("div", "gc-alarm-foot", gc.word("alarm.budget", { n: came.length }));
    if (hidden > 0) row.append(part("span", "gc-alarm-more", gc.word("alarm.more", { n: hidden })));
    const quiet = Date.now() < muted;
    const mute = part("button", "gc-button", gc.word(quiet ? "alarm.muted" : "alarm.mute"));
    mute.onclick = () => ((muted = quiet ? 0 : Date.now() + MUTE_MS), paint());
    row.append(mute);
    return row;
  }
  const may = () => Boolean(gc.session && gc.session.acknowledges);
  function acknowledge(alarm) {
    const row = gc.model.rows.get(alarm.case);
    if (!row) return void (alarms.delete(alarm.case), paint());
    gc.send.commands([{ id: gc.uuid7(), type: "command.acknowledge", case: alarm.case, expected_version: row.version, data: {} }]);
  }

  // One tone, again every six seconds until no danger is left unacknowledged. A browser that was never touched stays silent.
  function tone() {
    if (sounding) return;
    beep();
    sounding = setInterval(() => {
      if ([...alarms.values()].some((a) => a.severity === "danger")) return beep();
      clearInterval(sounding);
      sounding = 0;
    }, TONE_EVERY_MS);
  }
  function beep() {
    const touched = navigator.userActivation && navigator.userActivation.hasBeenActive;
    if (Date.now() < muted || !window.AudioContext || !touched) return;
    audio = audio || new AudioContext();
    const now = audio.currentTime;
    const [source, volume] = [audio.createOscillator(), audio.createGain()];
    source.frequency.value = 660;
    volume.gain.setValueAtTime(0.12, now);
    volume.gain.exponentialRampToValueAtTime(0.001, now + 0.5);
    source.connect(volume).connect(audio.destination);
    source.start(now);
    source.stop(now + 0.5);
  }
  document.addEventListener("gc:words", paint);
})();
