// Ctrl-K: one field for everything that has a name. It never acts on half a word of an input method, and what was used last comes first.
// Relies on: desk/act, desk/desk, desk/dialog, desk/keys, desk/query, desk/undo, desk/view, live/live, live/model, shell/kept, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const palette = (gc.palette = {});
  const KEY = "palette";
  const RECENT = 20;
  const SHOWN = 12;
  const TABS = ["savable", "to_dispatch", "overdue", "mine", "escalated", "returns"];
  let found = [];
  let at = 0;
  let recent = []; // ids of what was used last, the latest first

  const box = () => document.getElementById("gc-palette");
  const onDesk = () => gc.session.page === "desk";
  const goDesk = (query) => (location.href = "/desk?" + query);
  const ask = (change) => (onDesk() ? gc.query.ask(change) : goDesk(new URLSearchParams(change)));

  // {id, kind, text, find, go}; `find` is what typing is held against, initials first.
  function things() {
    const item = (kind, name, text, go, more = "") => ({ id: `${kind}:${name}`, kind, text, find: `${more} ${text}`.toLowerCase(), go });
    const initials = (key) => (gc.hasWord("initials." + key) ? gc.word("initials." + key) : "");
    const act = ([verb, { key }]) => ({ ...item("act", verb, gc.word("action." + verb), () => (verb === "undo" ? gc.undo.key() : gc.dialog.open(verb)), `${initials("action." + verb)} ${verb}`), hint: key });
    return [
      ...Object.entries(gc.act.table()).map(act),
      ...TABS.map((tab) => item("tab", tab, gc.word("tab." + tab), () => ask({ tab }), initials("tab." + tab))),
      ...gc.view.all().map(({ name }) => item("view", name, name, () => (onDesk() ? gc.view.open(name) : goDesk(gc.view.all().find((v) => v.name === name).search)))),
      ...["desk", "wall", "handover"].map((page) => item("page", page, gc.word("page." + page), () => (location.href = "/" + page), initials("page." + page))),
      item("page", "help", gc.word("help.title"), gc.keys.help, initials("help")),
      ...gc.units().map(([code, zh, en, level, first]) => ({
        ...item("unit", code, gc.unit(code), () => ask(level === "department" ? { owner: code } : { unit: code }), `${first || ""} ${zh} ${en}`),
        hint: code,
      })),
    ];
  }
  // Ids are looked for in the live model: every open case of the jurisdiction is there.
  function cases(wanted) {
    const open = (id) => ({ id: "case:" + id, kind: "case", text: id, find: id.toLowerCase(), go: () => (onDesk() ? gc.desk.open(id) : (location.href = "/case/" + encodeURIComponent(id))) });
    const ids = [];
    if (wanted.length < 3) return ids;
    for (const id of gc.model.rows.keys()) if (id.toLowerCase().includes(wanted) && ids.push(open(id)) >= SHOWN) break;
    return ids.length || !/~/.test(wanted) ? ids : [open(wanted)]; // one that is closed has no row: its page will know
  }
  // 0 = not at all; initials from their start, then a name's start, then anywhere in it.
  function score(thing, wanted) {
    if (!wanted) return 1;
    const [first] = thing.find.split(" ");
    if (first && first.startsWith(wanted)) return 4;
    if (thing.text.toLowerCase().startsWith(wanted)) return 3;
    return thing.find.includes(wanted) ? 2 : 0;
  }
  function search(typed) {
    const wanted = typed.trim().toLowerCase();
    const lately = (thing) => (recent.includes(thing.id) ? RECENT - recent.indexOf(thing.id) : 0);
    const scored = [...things(), ...cases(wanted)].map((thing) => [score(thing, wanted) * 100 + lately(thing), thing]);
    const worth = wanted ? 100 : 101; // without a word: what was used lately, then the commands
    const hits = scored.filter(([n, thing]) => n >= worth || (!wanted && thing.kind === "act"));
    found = hits.sort((a, b) => b[0] - a[0]).slice(0, SHOWN).map(([, thing]) => thing);
    at = 0;
    paint();
  }

  function paint() {
    const list = box().querySelector(".gc-palette-list");
    list.replaceChildren(...found.map(line));
    box().querySelector(".gc-palette-none").hidden = found.length > 0;
    list.children[at]?.scrollIntoView({ block: "nearest" });
    box().querySelector("input").setAttribute("aria-activedescendant", found.length ? "gc-palette-" + at : "");
  }
  function line(thing, i) {
    const row = gc.part("div", "gc-palette-line", "");
    Object.assign(row, { id: "gc-palette-" + i, onclick: () => take(thing) });
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(i === at));
    const why = thing.kind === "act" && gc.act.why(thing.id.slice(4));
    row.append(gc.part("span", "gc-palette-kind", gc.word("palette." + thing.kind)), gc.part("b", "", thing.text), gc.part("span", "gc-quiet", why || ""), gc.part("span", "gc-gap", ""));
    if (thing.hint) row.append(thing.kind === "act" ? gc.part("kbd", "gc-kbd", thing.hint) : gc.part("span", "gc-quiet", thing.hint));
    return row;
  }
  function take(thing) {
    if (!thing) return;
    recent = [thing.id, ...recent.filter((id) => id !== thing.id)].slice(0, RECENT);
    gc.kept.put("recent", KEY, recent);
    box().close();
    thing.go();
  }

  palette.toggle = function () {
    if (box()?.open) return box().close();
    if (!box() || gc.dialog.isOpen()) return;
    const input = Object.assign(gc.part("input", "gc-input gc-input-big", ""), { type: "text", placeholder: gc.word("palette.find"), autocomplete: "off", spellcheck: false });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-label", gc.word("palette.find"));
    input.oninput = (e) => e.isComposing || search(input.value); // half a pinyin word is no search
    input.addEventListener("compositionend", () => search(input.value));
    const list = gc.part("div", "gc-palette-list", "");
    list.setAttribute("role", "listbox");
    const body = gc.part("div", "gc-dialog-body", "");
    body.append(input, list, gc.part("p", "gc-palette-none gc-quiet", gc.word("palette.none")));
    box().replaceChildren(body);
    box().showModal();
    input.focus();
    recent = gc.kept.get("recent", KEY) || [];
    search("");
  };
  palette.key = function (e) {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") at = (at + (e.key === "ArrowDown" ? 1 : -1) + found.length) % (found.length || 1);
    else if (e.key === "Enter") return take(found[at]), true;
    else return false;
    paint();
    return true;
  };
})();
