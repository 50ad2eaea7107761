// The server's time in the browser, and everything on the screen that counts down.
// Deadlines are instants; a timer only paints the text of elements that are mounted. Over a dead feed it says unknown.
// Relies on: shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const GLYPH = { red: "▼", amber: "◐", green: "○", paused: "Ⅱ", none: "–", unknown: "?" };
  const samples = []; // {rtt, offset} of the last pings
  let offset = 0;
  let zone = "Asia/Shanghai";
  let format = null;

  // Best of five: the ping that came back fastest says most about the offset.
  gc.takePing = function (sent, received, server) {
    samples.push({ rtt: received - sent, offset: server - (sent + received) / 2 });
    if (samples.length > 5) samples.shift();
    offset = samples.reduce((a, b) => (b.rtt < a.rtt ? b : a)).offset;
  };
  // Before the first pong the time in a frame must do: it is late by one way of the journey.
  gc.takeServerTime = (at) => {
    if (!samples.length) offset = at - Date.now();
  };
  // The server's time, ms.
  gc.now = () => Date.now() + offset;
  gc.setZone = (z) => {
    zone = z;
    format = null;
  };
  gc.timeOfDay = function (at) {
    format = format || new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" });
    return format.format(at);
  };

  // "2026-11-22T09:00" of an instant in the city's zone, and back: what a person writes means the city's time, wherever the browser is.
  gc.zoneText = (at) => new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at).replace(" ", "T");
  gc.zoneInstant = function (text) {
    const asUtc = Date.parse(text + "Z");
    const off = (at) => Date.parse(gc.zoneText(at) + "Z") - Math.floor(at / 60000) * 60000;
    return asUtc - off(asUtc - off(asUtc)); // twice: the offset may change between the two
  };

  const two = (n) => String(n).padStart(2, "0");
  gc.span = function (ms) {
    const s = Math.floor(Math.abs(ms) / 1000);
    const d = Math.floor(s / 86400);
    const h = Math.floor((s % 86400) / 3600);
    const m = Math.floor((s % 3600) / 60);
    if (d) return gc.word("time.days", { d: d, t: `${h}:${two(m)}` });
    return `${two(h)}:${two(m)}:${two(s % 60)}`;
  };
  gc.remaining = function (light, due, now) {
    if (light === "none" || light === "paused") return gc.word("time." + light);
    return gc.word(due <= now ? "time.over" : "time.left", { t: gc.span(due - now) });
  };

  // The limit is five times what lies between amber (80%) and due; the bar shows how much of it is used.
  function used(amber, due, now) {
    const limit = (due - amber) * 5;
    return limit > 0 ? Math.min(1, Math.max(0, 1 - (due - now) / limit)) : 1;
  }

  gc.paintRemain = function (e, now) {
    const due = e.dataset.due ? +e.dataset.due : null;
    const amber = e.dataset.amber ? +e.dataset.amber : null;
    const dead = document.documentElement.dataset.gcFeed === "stale";
    const light = dead && due != null ? "unknown" : window.gcLightAt(e.dataset.light, amber, due, now);
    const text = GLYPH[light] + " " + (light === "unknown" ? gc.word("time.unknown") : gc.remaining(light, due, now));
    if (e.textContent !== text) e.textContent = text;
    if (e.dataset.shown !== light) e.dataset.shown = light;
    if (due != null && amber != null && light !== "unknown") e.style.setProperty("--used", used(amber, due, now).toFixed(3));
  };

  /**
   * @param {HTMLElement} e
   * @param {{light: string, amber: ?number, due: ?number}} row
   * @param {number} now
   */
  gc.setRemain = function (e, row, now) {
    e.dataset.light = row.light;
    for (const name of ["due", "amber"]) {
      if (row[name] == null) delete e.dataset[name];
      else e.dataset[name] = row[name];
    }
    gc.paintRemain(e, now);
  };

  gc.paintRemains = function () {
    const now = gc.now();
    document.querySelectorAll(".gc-remain").forEach((e) => gc.paintRemain(e, now));
  };
  gc.tick = function () {
    const now = gc.now();
    gc.paintRemains();
    const dead = document.documentElement.dataset.gcFeed === "stale";
    document.querySelectorAll('[data-gc="clock"]').forEach((e) => (e.textContent = dead ? gc.word("time.unknown") : gc.timeOfDay(now)));
    document.dispatchEvent(new CustomEvent("gc:second"));
  };
  setInterval(gc.tick, 1000);
  document.addEventListener("gc:words", () => gc.tick());
})();
