// The keyboard of the desk. A key that belongs to an input method is never a command: 'r' may be the start of 人.
// Relies on: desk/act, desk/case, desk/desk, desk/dialog, desk/palette, desk/pin, desk/undo, live/live, map/map, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const writing = (e) => /^(INPUT|TEXTAREA|SELECT)$/.test(e.tagName) || e.isContentEditable;

  const MAPS = /^(Arrow.*|Enter|[nNpP])$/; // what a map with the focus uses itself
  // Keys of commands come with the session; these are the rest.
  const KEYS = {
    j: (e) => gc.desk.move(1, e.shiftKey),
    ArrowDown: (e) => gc.desk.move(1, e.shiftKey),
    k: (e) => gc.desk.move(-1, e.shiftKey),
    ArrowUp: (e) => gc.desk.move(-1, e.shiftKey),
    i: () => gc.pin.toggle(),
    z: () => gc.undo.key(),
    "/": () => document.getElementById("desk-search")?.focus(),
    "?": help,
    Escape: () => gc.map?.escape(!!gc.case.id()) || gc.desk.closeDrawer(),
  };
  function help() {
    if (!gc.dialog.isOpen()) document.getElementById("gc-help").showModal();
  }
  gc.keys = { help };

  document.addEventListener("keydown", (e) => {
    if (e.isComposing || e.keyCode === 229 || e.altKey) return;
    if (!/^(desk|case)$/.test(gc.session?.page)) return;
    if (e.ctrlKey || e.metaKey) return chord(e);
    if (gc.dialog.isOpen()) {
      if (gc.dialog.key(e)) e.preventDefault();
      return; // Esc closes a native dialog by itself
    }
    if (writing(e.target)) {
      if (e.key === "Escape" || (e.key === "Enter" && e.target.id === "desk-search")) e.target.blur();
      return;
    }
    if (MAPS.test(e.key) && e.target.closest?.("[data-gc-map]")) return; // the map has its own
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    const command = KEYS[key] || (!e.shiftKey && gc.act.ofKey(key) && (() => gc.dialog.open(gc.act.ofKey(key))));
    if (!command || (e.repeat && !/^[jk]$|^Arrow/i.test(e.key))) return;
    e.preventDefault();
    e.stopPropagation(); // the grid has arrow keys of its own
    command(e);
  }, true);
  function chord(e) {
    const key = e.key.toLowerCase();
    if (key === "k") gc.palette.toggle();
    else if (key === "a" && !writing(e.target) && !gc.dialog.isOpen()) gc.desk.all();
    else return;
    e.preventDefault();
  }

  // The help shows the commands of whoever looks at it.
  function paintHelp() {
    const list = document.getElementById("gc-help-acts");
    const line = ([verb, act]) => {
      const row = gc.part("div", "gc-help-row", "");
      row.append(gc.part("kbd", "gc-kbd", act.key), gc.part("span", "", gc.word("action." + verb)));
      return row;
    };
    list?.replaceChildren(...Object.entries(gc.act.table()).map(line));
  }
  for (const name of ["gc:start", "gc:words"]) document.addEventListener(name, paintHelp);
  document.addEventListener("click", (e) => {
    if (e.target.closest?.(".gc-help-open")) help();
    const copy = e.target.closest?.("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => gc.toast({ kind: "ok", title: gc.word("toast.copied", { what: copy.dataset.copy }) }));
  });
})();
