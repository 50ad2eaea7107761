// The keyboard of the desk. A key that belongs to an input method is never a command: 'r' may be the start of 人.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const writing = (e) => /^(INPUT|TEXTAREA|SELECT)$/.test(e.tagName) || e.isContentEditable;

  const commands = {
    j: () => gc.desk.move(1),
    ArrowDown: () => gc.desk.move(1),
    k: () => gc.desk.move(-1),
    ArrowUp: () => gc.desk.move(-1),
    r: () => gc.dialog.open("reassign"),
    e: () => gc.dialog.open("escalate"),
    "/": () => document.getElementById("desk-search")?.focus(),
    "?": help,
    Escape: () => gc.desk.closeDrawer(),
  };
  function help() {
    const sheet = document.getElementById("gc-help");
    if (!gc.dialog.isOpen()) sheet.showModal();
  }

  document.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey) return;
    if (!/^(desk|case)$/.test(gc.session?.page)) return;
    if (gc.dialog.isOpen()) {
      if (gc.dialog.key(e)) e.preventDefault();
      return; // Esc closes a native dialog by itself
    }
    if (writing(e.target)) {
      if (e.key === "Escape" || (e.key === "Enter" && e.target.id === "desk-search")) e.target.blur();
      return;
    }
    if (/^(Arrow|Escape)/.test(e.key) && e.target.closest?.("[data-gc-map]")) return; // the map has its own
    const command = commands[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (!command || (e.repeat && !/^[jk]$|^Arrow/i.test(e.key))) return;
    e.preventDefault();
    e.stopPropagation(); // the grid has arrow keys of its own
    command();
  }, true);

  document.addEventListener("click", (e) => {
    if (e.target.closest?.(".gc-help-open")) help();
    const copy = e.target.closest?.("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => gc.toast({ kind: "ok", title: gc.word("toast.copied", { what: copy.dataset.copy }) }));
  });
})();
