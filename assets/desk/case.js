// One case: in the desk's drawer, or on a page of its own. Its content is drawn by the server and asked for again when the case moves.
// Relies on: desk/act, live/clock, live/live.
(function () {
  "use strict";
  const { gc } = window;
  const one = (gc.case = {});
  let open = null; // id of the case that is shown
  let version = 0;
  let timer = 0;
  let asked = 0;

  const $ = (selector) => document.querySelector(selector);
  one.id = () => open;

  /**
   * @param {string} id
   * @param {number} delay  ms: moving fast with J asks only for where one stops
   * @returns {boolean} whether it is another one than before
   */
  one.show = function (id, delay) {
    if (id === open) return false;
    open = id;
    version = 0;
    if ($(".gc-side")) $(".gc-side").dataset.open = $(".gc-side").dataset.wait = "1";
    ask(delay);
    return true;
  };
  one.close = function () {
    if (!open || !$(".gc-side")) return false;
    open = null;
    $(".gc-side").dataset.open = "0";
    return true;
  };
  function ask(delay) {
    clearTimeout(timer);
    timer = setTimeout(() => open && gc.setProps("desk-case", { data: { case: open, n: ++asked } }), delay);
  }
  one.refresh = () => ask(400);

  /**
   * A case that was opened by its link may be in no row: what an action needs stands on the card.
   * @returns {?Row}
   */
  one.row = function () {
    const d = $(".gc-case")?.dataset;
    if (!d || d.case !== open) return null;
    const allowed = d.allowed == null ? null : d.allowed.split(" ");
    return { case: open, version: +d.version, stage: d.stage, category: d.kind, grid: d.grid, severity: d.severityCode, level: d.level, allowed };
  };

  function arrived() {
    const card = $(".gc-case");
    if (card && open && card.dataset.case !== open) return; // the last case's clocks tick on until the next one comes
    if (!version) $(".gc-drawer-body").scrollTop = 0; // another case is read from its beginning, the same one where one was
    version = card ? +card.dataset.version : 0;
    if ($(".gc-side")) $(".gc-side").dataset.wait = "0";
    document.dispatchEvent(new CustomEvent("gc:chosen"));
    gc.tick();
  }
  document.addEventListener("gc:start", () => {
    const body = $(".gc-drawer-body");
    if (!body || body.dataset.watched) return;
    body.dataset.watched = "1";
    new MutationObserver(arrived).observe(body, { childList: true, subtree: true });
    if (gc.session.page !== "case") return;
    open = $(".gc-case")?.dataset.case || null;
    arrived();
  });
  document.addEventListener("gc:frame", (e) => {
    const frame = e.detail;
    const at = open && frame.cases ? frame.cases.case.indexOf(open) : -1;
    if (at < 0 ? !(frame.gone || []).includes(open) : frame.cases.version[at] <= version) return;
    one.refresh();
    queueMicrotask(gc.act.paint); // when the rows have the frame too
  });

  // On paper every clock is open: a ledger is printed to be read by somebody who was not there.
  document.addEventListener("click", (e) => e.target.closest(".gc-print") && window.print());
  window.addEventListener("beforeprint", () => document.querySelectorAll(".gc-case details").forEach((d) => (d.open = true)));
})();
