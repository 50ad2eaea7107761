// Saved views: a name for a query. They are kept in this browser; the query itself stands in the URL, so a link needs none of it.
// Relies on: desk/column, desk/query, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const KEY = "gc.views";
  const MOST = 30;
  const view = (gc.view = {});
  let views = JSON.parse(localStorage.getItem(KEY) || "[]"); // [{name, search}], newest first

  view.all = () => views;
  view.open = function (name) {
    const found = views.find((v) => v.name === name);
    if (!found) return;
    gc.query.fromUrl("?" + found.search);
    gc.setProps("desk-search", { value: gc.query.asked.q });
    gc.column.sort(gc.query.asked.sort);
    gc.query.ask({ view: name });
  };
  view.save = function (name) {
    gc.query.asked.view = name;
    keep([{ name, search: String(gc.query.text()) }, ...views.filter((v) => v.name !== name)].slice(0, MOST));
    gc.query.toUrl();
  };
  function keep(all) {
    views = all;
    localStorage.setItem(KEY, JSON.stringify(views));
    paint();
  }

  function paint() {
    const body = document.querySelector('[data-menu="view"]');
    if (!body) return;
    const now = gc.query.asked.view;
    document.querySelector(".gc-menu:has([data-menu=view]) summary").textContent = now || gc.word("view.menu");
    body.replaceChildren(...views.map(line), form(), gc.part("p", "gc-quiet", gc.word("view.here")));
  }
  function line({ name }) {
    const row = gc.part("div", "gc-menu-line", "");
    const open = gc.part("button", "gc-menu-item", name);
    open.setAttribute("aria-current", String(name === gc.query.asked.view));
    open.onclick = () => (close(), view.open(name));
    const drop = gc.part("button", "gc-x", "✕");
    drop.setAttribute("aria-label", gc.word("view.drop", { name }));
    drop.onclick = () => keep(views.filter((v) => v.name !== name));
    row.append(open, drop);
    return row;
  }
  function form() {
    const made = gc.part("form", "gc-menu-line", "");
    const name = Object.assign(gc.part("input", "gc-input", ""), { placeholder: gc.word("view.name"), maxLength: 40, required: true });
    made.append(name, gc.part("button", "gc-button", gc.word("view.save")));
    made.onsubmit = (e) => (e.preventDefault(), name.value.trim() && (view.save(name.value.trim()), close()));
    return made;
  }
  const close = () => document.querySelectorAll(".gc-menu[open]").forEach((menu) => (menu.open = false));
  for (const name of ["gc:asked", "gc:words"]) document.addEventListener(name, paint);
  document.addEventListener("click", (e) => {
    document.querySelectorAll(".gc-menu[open]").forEach((menu) => menu.contains(e.target) || (menu.open = false));
  });
  document.addEventListener("keydown", (e) => e.key === "Escape" && close());
})();
