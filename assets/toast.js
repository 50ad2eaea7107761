// Toasts: what became of a click. Success goes by itself; what needs a decision stays until it is taken.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const LASTS_MS = 5000;
  const MOST = 5;
  const GLYPH = { ok: "✓", refused: "▼", unsure: "◐" };

  function part(tag, name, text) {
    const e = document.createElement(tag);
    e.className = name;
    e.textContent = text;
    return e;
  }
  gc.toast = function ({ kind, title, detail, buttons = [], stays = false }) {
    const box = document.getElementById("gc-toasts");
    const toast = part("div", `gc-toast gc-toast-${kind}`, "");
    const close = part("button", "gc-toast-close", "✕");
    close.setAttribute("aria-label", gc.word("dialog.close"));
    const text = part("div", "gc-toast-text", "");
    text.append(part("div", "gc-toast-title", title));
    if (detail) text.append(part("div", "gc-toast-detail", detail));
    const row = part("div", "gc-toast-buttons", "");
    for (const { text: label, go } of buttons) {
      const button = part("button", "gc-button", label);
      button.onclick = () => (toast.remove(), go());
      row.append(button);
    }
    if (buttons.length) text.append(row);
    toast.append(part("span", "gc-toast-glyph", GLYPH[kind]), text, close);
    close.onclick = () => toast.remove();
    box.append(toast);
    while (box.children.length > MOST) box.firstElementChild.remove();
    if (!stays) setTimeout(() => toast.remove(), LASTS_MS);
  };
})();
