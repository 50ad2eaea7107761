// What the queue asks for: tab, filters, order. It lives in the URL, so that a link, a reload and a saved view are the same thing.
// Relies on: desk/case, desk/rows, live/clock, live/live, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const FILTERS = ["unit", "category", "severity", "owner"];
  const EMPTY = { tab: "savable", q: "", unit: "", category: "", severity: "", owner: "", sort: "", old: "", view: "" };
  const ANSWER_MS = 10000;
  const query = (gc.query = { asked: { ...EMPTY }, meta: null });
  const { asked } = query;
  let out = null; // the request that is out

  const $ = (selector) => document.querySelector(selector);
  query.filtered = () => FILTERS.some((name) => asked[name]) || !!asked.q;

  query.fromUrl = function (search = location.search) {
    const given = new URLSearchParams(search);
    for (const name of Object.keys(EMPTY)) asked[name] = given.get(name) || EMPTY[name];
    return given.get("case");
  };
  query.text = function () {
    const url = new URLSearchParams();
    for (const name of Object.keys(EMPTY)) if (asked[name] !== EMPTY[name]) url.set(name, asked[name]);
    return url;
  };
  query.toUrl = function () {
    const url = query.text();
    if (gc.case.id()) url.set("case", gc.case.id());
    history.replaceState(history.state, "", location.pathname + (url.size ? "?" + url : "") + location.hash);
  };

  /**
   * Asks the server. A changed query is not the saved view any more.
   * @param {Object} [change] what is asked differently now
   */
  query.ask = function (change = {}) {
    if (Object.keys(change).some((name) => name !== "old") && !("view" in change)) asked.view = "";
    const moved = "tab" in change && change.tab !== asked.tab;
    Object.assign(asked, change);
    query.toUrl();
    show();
    return fetchRows(moved);
  };
  query.clear = () => query.ask({ ...EMPTY, tab: asked.tab });

  async function fetchRows(moved) {
    out?.abort();
    const mine = (out = new AbortController());
    const late = setTimeout(() => mine.abort("late"), ANSWER_MS);
    state("wait");
    try {
      const answer = await fetch("/desk/rows?" + query.text(), { signal: mine.signal });
      if (!answer.ok) throw new Error(answer.status);
      const found = await answer.json();
      if (mine === out) arrived(found, moved);
    } catch {
      if (mine === out) state("error"); // the answer to an older query changes nothing
    } finally {
      clearTimeout(late);
    }
  }
  function arrived(found, moved) {
    const rows = fromColumns(found.rows);
    query.meta = { total: found.total, shown: rows.length, as_of: found.as_of };
    state(found.total ? "rows" : "empty");
    query.paint();
    gc.rows.replace(rows, moved);
  }
  /**
   * The cases that are in the queue now.
   * @returns {Promise<?Set<string>>} null where nobody could tell, or something else is asked meanwhile
   */
  query.now = async function () {
    const text = String(query.text());
    try {
      const answer = await fetch("/desk/rows?" + text, { signal: AbortSignal.timeout(ANSWER_MS) });
      const found = answer.ok && (await answer.json());
      return found && text === String(query.text()) ? new Set(found.rows.case) : null;
    } catch {
      return null; // what changes next asks again
    }
  };
  function fromColumns(columns) {
    const names = Object.keys(columns);
    return columns.case.map((id, i) => {
      const row = { id };
      for (const name of names) row[name] = columns[name][i];
      row.allowed = row.allowed.split(" ");
      return row;
    });
  }

  function state(name) {
    const queue = $(".gc-queue");
    if (queue) queue.dataset.state = name;
  }
  function show() {
    document.querySelectorAll("[data-tab]").forEach((t) => t.setAttribute("aria-selected", String(t.dataset.tab === asked.tab)));
    for (const name of FILTERS) {
      const select = $(`.gc-select[data-filter="${name}"]`);
      if (!select) continue;
      select.value = asked[name];
      select.dataset.on = asked[name] ? "1" : "0";
    }
    const owner = $(".gc-owner-filter");
    owner.hidden = !asked.owner;
    owner.textContent = `${gc.unit(asked.owner)} ✕`;
    $(".gc-filter-clear").hidden = !query.filtered();
    document.dispatchEvent(new CustomEvent("gc:asked"));
  }
  query.paint = function () {
    const { meta } = query;
    if (!meta || !$(".gc-total")) return;
    const key = meta.shown < meta.total ? "desk.total.part" : "desk.total";
    $(".gc-total").textContent = gc.word(key, { n: gc.number(meta.total), shown: gc.number(meta.shown), at: gc.timeOfDay(meta.as_of) });
    const filtered = query.filtered();
    const empty = $(".gc-queue-empty");
    empty.querySelector(".gc-notice-why").textContent = gc.word(filtered ? "desk.empty.filtered" : `desk.empty.${asked.tab}`);
    empty.querySelector(".gc-notice-then").textContent = gc.word(filtered ? "desk.empty.filtered.then" : "desk.empty.then");
  };
  document.addEventListener("gc:words", () => $(".gc-owner-filter") && (show(), query.paint()));

  document.addEventListener("click", (e) => {
    if (gc.session?.page !== "desk") return;
    const on = (selector) => e.target.closest?.(selector);
    if (on("[data-tab]")) query.ask({ tab: on("[data-tab]").dataset.tab, old: "" });
    else if (on(".gc-pill") || on("[data-retry]")) query.ask();
    else if (on(".gc-owner-filter")) query.ask({ owner: "" });
    else if (on(".gc-filter-clear")) {
      gc.setProps("desk-search", { value: "" });
      query.clear();
    }
  });
  document.addEventListener("change", (e) => {
    const name = e.target.dataset?.filter;
    if (name) query.ask({ [name]: e.target.value });
  });
  let typing = 0;
  document.addEventListener("input", (e) => {
    if (e.target.id !== "desk-search" || e.isComposing) return; // half a pinyin word is no query
    clearTimeout(typing);
    typing = setTimeout(() => e.target.value.trim() !== asked.q && query.ask({ q: e.target.value.trim() }), 300);
  });
  document.addEventListener("compositionend", (e) => {
    if (e.target.id === "desk-search") e.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
