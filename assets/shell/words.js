// Words, names and language. Elements say which word they show (data-word); a switch swaps texts in place, without a reload.
// Everything is written by textContent: no data ever becomes markup.
(function () {
  "use strict";
  const { gc } = window;
  const tables = {}; // lang -> key -> text
  let names = { units: {}, categories: {} };
  gc.lang = (document.cookie.match(/(?:^|; )gc_lang=(zh|en)/) || [])[1] || "zh";

  const at = () => (gc.lang === "en" ? 1 : 0);

  /**
   * @param {string} key
   * @param {Object} [values] for the {names} in the text
   * @returns {string} the key itself while the words are not there
   */
  gc.word = function (key, values) {
    const text = (tables[gc.lang] || {})[key] ?? (tables.zh || {})[key] ?? key;
    return values ? text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all)) : text;
  };
  gc.hasWord = (key) => key in (tables.zh || {});
  gc.unit = (code) => (names.units[code] ? names.units[code][at()] : code || "—");
  // [code, zh, en, level, initials] of every unit with a name, for whoever looks for one.
  gc.units = () => Object.entries(names.units).map(([code, [zh, en, level, , initials]]) => [code, zh, en, level, initials]);
  // In a list of units of one level the word for the level says nothing: Qingdu, not Qingdu District.
  gc.area = function (code) {
    const level = (names.units[code] || [])[2] || "";
    const word = " " + level.charAt(0).toUpperCase() + level.slice(1);
    return level && gc.unit(code).endsWith(word) ? gc.unit(code).slice(0, -word.length) : gc.unit(code);
  };
  gc.category = (code) => (names.categories[code] ? names.categories[code][at()] : code || "—");
  gc.number = (n) => (n == null ? "—" : n.toLocaleString("en-US"));

  // A grid is named by its community and the last digits of its code: 12,000 names need not travel.
  gc.community = (grid) => names.units[(grid || "").slice(0, 12)];
  gc.place = function (grid, short) {
    const community = gc.community(grid);
    if (!community) return grid || gc.word("place.unknown");
    const district = !short && names.units[grid.slice(0, 6) + "000000"];
    const fine = grid.length > 12 ? community[at()] + " " + gc.word("place.grid", { n: grid.slice(12) }) : community[at()];
    return district ? district[at()] + " · " + fine : fine;
  };
  // Whether a place or a department lies under `unit`; a grid code starts with the codes of what it lies in.
  gc.within = function (code, unit) {
    for (let c = names.units[code] ? code : (code || "").slice(0, 12), i = 0; c && i < 9; i++) {
      if (c === unit) return true;
      c = names.units[c] && names.units[c][3];
    }
    return false;
  };

  function paintOne(e) {
    const d = e.dataset;
    if (d.word) e.textContent = gc.word(d.word, d.values && JSON.parse(d.values));
    else if (d.unit && e.tagName !== "BUTTON") e.textContent = gc.unit(d.unit);
    else if (d.area) e.textContent = gc.area(d.area);
    else if (d.category) e.textContent = gc.category(d.category);
    else if (d.place) e.textContent = gc.place(d.place);
    if (d.wordTitle) {
      e.title = gc.word(d.wordTitle);
      if (e.hasAttribute("aria-label")) e.setAttribute("aria-label", e.title);
    }
    if (d.wordPlaceholder) e.querySelector("input,textarea")?.setAttribute("placeholder", gc.word(d.wordPlaceholder));
  }
  const MARKED = "[data-word],[data-word-title],[data-word-placeholder],[data-unit],[data-area],[data-category],[data-place]";
  function paint(root) {
    if (root.matches?.(MARKED)) paintOne(root);
    root.querySelectorAll?.(MARKED).forEach(paintOne);
  }

  // The shell is drawn in the city's language, pages in the visitor's at that time: once the two have differed, or the
  // visitor switched, everything that mounts is painted.
  let switched = false;
  new MutationObserver((changes) => {
    if (!switched) return;
    for (const change of changes) for (const node of change.addedNodes) if (node.nodeType === 1) paint(node);
  }).observe(document.documentElement, { childList: true, subtree: true });

  async function table(lang) {
    if (!tables[lang]) tables[lang] = await (await fetch(`/assets/locales/${lang}.json`)).json();
  }
  Promise.all([table("zh"), table(gc.lang)]).then(() => document.dispatchEvent(new CustomEvent("gc:words")));

  gc.setLang = async function (lang) {
    await table(lang);
    gc.lang = lang;
    switched = true;
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    document.title = gc.word("app.name");
    paint(document.body);
    markLang();
    document.dispatchEvent(new CustomEvent("gc:words"));
  };
  // The server says in which language it drew this page.
  gc.takeLang = function (lang) {
    const shell = document.querySelector(".gc-shell");
    if (lang && shell && (lang !== gc.lang || shell.dataset.drawn !== lang)) gc.setLang(lang);
  };
  function markLang() {
    document.querySelectorAll(".gc-lang").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.lang === gc.lang)));
  }

  gc.takeNames = function (table_) {
    if (table_ && table_.units) names = table_;
    document.dispatchEvent(new CustomEvent("gc:words"));
    return window.dash_clientside.no_update;
  };

  document.addEventListener("click", (e) => {
    const button = e.target.closest?.(".gc-lang");
    if (!button) return;
    document.cookie = `gc_lang=${button.dataset.lang}; path=/; max-age=31536000; samesite=lax`;
    gc.setLang(button.dataset.lang);
  });
  document.addEventListener("gc:start", markLang);
  document.documentElement.lang = gc.lang === "zh" ? "zh-CN" : "en";
})();
