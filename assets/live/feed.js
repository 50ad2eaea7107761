// How old the data is and why, said in one place: documentElement.dataset.gcFeed = wait | live | late | stale, and gcCause = the first
// cause that the server names (dashboard/live/health.py), if any.
// Age = the age that the last frame stated + the time since it came. A silent socket and a silent source look the same: stale.
// Relies on: live/clock, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  // ms. The city's FEED_LIMIT_SECONDS comes with the session, so that /readyz and the screen call the same feed dead;
  // the journeys shorten both in a page that is open.
  const limits = (gc.feedLimits = { late: 5000, stale: 30000 });
  const UNKNOWN_MS = 3000; // a worker that has just started hears the engine within a second or two; then unknown is stale
  const CAUSE_MS = 2000; // what is over sooner need not move the page
  const root = document.documentElement;
  const opened = performance.now();
  let heard = null; // monotonic time of the last frame that stated an age
  let stated = 0;
  let unknown = null; // since when frames say that nobody knows the age
  let connected = false;
  let causes = [];
  let causeAt = 0;
  root.dataset.gcFeed = "wait";

  /**
   * @param {?number} ageMs  null where the server does not know
   * @param {{why: string, values: Object}[]} [away]  what keeps news away, the first cause first
   */
  gc.feedHeard = function (ageMs, away) {
    const now = performance.now();
    if (ageMs == null) unknown = unknown ?? now;
    else [heard, stated, unknown] = [now, ageMs, null];
    const before = causes;
    causes = away || [];
    if (causes[0]?.why !== before[0]?.why) causeAt = now;
    judge();
  };
  gc.feedSocket = (is) => (connected = is);
  gc.feedAge = () => (heard == null ? performance.now() - opened : stated + performance.now() - heard);
  const nobodyKnows = () => unknown != null && performance.now() - unknown >= UNKNOWN_MS;

  function judge() {
    const age = gc.feedAge();
    const state = age >= limits.stale || nobodyKnows() ? "stale" : heard == null ? "wait" : age >= limits.late ? "late" : "live";
    const lasts = state === "stale" || performance.now() - causeAt >= CAUSE_MS;
    // A clock that was set explains no silence.
    const cause = (connected && lasts && causes.find((c) => state !== "stale" || c.why !== "clock_moved")) || null;
    if (cause) root.dataset.gcCause = cause.why;
    else delete root.dataset.gcCause;
    if (root.dataset.gcFeed !== state) {
      root.dataset.gcFeed = state;
      document.dispatchEvent(new CustomEvent("gc:feed"));
      gc.tick();
    }
    paint(age, state, cause);
  }
  function set(name, text) {
    document.querySelectorAll(`[data-gc="${name}"]`).forEach((e) => e.textContent !== text && (e.textContent = text));
  }
  function paint(age, state, cause) {
    const seconds = age < 10000 ? (age / 1000).toFixed(1) : Math.floor(age / 1000);
    const blind = heard == null || nobodyKnows();
    set("age", blind && state === "stale" ? gc.word("feed.unknown") : gc.word("feed." + state, { s: seconds }));
    if (state !== "stale" && !cause) return;
    set("stale-age", blind ? gc.word("time.unknown") : gc.span(age));
    set("stale-why", why(state, cause, blind ? null : age));
  }

  // On the wall there are no actions that could be off, and little room.
  function why(state, cause, age) {
    const wall = root.dataset.page === "wall";
    if (cause) return said(cause, age, wall ? "feed.wall.cause." : "feed.cause.") + (state === "stale" && !wall ? gc.word("feed.off") : "");
    return gc.word(connected ? (wall ? "feed.wall.source" : "feed.why.source") : wall ? "feed.wall.socket" : "feed.why.socket");
  }
  // One cause in words. What it means depends on whether the picture is still a new one.
  const KEYS = {
    database: (_, fresh) => (fresh ? "database.fresh" : "database"),
    awaited: (v) => (v.until == null ? "awaited.open" : "awaited"),
    clock_moved: (v) => (v.ms < 0 ? "clock_back" : "clock_ahead"),
  };
  function said(cause, age, family) {
    const { ms = 0, sources = [], until } = cause.values;
    const key = family + (KEYS[cause.why] ? KEYS[cause.why](cause.values, age != null && age < limits.late) : cause.why);
    const at = age == null ? gc.word("time.unknown") : gc.timeOfDay(gc.now() - age);
    const values = { at, t: gc.span(ms), n: sources.length, sources: sources.join(gc.word("list.and")), until: until == null ? "" : gc.timeOfDay(until).slice(0, 5) };
    return gc.hasWord(key) ? gc.word(key, values) : cause.why;
  }
  // Words come from a later script: over a slow line it is not there yet.
  document.addEventListener("DOMContentLoaded", () => setInterval(judge, 500));
  document.addEventListener("gc:start", (e) => {
    if (e.detail.stale_ms) limits.stale = e.detail.stale_ms;
  });
})();
