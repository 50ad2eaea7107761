// Dark or light by choice, kept for the next visit; before any choice, dark: a command centre is dimmed.
(function () {
  "use strict";
  const root = document.documentElement;
  const KEY = "gc.theme";
  root.dataset.theme = localStorage.getItem(KEY) || "dark";
  document.addEventListener("click", (e) => {
    if (!e.target.closest?.(".gc-theme")) return;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem(KEY, root.dataset.theme);
  });
})();
