// How old the data is, said in one place: documentElement.dataset.gcFeed = wait | live | late | stale.
// Age = the age that the last frame stated + the time since it came. A silent socket and a silent source look the same: stale.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  // ms. The city's FEED_LIMIT_SECONDS comes with the session, so that /readyz and the screen call the same feed dead;
  // the journeys shorten both in a page that is open.
  const limits = (gc.feedLimits = { late: 5000, stale: 30000 });
  const root = document.documentElement;
  const opened = performance.now();
  let heard = null; // monotonic time of the last frame
  let stated = 0;
  let connected = false;
  root.dataset.gcFeed = "wait";

  gc.feedHeard = function (ageMs) {
    heard = performance.now();
    stated = ageMs || 0;
    judge();
  };
  gc.feedSocket = (is) => (connected = is);
  gc.feedAge = () => (heard == null ? performance.now() - opened : stated + performance.now() - heard);

  function judge() {
    const age = gc.feedAge();
    const state = age >= limits.stale ? "stale" : heard == null ? "wait" : age >= limits.late ? "late" : "live";
    if (root.dataset.gcFeed !== state) {
      root.dataset.gcFeed = state;
      document.dispatchEvent(new CustomEvent("gc:feed"));
      gc.tick();
    }
    paint(age, state);
  }
  function set(name, text) {
    document.querySelectorAll(`[data-gc="${name}"]`).forEach((e) => e.textContent !== text && (e.textContent = text));
  }
  function paint(age, state) {
    const seconds = age < 10000 ? (age / 1000).toFixed(1) : Math.floor(age / 1000);
    set("age", gc.word("feed." + state, { s: seconds }));
    if (state !== "stale") return;
    set("stale-age", gc.span(age));
    const wall = root.dataset.page === "wall"; // it has no actions that could be off, and little room
    set("stale-why", gc.word(connected ? (wall ? "feed.wall.source" : "feed.why.source") : wall ? "feed.wall.socket" : "feed.why.socket"));
  }
  setInterval(judge, 500);
  document.addEventListener("gc:start", (e) => {
    if (e.detail.stale_ms) limits.stale = e.detail.stale_ms;
  });
})();
