// Saved views: a name for a query. They are the person's own; the query itself stands in the URL, so a link needs none of it.
// Relies on: desk/column, desk/query, shell/kept, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const view = (gc.view = {});

  /** @returns {{name: string, search: string}[]} newest first */
  view.all = () => gc.kept.all("view").map(({ key, value }) => ({ name: key, search: value.search }));
  view.open = function (name) {
    const found = view.all().find((v) => v.name === name);
    if (!found) return;
    gc.query.fromUrl("?" + found.search);
    gc.setProps("desk-search", { value: gc.query.asked.q });
    gc.column.sort(gc.query.asked.sort);
    gc.query.ask({ view: name });
  };
  view.save = function (name) {
    gc.query.asked.view = name;
    gc.kept.put("view", name, { search: String(gc.query.text()) });
    gc.query.toUrl();
    paint();
  };
  function forget(name) {
    gc.kept.drop("view", name);
    paint();
  }

  function paint() {
    const body = document.querySelector('[data-menu="view"]');
    if (!body) return;
    const now = gc.query.asked.view;
    document.querySelector(".gc-menu:has([data-menu=view]) summary").textContent = now || gc.word("view.menu");
    body.replaceChildren(...view.all().map(line), form());
  }
  function line({ name }) {
    const row = gc.part("div", "gc-menu-line", "");
    const open = gc.part("button", "gc-menu-item", name);
    open.setAttribute("aria-current", String(name === gc.query.asked.view));
    open.onclick = () => (close(), view.open(name));
    const drop = gc.part("button", "gc-x", "✕");
    drop.setAttribute("aria-label", gc.word("view.drop", { name }));
    drop.onclick = () => forget(name);
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
  for (const name of ["gc:asked", "gc:kept", "gc:words"]) document.addEventListener(name, paint);
  document.addEventListener("click", (e) => {
    document.querySelectorAll(".gc-menu[open]").forEach((menu) => menu.contains(e.target) || (menu.open = false));
  });
  document.addEventListener("keydown", (e) => e.key === "Escape" && close());
})();
