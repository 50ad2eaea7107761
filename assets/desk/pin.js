// Pinned cases: what the next shift must not lose sight of. Kept in this browser, shown in the row and in the handover note.
// Relies on: desk/act, desk/rows, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const KEY = "gc.pins";
  const MOST = 50;
  const pin = (gc.pin = {});
  const pins = new Set(JSON.parse(localStorage.getItem(KEY) || "[]"));
  pin.has = (id) => pins.has(id);
  pin.all = () => [...pins];
  pin.toggle = function () {
    const cases = gc.act.cases().map((row) => row.case);
    if (!cases.length) return gc.toast({ kind: "unsure", title: gc.word("barred.none") });
    const all = cases.every((id) => pins.has(id));
    for (const id of cases) all ? pins.delete(id) : pins.size < MOST && pins.add(id);
    localStorage.setItem(KEY, JSON.stringify([...pins]));
    cases.forEach((id) => gc.rows.patch(id, {}));
    const what = cases.length > 1 ? gc.word("dialog.cases", { n: cases.length }) : cases[0];
    gc.toast({ kind: "ok", title: gc.word(all ? "pin.off" : "pin.on", { what }) });
  };
})();
