// The light of a promise that runs, by the rule of dashboard/cases/light.py: the one place in the browser that says it. The page loads it
// behind the kernel, the map's worker by itself (map/worker/engine.js).
(function (root) {
  "use strict";
  /**
   * @param {?number} amber  instants, null or Infinity where there is none
   * @param {?number} due
   * @param {number} now
   * @returns {"green"|"amber"|"red"}
   */
  root.gcRunning = (amber, due, now) => (now > (due ?? Infinity) ? "red" : now >= (amber ?? Infinity) ? "amber" : "green");
  /**
   * What a light has become since the server told it: time alone makes it worse.
   * @param {"green"|"amber"|"red"|"paused"|"none"} told
   */
  root.gcLightAt = (told, amber, due, now) => (told === "paused" ? told : due == null ? "none" : root.gcRunning(amber, due, now));
})(typeof self !== "undefined" ? self : globalThis);
