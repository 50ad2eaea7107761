// The note for the next shift: drawn by the server, printed on paper. "Since you looked" is since this browser last left the desk.
// Relies on: desk/dialog, desk/pin, live/clock, live/live.
(function () {
  "use strict";
  const { gc } = window;
  const KEY = "gc.looked";
  const SHIFT_MS = 8 * 3600000;
  const handover = (gc.handover = {});
  let since = null;

  document.addEventListener("gc:start", () => (since ??= Number(localStorage.getItem(KEY)) || null));
  addEventListener("pagehide", () => localStorage.setItem(KEY, String(Math.round(gc.now()))));
  handover.open = function () {
    const box = document.getElementById("gc-handover");
    if (gc.session?.page !== "desk" || gc.dialog.isOpen()) return;
    box.showModal();
    gc.setProps("desk-handover", { data: { since: since || Math.round(gc.now()) - SHIFT_MS, pinned: gc.pin.all(), n: Date.now() } });
  };
  document.addEventListener("click", (e) => e.target.closest?.(".gc-handover-open") && handover.open());
})();
