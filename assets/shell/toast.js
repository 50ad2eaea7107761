// Toasts: what became of a click. Success goes by itself; what needs a decision stays until it is taken.
// Relies on: shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const { part } = gc;
  const LASTS_MS = 5000;
  const WITH_BUTTON_MS = 12000; // long enough to read it, see what one has done and reach for the way back
  const MOST = 5;
  const GLYPH = { ok: "✓", refused: "▼", unsure: "◐" };

  /**
   * A button's text may be a function: it is painted anew every second, and the button goes when it has nothing to say.
   * @param {{kind: "ok"|"refused"|"unsure", title: string, detail?: string, buttons?: {text: string|function(): ?string, go: function()}[], stays?: boolean}} toast
   */
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
      const button = part("button", "gc-button", typeof label === "function" ? label() : label);
      button.onclick = () => (toast.remove(), go());
      if (typeof label === "function") button.label = label;
      row.append(button);
    }
    if (buttons.length) text.append(row);
    toast.append(part("span", "gc-toast-glyph", GLYPH[kind]), text, close);
    close.onclick = () => toast.remove();
    box.append(toast);
    while (box.children.length > MOST) box.firstElementChild.remove();
    if (!stays) setTimeout(() => toast.remove(), buttons.length ? WITH_BUTTON_MS : LASTS_MS);
  };
  document.addEventListener("gc:second", () => {
    document.querySelectorAll(".gc-toast-buttons button").forEach((button) => {
      const text = button.label && button.label();
      if (button.label && !text) button.remove();
      else if (text) button.textContent = text;
    });
  });
})();
