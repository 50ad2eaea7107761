// Pinned cases: what the next shift must not lose sight of. Shown in the row and in the handover note; who takes a shift over takes its pins.
// Relies on: desk/act, desk/rows, shell/kept, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const MOST = 50; // as the server keeps (dashboard/desk/account_item.py)
  const pin = (gc.pin = {});
  pin.has = (id) => gc.kept.get("pin", id) !== undefined;
  pin.toggle = function () {
    const cases = gc.act.cases().map((row) => row.case);
    if (!cases.length) return gc.toast({ kind: "unsure", title: gc.word("barred.none") });
    const all = cases.every(pin.has);
    const fresh = cases.filter((id) => !pin.has(id));
    if (gc.kept.all("pin").length + fresh.length > MOST) return gc.toast({ kind: "unsure", title: gc.word("pin.most", { n: MOST }) });
    for (const id of all ? cases : fresh) all ? gc.kept.drop("pin", id) : gc.kept.put("pin", id, true);
    cases.forEach((id) => gc.rows.patch(id, {}));
    const what = cases.length > 1 ? gc.word("dialog.cases", { n: cases.length }) : cases[0];
    gc.toast({ kind: "ok", title: gc.word(all ? "pin.off" : "pin.on", { what }) });
  };
  document.addEventListener("gc:kept", () => gc.kept.all("pin").forEach(({ key }) => gc.rows.patch(key, {})));
})();
