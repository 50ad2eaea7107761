// The queue: its question (tab and filters, kept in the URL), its rows as they live, the row one stands on.
// An update never moves a row, the selection or the view: new cases wait behind a pill until they are called.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const GRID = "desk-grid";
  const FILTERS = ["unit", "category", "severity"];
  const EMPTY = { tab: "savable", q: "", unit: "", category: "", severity: "" };
  const ENDED = new Set(["CLOSED", "VOIDED"]);
  const UNDISPATCHED = new Set(["REPORTED", "ACCEPTED", "FILED"]);
  const ANSWER_MS = 10000;
  const DAY_MS = 86400000;

  let asked = { ...EMPTY };
  let seq = 0;
  let waiting = 0; // timer of the question that is out
  let meta = null;
  const news = new Set(); // cases that came since the rows were asked for, or left the queue

  const desk = (gc.desk = {});
  const $ = (selector) => document.querySelector(selector);
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const onDesk = () => !!document.getElementById(GRID);
  const api = () => {
    try {
      const found = window.dash_ag_grid.getApi(GRID);
      return found && !found.isDestroyed() ? found : null;
    } catch {
      return null; // the grid is still being made
    }
  };
  desk.api = api;

  // ---- the question and its URL
  function fromUrl() {
    const given = new URLSearchParams(location.search);
    for (const name of Object.keys(EMPTY)) asked[name] = given.get(name) || EMPTY[name];
    return given.get("case");
  }
  function toUrl() {
    const url = new URLSearchParams();
    for (const name of Object.keys(EMPTY)) if (asked[name] !== EMPTY[name]) url.set(name, asked[name]);
    if (gc.case.id()) url.set("case", gc.case.id());
    history.replaceState(history.state, "", location.pathname + (url.size ? "?" + url : "") + location.hash);
  }
  desk.ask = function (change) {
    Object.assign(asked, change);
    toUrl();
    showQuestion();
    news.clear();
    paintPill();
    state("wait");
    clearTimeout(waiting);
    waiting = setTimeout(() => state("error"), ANSWER_MS);
    set("desk-query", { data: { seq: ++seq, ...asked } });
  };
  function showQuestion() {
    document.querySelectorAll(".gc-tab").forEach((t) => t.setAttribute("aria-selected", String(t.dataset.tab === asked.tab)));
    for (const name of FILTERS) {
      const select = $(`.gc-select[data-filter="${name}"]`);
      if (!select) continue;
      select.value = asked[name];
      select.dataset.on = asked[name] ? "1" : "0";
    }
    $(".gc-filter-clear").hidden = !FILTERS.some((name) => asked[name]) && !asked.q;
  }
  function state(name) {
    const queue = $(".gc-queue");
    if (queue) queue.dataset.state = name;
  }

  // ---- the answer
  desk.arrived = function (data) {
    if (data && data.seq === seq) {
      clearTimeout(waiting);
      meta = data;
      state(data.total ? "rows" : "empty");
      paintTotal();
      requestAnimationFrame(gc.tick);
    }
    return window.dash_clientside.no_update;
  };
  function paintTotal() {
    if (!meta || !onDesk()) return;
    const key = meta.shown < meta.total ? "desk.total.part" : "desk.total";
    $(".gc-total").textContent = gc.word(key, { n: gc.number(meta.total), shown: gc.number(meta.shown), at: gc.timeOfDay(meta.as_of) });
    const filtered = FILTERS.some((name) => asked[name]) || asked.q;
    const empty = $(".gc-queue-empty");
    empty.querySelector(".gc-notice-why").textContent = gc.word(filtered ? "desk.empty.filtered" : `desk.empty.${asked.tab}`);
    empty.querySelector(".gc-notice-then").textContent = gc.word(filtered ? "desk.empty.filtered.then" : "desk.empty.then");
  }

  // ---- live rows
  function fits(row) {
    const now = gc.now();
    const light = gc.lightAt(row.light, row.amber, row.due, now);
    const tab = {
      savable: row.due != null && light !== "red" && light !== "paused" && row.due - now < DAY_MS,
      to_dispatch: UNDISPATCHED.has(row.stage),
      overdue: light === "red",
      escalated: row.level && row.level !== "none",
    };
    if (ENDED.has(row.stage) || asked.q || !tab[asked.tab]) return false; // a text is searched by the server alone
    if (asked.severity && row.severity !== asked.severity) return false;
    if (asked.category && !row.category.startsWith(asked.category)) return false;
    return !asked.unit || gc.within(row.grid, asked.unit) || gc.within(row.unit, asked.unit);
  }
  function rowFrom(columns, i) {
    const row = {};
    for (const name of Object.keys(columns)) row[name] = columns[name][i];
    return row;
  }
  function apply(frame) {
    const grid = api();
    if (!grid || frame.t === "snapshot" || !meta) return;
    const columns = frame.cases || { case: [] };
    for (let i = 0; i < columns.case.length; i++) {
      const row = rowFrom(columns, i);
      const node = grid.getRowNode(row.case);
      if (node) update(node, row);
      else if (fits(row)) news.add(row.case);
    }
    for (const id of frame.gone || []) {
      const node = grid.getRowNode(id);
      if (node && !node.data.gone) node.updateData({ ...node.data, gone: true });
      if (node) news.add(id);
    }
    paintPill();
  }
  function update(node, row) {
    if (node.data.version > row.version) return;
    const { unit, ...rest } = row;
    const allowed = node.data.stage === row.stage ? node.data.allowed : null; // what the new stage allows, the server knows
    node.updateData({ ...node.data, ...rest, allowed, owner: unit, gone: ENDED.has(row.stage) });
    // These two show more than their own value (level, light), so the grid cannot know that they changed.
    api().refreshCells({ rowNodes: [node], columns: ["due", "stage"], force: true });
  }
  function paintPill() {
    const pill = $("#gc-pill");
    if (!pill) return;
    pill.hidden = !news.size;
    pill.textContent = gc.word("desk.pill", { n: gc.number(news.size) });
  }

  // ---- the row one stands on: the selection of the grid, so that there is one notion of "these cases"
  desk.chosen = function () {
    const rows = api()?.getSelectedRows() || [];
    if (rows.length !== 1) return rows.length ? rows : null;
    const card = gc.case.row(); // may be newer than the row, or older while it is being read again
    return [card && card.case === rows[0].case && card.version >= rows[0].version ? { ...rows[0], ...card } : rows[0]];
  };
  desk.move = function (step) {
    const grid = api();
    if (!grid || !grid.getDisplayedRowCount()) return;
    const here = grid.getSelectedNodes()[0];
    const at = here && here.rowIndex != null ? here.rowIndex + step : 0;
    const node = grid.getDisplayedRowAtIndex(Math.min(Math.max(at, 0), grid.getDisplayedRowCount() - 1));
    grid.deselectAll();
    node.setSelected(true, true);
    grid.ensureNodeVisible(node);
  };
  function selectionChanged() {
    const rows = api()?.getSelectedRows() || [];
    const picked = $(".gc-picked");
    if (picked) picked.textContent = rows.length > 1 ? gc.word("desk.picked", { n: rows.length }) : "";
    if (rows.length === 1) show(rows[0].case, 120);
    document.dispatchEvent(new CustomEvent("gc:chosen"));
  }
  function show(id, delay) {
    if (gc.case.show(id, delay)) toUrl();
  }
  desk.closeDrawer = function () {
    if (!gc.case.close()) return;
    api()?.deselectAll();
    toUrl();
  };

  // ---- start
  let wired = null;
  function start() {
    if (gc.session?.page !== "desk") return;
    const grid = api();
    if (!grid) return setTimeout(start, 60); // its code loads after the page
    if (wired !== grid) {
      wired = grid;
      grid.addEventListener("selectionChanged", selectionChanged);
      grid.addEventListener("viewportChanged", () => gc.tick());
      const linked = fromUrl();
      set("desk-search", { value: asked.q });
      set("desk-pulse", { data: Date.now() });
      desk.ask({});
      if (linked) show(linked, 0);
    }
  }
  document.addEventListener("gc:start", start);
  document.addEventListener("gc:frame", (e) => onDesk() && apply(e.detail));
  document.addEventListener("gc:words", () => {
    if (!onDesk()) return;
    paintTotal();
    paintPill();
    api()?.refreshHeader();
    api()?.refreshCells({ force: true });
  });
  document.addEventListener("click", (e) => {
    if (!onDesk()) return;
    const on = (selector) => e.target.closest?.(selector);
    if (on(".gc-tab")) desk.ask({ tab: on(".gc-tab").dataset.tab });
    else if (on(".gc-pill") || on("[data-retry]")) desk.ask({});
    else if (on(".gc-drawer-close")) desk.closeDrawer();
    else if (on(".gc-filter-clear")) {
      set("desk-search", { value: "" });
      desk.ask({ ...EMPTY, tab: asked.tab });
    }
  });
  document.addEventListener("change", (e) => {
    const name = e.target.dataset?.filter;
    if (name) desk.ask({ [name]: e.target.value });
  });
  let typing = 0;
  document.addEventListener("input", (e) => {
    if (e.target.id !== "desk-search" || e.isComposing) return; // half a pinyin word is no question
    clearTimeout(typing);
    typing = setTimeout(() => e.target.value.trim() !== asked.q && desk.ask({ q: e.target.value.trim() }), 300);
  });
  document.addEventListener("compositionend", (e) => {
    if (e.target.id === "desk-search") e.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
