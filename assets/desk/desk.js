// The row one stands on, and "these cases": the selection of the grid, and what a lasso caught beyond it.
// Relies on: desk/case, desk/query, desk/rows, live/clock, live/live, live/model, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const desk = (gc.desk = {});
  const $ = (selector) => document.querySelector(selector);
  let caught = new Set(); // cases of the map's selection that are in no row
  let drawn = null; // the rows that a lasso chose: the grid tells of its own selections later than they are made
  desk.api = () => gc.rows.api();

  // A case that is in no row acts with what the live model knows of it.
  const fromModel = (id) => {
    const row = gc.model.rows.get(id);
    return row && { ...row, owner: row.unit, allowed: null };
  };
  /** @returns {?Row[]} null where none is chosen */
  desk.chosen = function () {
    const rows = [...(desk.api()?.getSelectedRows() || []), ...[...caught].map(fromModel).filter(Boolean)];
    if (rows.length !== 1) return rows.length ? rows : null;
    const card = gc.case.row(); // may be newer than the row, or older while it is being read again
    return [card && card.case === rows[0].case && card.version >= rows[0].version ? { ...rows[0], ...card } : rows[0]];
  };
  // `extend`: the rows passed over stay chosen.
  desk.move = function (step, extend) {
    const grid = desk.api();
    if (!grid || !grid.getDisplayedRowCount()) return;
    const here = grid.getSelectedNodes().filter((node) => node.rowIndex != null).sort((a, b) => (a.rowIndex - b.rowIndex) * step).at(-1);
    const at = here ? here.rowIndex + step : 0;
    const node = grid.getDisplayedRowAtIndex(Math.min(Math.max(at, 0), grid.getDisplayedRowCount() - 1));
    node.setSelected(true, !extend);
    grid.ensureNodeVisible(node);
  };
  desk.all = () => desk.api()?.selectAll("filtered");
  const inGrid = () => desk.api().getSelectedRows().map((row) => row.case).sort().join();
  /** @param {string[]} ids of cases, in the grid or not */
  desk.select = function (ids) {
    const grid = desk.api();
    if (!grid) return;
    const wanted = new Set(ids);
    const nodes = [];
    grid.forEachNode((node) => wanted.has(node.data.case) && nodes.push(node) && wanted.delete(node.data.case));
    grid.deselectAll();
    caught = wanted;
    grid.setNodesSelected({ nodes, newValue: true });
    if (nodes[0]) grid.ensureNodeVisible(nodes[0]);
    drawn = inGrid();
    selectionChanged(false); // who draws on the map goes on looking at the map
  };
  document.addEventListener("gc:selected", (e) => desk.select(e.detail.cases || []));
  document.addEventListener("gc:pick", (e) => gc.session?.page === "desk" && desk.open(e.detail.case));

  function selectionChanged(opens) {
    const rows = desk.api()?.getSelectedRows() || [];
    paintPicked(rows.length);
    if (opens && rows.length + caught.size === 1) show(rows[0]?.case || [...caught][0], 120);
    document.dispatchEvent(new CustomEvent("gc:chosen"));
  }
  function paintPicked(inRows) {
    const key = caught.size ? "desk.picked.beyond" : "desk.picked";
    const n = inRows + caught.size;
    $(".gc-picked").textContent = n > 1 || caught.size ? gc.word(key, { n: gc.number(n), m: gc.number(caught.size) }) : "";
    $(".gc-bar").dataset.n = n;
  }
  function show(id, delay) {
    if (gc.case.show(id, delay)) gc.query.toUrl();
  }
  desk.open = function (id) {
    const node = gc.rows.node(id);
    if (!node) return show(id, 0);
    node.setSelected(true, true);
    desk.api().ensureNodeVisible(node);
  };
  desk.closeDrawer = function () {
    if (!gc.case.close()) return;
    desk.api()?.deselectAll();
    gc.query.toUrl();
  };
  // A dialog that closes gives the focus back to the row one stands on, not to the page's beginning.
  desk.focusRow = function () {
    const [row] = desk.api()?.getSelectedNodes() || [];
    $(`.ag-center-cols-container .ag-row[row-id="${CSS.escape(row?.id || "")}"]`)?.focus({ preventScroll: true });
  };

  let wired = null;
  function start() {
    if (gc.session?.page !== "desk") return;
    const grid = desk.api();
    if (!grid) return setTimeout(start, 60); // its code loads after the page
    if (wired === grid) return;
    wired = grid;
    gc.rows.wire(grid);
    grid.addEventListener("selectionChanged", () => {
      if (inGrid() === drawn) return;
      drawn = null;
      caught = new Set();
      selectionChanged(true);
    });
    grid.addEventListener("viewportChanged", gc.paintRemains); // not a whole tick: it comes many times a second while somebody scrolls
    const linked = gc.query.fromUrl();
    gc.setProps("desk-search", { value: gc.query.asked.q });
    gc.setProps("desk-pulse", { data: Date.now() });
    document.dispatchEvent(new CustomEvent("gc:grid-ready", { detail: grid }));
    gc.query.ask();
    if (linked) show(linked, 0);
  }
  document.addEventListener("gc:start", start);
  document.addEventListener("gc:words", () => desk.api() && paintPicked(desk.api().getSelectedRows().length));
  document.addEventListener("click", (e) => e.target.closest?.(".gc-drawer-close") && desk.closeDrawer());
})();
