// The rows as they live. An update never moves a row, the selection or the view: new cases wait behind a pill until they are called,
// what changed lights up for a moment, and overdue cases that are long past are one line until somebody asks for them.
// Relies on: desk/pending, desk/query, live/alarm, live/clock, live/model, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const DAY_MS = 86400000;
  const TOLD_BY_SERVER = new Set(["mine", "returns", "changed", "alarm"]); // who has acted on a case, when, and what a return waits for, no frame says
  const INSERTED = 20; // new dangers of a flood that are put into the queue at once; the rest is behind the pill
  const ASK_MS = 5000; // as often as the tabs are counted
  const FLASH = { flashDuration: 1400, fadeDuration: 800 };
  const SHOWN_BY = { owner: ["owner"], due: ["due", "light", "amber"], stage: ["stage", "level"], severity: ["severity"], category: ["category"], place: ["grid"] };
  const rows = (gc.rows = {});
  const news = new Set(); // cases that came since the rows were asked for, or left the queue

  const $ = (selector) => document.querySelector(selector);
  rows.api = function () {
    try {
      const found = window.dash_ag_grid.getApi("desk-grid");
      return found && !found.isDestroyed() ? found : null;
    } catch {
      return null; // the grid is still being made
    }
  };
  rows.node = (id) => rows.api()?.getRowNode(id);

  /**
   * @param {Row[]} all
   * @param {boolean} moved  another tab: it is read from its beginning
   */
  rows.replace = function (all, moved) {
    const grid = rows.api();
    news.clear();
    filled++;
    for (const row of all) row.sent = gc.pending.of(row.case);
    grid.setGridOption("rowData", dangersFirst(all, (row) => row.case));
    if (moved && all.length) grid.ensureIndexVisible(0, "top");
    paintPill();
    paintOld();
    requestAnimationFrame(gc.tick);
  };
  /**
   * One row, changed by us: a command on its way out, somebody's dialog.
   * @param {string} id of a case
   * @param {Partial<Row>} change
   */
  rows.patch = function (id, change) {
    const node = rows.node(id);
    if (!node) return;
    node.updateData({ ...node.data, ...change });
    rows.api().refreshCells({ rowNodes: [node], columns: ["owner", "stage"], force: true });
  };

  // Cases whose rows the grid has drawn: those in view, and a few that were passed over or come next; and those in view alone.
  const cases = (nodes) => new Set(nodes.map((node) => node.data.case));
  rows.drawn = () => cases(rows.api()?.getRenderedNodes() || []);
  rows.inView = function () {
    const grid = rows.api();
    if (!grid) return new Set();
    const { top, bottom } = grid.getVerticalPixelRange();
    return cases(grid.getRenderedNodes().filter((node) => node.rowTop < bottom && node.rowTop + node.rowHeight > top));
  };

  // New dangers that nobody has acknowledged stand first, the newest of them at the top, whatever the order.
  function dangersFirst(all, caseOf) {
    const fresh = gc.alarm.dangers();
    const place = new Map([...fresh].map((id, n) => [id, n]));
    const placeOf = (one) => place.get(caseOf(one)) ?? Infinity;
    return [...all].sort((a, b) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)));
  }

  // ---- what the feed tells
  function fits(row) {
    const { asked } = gc.query;
    const now = gc.now();
    const light = window.gcLightAt(row.light, row.amber, row.due, now);
    const raised = row.level && row.level !== "none";
    const tab = {
      savable: row.due != null && light !== "red" && light !== "paused" && row.due - now < DAY_MS && !raised,
      to_dispatch: gc.UNDISPATCHED.has(row.stage),
      overdue: light === "red",
      escalated: raised,
    };
    if (gc.ENDED.has(row.stage) || asked.q || !tab[asked.tab]) return false; // a text is searched by the server alone
    if (asked.severity && row.severity !== asked.severity) return false;
    if (asked.owner && row.unit !== asked.owner) return false;
    if (asked.category && !row.category.startsWith(asked.category)) return false;
    return !asked.unit || gc.within(row.grid, asked.unit) || gc.within(row.unit, asked.unit);
  }
  function rowFrom(columns, i) {
    const row = {};
    for (const name of Object.keys(columns)) row[name] = columns[name][i];
    return row;
  }
  function apply(frame) {
    const grid = rows.api();
    if (!grid || frame.t === "snapshot" || !gc.query.meta) return;
    const columns = frame.cases || { case: [] };
    if (columns.case.length) askServer();
    for (let i = 0; i < columns.case.length; i++) {
      const row = rowFrom(columns, i);
      const node = grid.getRowNode(row.case);
      if (node) update(grid, node, row);
      else if (fits(row)) news.add(row.case);
    }
    for (const id of frame.gone || []) {
      const node = grid.getRowNode(id);
      if (node && !node.data.gone) node.updateData({ ...node.data, gone: true, sent: null });
      if (node) news.add(id);
    }
    paintPill();
  }
  // A new danger does not wait behind the pill: it is the first row at once, above what is in view, so that nothing there moves.
  function insertDangers() {
    const grid = rows.api();
    if (!grid || !gc.query.meta) return;
    const fresh = [...gc.alarm.dangers()].slice(0, INSERTED).map((id) => gc.model.rows.get(id));
    const add = fresh.filter((row) => row && fits(row) && !grid.getRowNode(row.case)).map((row) => ({ ...row, owner: row.unit, allowed: null, pending: "" }));
    if (!add.length) return;
    const view = $(".gc-grid .ag-body-viewport");
    const before = view.scrollTop;
    const { add: nodes } = grid.applyTransaction({ add, addIndex: 0 });
    view.scrollTop = before + nodes.reduce((height, node) => height + node.rowHeight, 0);
    for (const row of add) news.delete(row.case);
    paintPill();
  }
  // However many frames come, the server is asked once for all of them.
  let asking = 0;
  let filled = 0; // how often the rows were replaced: an answer from before says nothing of them
  function askServer() {
    if (asking || !TOLD_BY_SERVER.has(gc.query.asked.tab)) return;
    asking = setTimeout(async () => {
      asking = 0;
      const before = filled;
      const here = TOLD_BY_SERVER.has(gc.query.asked.tab) ? await gc.query.now() : null;
      if (!here || !rows.api() || before !== filled) return;
      for (const id of news) if (!here.has(id) && !rows.node(id)) news.delete(id);
      for (const id of here) if (!rows.node(id)) news.add(id);
      paintPill();
    }, ASK_MS);
  }
  function update(grid, node, row) {
    const before = node.data;
    if (before.version > row.version) return;
    const { unit, ...rest } = row;
    const after = { ...before, ...rest, owner: unit, gone: gc.ENDED.has(row.stage), sent: gc.pending.of(row.case) };
    if (after.version > before.version) Object.assign(after, { allowed: null, pending: "" }); // what it allows now, the server knows
    node.updateData(after);
    // These show more than their own value (a level, a pending command), so the grid cannot know that they changed.
    grid.refreshCells({ rowNodes: [node], columns: ["due", "stage", "owner"], force: true });
    const columns = Object.keys(SHOWN_BY).filter((column) => SHOWN_BY[column].some((name) => before[name] !== after[name]));
    if (columns.length) grid.flashCells({ rowNodes: [node], columns, ...FLASH });
  }
  function paintPill() {
    const pill = $("#gc-pill");
    if (!pill) return;
    pill.hidden = !news.size;
    pill.textContent = gc.word("desk.pill", { n: gc.number(news.size) });
  }

  // ---- overdue for more than a day: a count, until somebody opens it
  const isOld = (row) => row.due != null && gc.now() - row.due > DAY_MS;
  rows.wire = function (grid) {
    grid.setGridOption("postSortRows", ({ nodes }) => nodes.splice(0, nodes.length, ...dangersFirst(nodes, (node) => node.data.case)));
    grid.setGridOption("isExternalFilterPresent", () => gc.query.asked.tab === "overdue" && !gc.query.asked.old);
    grid.setGridOption("doesExternalFilterPass", (node) => !isOld(node.data));
  };
  function paintOld() {
    const button = $(".gc-old");
    const { asked } = gc.query;
    let old = 0;
    if (asked.tab === "overdue") rows.api().forEachNode((node) => (old += isOld(node.data)));
    button.hidden = !old;
    button.textContent = gc.word(asked.old ? "desk.old.hide" : "desk.old.show", { n: gc.number(old) });
    $(".gc-rows").dataset.old = old ? "1" : "0";
    rows.api().onFilterChanged();
  }
  document.addEventListener("click", (e) => {
    if (!e.target.closest?.(".gc-old")) return;
    gc.query.asked.old = gc.query.asked.old ? "" : "1";
    gc.query.toUrl();
    paintOld();
  });
  document.addEventListener("gc:alarm", insertDangers);
  document.addEventListener("gc:frame", (e) => document.getElementById("desk-grid") && apply(e.detail));
  document.addEventListener("gc:words", () => {
    if (!rows.api()) return;
    paintPill();
    rows.api().refreshHeader();
    rows.api().refreshCells({ force: true });
    if (gc.query.meta) paintOld();
  });
})();
