// The load of the units: who has most to do, as bars of overdue, due soon and the rest; a click shows that unit's cases.
// Counted from the live model, which has every open case of the jurisdiction already.
// Relies on: desk/query, live/clock, live/model, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const WIDE = 140; // px that a unit needs
  const EVERY_MS = 5000;
  let counted = 0;

  function count(shown) {
    const now = gc.now();
    const units = new Map();
    for (const row of gc.model.rows.values()) {
      if (!row.unit) continue;
      const n = units.get(row.unit) || { unit: row.unit, open: 0, amber: 0, red: 0 };
      const light = window.gcLightAt(row.light, row.amber, row.due, now);
      n.open++;
      if (light in n) n[light]++;
      units.set(row.unit, n);
    }
    return [...units.values()].sort((a, b) => b.red - a.red || b.amber - a.amber || b.open - a.open).slice(0, shown);
  }
  function paint() {
    const box = document.querySelector(".gc-load-units");
    if (!box || !gc.model.loaded) return;
    counted = performance.now();
    const units = count(Math.max(1, Math.floor(box.clientWidth / WIDE)));
    const most = Math.max(1, ...units.map((n) => n.open));
    // The same buttons stay: one that vanished under the pointer would be a click on another unit.
    while (box.children.length > units.length) box.lastElementChild.remove();
    while (box.children.length < units.length) box.append(button());
    units.forEach((n, i) => fill(box.children[i], n, most));
  }
  function button() {
    const made = gc.part("button", "gc-load-unit", "");
    const bar = gc.part("span", "gc-load-bar", "");
    for (const light of ["red", "amber", "rest"]) bar.append(gc.part("i", "gc-bar-" + light, ""));
    made.append(gc.part("span", "gc-load-name", ""), bar, gc.part("span", "gc-load-n", ""));
    made.onclick = () => gc.query.ask({ owner: made.dataset.owner === gc.query.asked.owner ? "" : made.dataset.owner });
    return made;
  }
  function fill(e, { unit, open, amber, red }, most) {
    e.dataset.owner = unit;
    e.setAttribute("aria-pressed", String(unit === gc.query.asked.owner));
    const [name, bar, n] = e.children;
    name.textContent = gc.unit(unit);
    e.title = gc.word("load.unit", { unit: gc.unit(unit), open, amber, red });
    e.setAttribute("aria-label", e.title);
    [red, amber, open - red - amber].forEach((value, i) => (bar.children[i].style.width = (100 * value) / most + "%"));
    n.textContent = (red ? `▼${red} ` : "") + (amber ? `◐${amber} ` : "") + open;
  }
  document.addEventListener("gc:paint", () => performance.now() - counted > EVERY_MS && paint());
  for (const name of ["gc:start", "gc:words", "gc:asked"]) document.addEventListener(name, paint);
  addEventListener("resize", paint);
})();
