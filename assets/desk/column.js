// Columns: widths, places and which are shown are a person's own; the order of the rows stands in the URL.
// Relies on: desk/query, shell/kept, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const KEY = "queue";
  const column = (gc.column = {});
  let grid = null;
  let quiet = false; // while we set what we would otherwise keep

  column.sort = function (sort) {
    const [colId, direction] = (sort || "").split(".");
    quiet = true;
    grid?.applyColumnState({ state: colId ? [{ colId, sort: direction }] : [], defaultState: { sort: null } });
    quiet = false;
  };
  function restore() {
    quiet = true;
    const state = gc.kept.get("column", KEY);
    if (state) grid.applyColumnState({ state, applyOrder: true });
    quiet = false;
    column.sort(gc.query.asked.sort);
    paint();
  }
  // Only what a person did: columns that share the room that is left get other widths with every window.
  function keep({ finished, source }) {
    if (quiet || finished === false || source === "flex") return;
    gc.kept.put("column", KEY, grid.getColumnState().map(({ sort: _sort, sortIndex: _index, ...rest }) => rest));
    paint();
  }
  function sorted() {
    const by = grid.getColumnState().find((c) => c.sort);
    const sort = by ? `${by.colId}.${by.sort}` : "";
    if (quiet || sort === gc.query.asked.sort) return;
    const { meta } = gc.query;
    if (meta && meta.shown < meta.total) return gc.query.ask({ sort }); // which rows are the first, the server knows
    Object.assign(gc.query.asked, { sort, view: "" });
    gc.query.toUrl();
  }
  document.addEventListener("gc:grid-ready", (e) => {
    grid = e.detail;
    restore();
    grid.addEventListener("sortChanged", sorted);
    for (const name of ["columnResized", "columnMoved", "columnVisible"]) grid.addEventListener(name, keep);
  });

  function paint() {
    const body = document.querySelector('[data-menu="column"]');
    if (!body || !grid) return;
    const own = grid.getColumns().filter((c) => gc.hasWord("grid." + c.getColId()));
    body.replaceChildren(...own.map(line), reset());
  }
  function line(one) {
    const label = gc.part("label", "gc-menu-line", "");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: one.isVisible() });
    box.onchange = () => grid.setColumnsVisible([one.getColId()], box.checked);
    label.append(box, gc.part("span", "", gc.word("grid." + one.getColId())));
    return label;
  }
  function reset() {
    const button = gc.part("button", "gc-button", gc.word("column.reset"));
    button.onclick = () => {
      grid.resetColumnState();
      gc.kept.drop("column", KEY);
      paint();
    };
    return button;
  }
  document.addEventListener("gc:kept", () => grid && restore());
  document.addEventListener("gc:words", paint);
})();
