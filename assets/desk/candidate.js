// Who could take the case: asked for as soon as somebody stands on it, so that R shows the list at once; drawn as a table that is read
// at a glance, with who could not take it, and what the move does to every clock (GET /api/v1/cases/{case}/candidates).
// Relies on: desk/act, desk/dialog, live/clock, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const { part } = gc;
  const candidate = (gc.candidate = {});
  const STANDS_MS = 150; // whoever passes over a row with J asks nothing
  const FRESH_MS = 20000; // the load of the units moves on
  const ANSWER_MS = 10000;
  const DIGITS = 9;
  // Reasons that are figures, in the order in which they are weighed; what serves the place is in the table at all.
  const COLUMNS = [
    ["load", "because.load", (r) => String(r.value)],
    ["distance_km", "because.distance_km", (r) => `${r.value.toFixed(1)} km`],
    ["on_time", "because.on_time", (r) => `${Math.round(100 * r.value)}%` + (r.d ? ` ${r.n}/${r.d}` : "")],
    ["returns", "because.returns", (r) => String(r.value)],
  ];
  let kept = null; // {case, version, at, answer}: of the case one stands on
  let shown = null; // {box, found}, while a list is on the screen
  let standing = 0;

  // ---- asking
  const isOf = (row) => kept && kept.case === row.case && kept.version === row.version && performance.now() - kept.at < FRESH_MS;
  /**
   * @param {Row} row
   * @returns {Promise<{items: Object[], rejected: Object[], effects: Object[], arbitration: boolean, report: {title: string, text: string}}>} the best first; rejects when there is no answer
   */
  candidate.ask = function (row) {
    if (!isOf(row)) {
      const mine = (kept = { case: row.case, version: row.version, at: performance.now(), answer: fetched(row.case) });
      mine.answer.catch(() => mine === kept && (kept = null)); // the next one asks again
    }
    return kept.answer;
  };
  async function fetched(id) {
    const answer = await fetch(`/api/v1/cases/${encodeURIComponent(id)}/candidates`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }
  const moves = () => ["reassign", "designate"].some((verb) => gc.act.may(verb) && gc.act.why(verb) === null);
  document.addEventListener("gc:chosen", () => {
    clearTimeout(standing);
    standing = setTimeout(() => {
      const rows = gc.act.cases();
      if (rows.length === 1 && !gc.dialog.isOpen() && moves()) candidate.ask(rows[0]).catch(() => {}); // R will say what is wrong
    }, STANDS_MS);
  });

  // ---- drawing
  const named = (unit) => (gc.lang === "en" && unit.name_en) || unit.name;
  candidate.draw = function (box, found) {
    shown = { box, found };
    const parts = [words(found.report), found.arbitration && part("p", "gc-arbitration", gc.word("reassign.arbitration")), effects(found.effects)];
    parts.push(...(found.items.length ? table(found.items) : [notice("○", "reassign.empty", "reassign.empty.then")]), rejected(found.rejected));
    box.replaceChildren(...parts.filter(Boolean));
    gc.tick();
  };
  candidate.error = function (box, retry) {
    shown = null;
    const again = Object.assign(part("button", "gc-button", gc.word("desk.retry")), { type: "button", onclick: retry });
    box.replaceChildren(notice("▼", "desk.error", "desk.error.then", again));
  };
  candidate.wait = function (box) {
    shown = null;
    box.replaceChildren();
  };
  document.addEventListener("gc:words", () => shown?.box.isConnected && candidate.draw(shown.box, shown.found));

  // Who has to choose reads what was reported, not only its category.
  function words(said) {
    const lines = said && [said.title, said.text !== said.title && said.text].filter(Boolean).join("\n");
    return lines && part("p", "gc-report", lines);
  }
  function notice(glyph, why, then, ...more) {
    const box = part("div", "gc-notice", "");
    box.setAttribute("role", "status");
    box.append(part("div", "gc-notice-glyph", glyph), part("div", "gc-notice-why", gc.word(why)), part("div", "gc-notice-then", gc.word(then)), ...more);
    return box;
  }
  function table(items) {
    const head = part("div", "gc-candidate-head", "");
    head.append(part("span"), part("span", "", gc.word("reassign.unit")), ...COLUMNS.map(([, word]) => part("span", "", gc.word(word))));
    return [head, ...items.map(line)];
  }
  // `data-find` is what is typed to find it: initials, then both names.
  function line(unit, i) {
    const row = part("div", "gc-candidate", "");
    row.setAttribute("role", "option");
    Object.assign(row.dataset, { to: unit.unit, find: `${unit.initials || ""} ${unit.name} ${unit.name_en || unit.name}`.toLowerCase() });
    const reasons = Object.fromEntries(unit.reasons.map((r) => [r.key, r]));
    row.append(i < DIGITS ? part("kbd", "gc-kbd", String(i + 1)) : part("span"), part("b", "", named(unit)));
    row.append(...COLUMNS.map(([key, , text]) => part("span", "", reasons[key]?.value == null ? "—" : text(reasons[key]))));
    return row;
  }
  // Closed until somebody asks: most never do, and they must not push the candidates off the screen.
  function rejected(units) {
    if (!units.length) return null;
    const box = part("details", "gc-rejected", "");
    const list = part("ul");
    for (const unit of units) {
      const row = part("li");
      const value = unit.why === "returned_before" ? "rejected.times" : "rejected.far";
      row.append(part("span", "", named(unit)), part("span", "", gc.word("rejected." + unit.why)));
      row.append(part("span", "gc-quiet", unit.value == null ? "" : gc.word(value, { value: unit.value })));
      list.append(row);
    }
    box.append(part("summary", "", gc.word("reassign.rejected", { n: units.length })), list);
    return box;
  }
  function effects(clocks) {
    if (!clocks.length) return null;
    const box = part("div", "gc-effects", "");
    const rows = part("div", "gc-effect-rows", "");
    rows.append(...clocks.map(effect));
    box.append(part("h3", "", gc.word("reassign.effects")), rows);
    return box;
  }
  // A clock before and after; one that is kept says so, because that is what a move must not do to a promise.
  function effect(clock) {
    const row = part("div");
    row.dataset.kept = clock.kept ? "1" : "0";
    const [head, stage] = clock.clock.split(":");
    row.append(part("span", "gc-effect-clock", gc.word("clock." + head) + (stage ? " " + gc.word("stageclock." + stage) : "")), left(clock.before));
    row.append(...(clock.kept ? [part("span", "", gc.word("effect.kept"))] : [part("b", "", "→"), left(clock.after)]));
    return row;
  }
  // Counts down like every other clock; one that does not run has none.
  function left(clock) {
    if (!clock) return part("span", "", gc.word("effect.none"));
    const e = part("span", "gc-remain", "");
    gc.setRemain(e, clock, gc.now());
    return e;
  }
})();
