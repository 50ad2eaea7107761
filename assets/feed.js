// How old the data is and why, said in one place: documentElement.dataset.gcFeed = wait | live | late | stale, and gcCause = the first
// cause that the server names (dashboard/live/health.py), if any.
// Age = the age that the last frame stated + the time since it came. A silent socket and a silent source look the same: stale.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
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

  gc.feedHeard = function (ageMs, away) {
    const now = performance.now();
    if (ageMs == null) unknown = unknown ?? now;
    else [heard, stated, unknown] = [now, ageMs, null];
    if ((away || [])[0]?.why !== causes[0]?.why) causeAt = now;
    causes = away || [];
    judge();
  };
  gc.feedSocket = (is) => (connected = is);
  gc.feedAge = () => (heard == null ? performance.now() - opened : stated + performance.now() - heard);
  const nobodyKnows = () => unknown != null && performance.now() - unknown >= UNKNOWN_MS;

  function judge() {
    const age = gc.feedAge();
    const state = age >= limits.stale || nobodyKnows() ? "stale" : heard == null ? "wait" : age >= limits.late ? "late" : "live";
    const cause = connected && causes.length && performance.now() - causeAt >= CAUSE_MS ? causes[0].why : "";
    if (cause) root.dataset.gcCause = cause;
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
    set("stale-why", why(state, state === "stale" && connected && causes.length ? causes[0].why : cause, blind ? null : age));
  }

  // On the wall there are no actions that could be off, and little room.
  function why(state, cause, age) {
    const wall = root.dataset.page === "wall";
    if (state !== "stale") return said(causes[0], age);
    if (cause) return said(causes[0], age) + (wall ? "" : gc.word("feed.off"));
    return gc.word(connected ? (wall ? "feed.wall.source" : "feed.why.source") : wall ? "feed.wall.socket" : "feed.why.socket");
  }
  // One cause in words. What it means depends on whether the picture is still a new one.
  const KEYS = {
    database: (v, fresh) => (fresh ? "feed.cause.database.fresh" : "feed.cause.database"),
    awaited: (v) => (v.until == null ? "feed.cause.awaited.open" : "feed.cause.awaited"),
    clock_moved: (v) => (v.ms < 0 ? "feed.cause.clock.back" : "feed.cause.clock.ahead"),
  };
  function said(cause, age) {
    const values = cause.values || {};
    const key = KEYS[cause.why] ? KEYS[cause.why](values, age != null && age < limits.late) : "feed.cause." + cause.why;
    const at = age == null ? gc.word("time.unknown") : gc.timeOfDay(gc.now() - age);
    const until = values.until == null ? "" : gc.zoneText(values.until).slice(11);
    return gc.hasWord(key) ? gc.word(key, { ...values, at, until, t: gc.span(values.ms || 0), sources: (values.sources || []).join(gc.word("list.and")) }) : cause.why;
  }
  setInterval(judge, 500);
  document.addEventListener("gc:start", (e) => {
    if (e.detail.stale_ms) limits.stale = e.detail.stale_ms;
  });
})();
