// The model of the open cases, as frames make it: no socket, nothing painted (live.js).
// Relies on: live/clock, live/feed.
(function () {
  "use strict";
  const { gc } = window;
  /** `rows`: by case. `pos`: how far the frames have come, null before a snapshot. `loaded`: there was one. */
  const model = (gc.model = { rows: new Map(), counts: {}, alarms: [], pos: null, columns: [], loaded: false });

  // Another scope: nothing of the old one is known of it.
  model.clear = function () {
    model.pos = null;
    model.rows.clear();
  };
  /**
   * Whether the frame continues what is here. After a gap frames are missing: ask again from `pos`.
   * @param {Frame} frame
   * @returns {"taken"|"old"|"gap"}
   */
  model.take = function (frame) {
    if (frame.t === "snapshot") {
      model.rows.clear();
      model.loaded = true;
    } else if (frame.t === "delta" || frame.t === "beat") {
      if (model.pos == null || frame.to < model.pos) return "old";
      if (frame.from > model.pos) return "gap";
    }
    if (frame.cases) merge(frame.cases);
    (frame.gone || []).forEach((id) => model.rows.delete(id));
    if (frame.t !== "alarm") model.pos = frame.to;
    if (frame.counts) model.counts = frame.counts;
    if (frame.alarms) model.alarms = frame.alarms;
    return "taken";
  };
  function merge(columns) {
    const names = Object.keys(columns);
    model.columns = names.length > model.columns.length ? names : model.columns;
    for (let i = 0; i < columns.case.length; i++) {
      const known = model.rows.get(columns.case[i]);
      if (known && known.version > columns.version[i]) continue;
      const row = known || {};
      for (const name of names) row[name] = columns[name][i];
      model.rows.set(row.case, row);
    }
  }
  /**
   * The whole model as a frame, for whoever came too late for the snapshot.
   * @param {string} scope
   * @returns {Frame}
   */
  model.frame = function (scope) {
    const cases = Object.fromEntries(model.columns.map((name) => [name, []]));
    for (const row of model.rows.values()) for (const name of model.columns) cases[name].push(row[name] ?? null);
    return { t: "snapshot", scope, from: 0, to: model.pos, at: gc.now(), feed_age_ms: gc.feedAge(), cases, gone: [], counts: model.counts, alarms: model.alarms };
  };
})();
