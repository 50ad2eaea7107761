// The dialog of every command but the choice of a unit: its fields are a table, and which of them a command has comes with the session.
// Relies on: desk/act, desk/dialog, desk/draft, desk/presence, live/clock, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const form = (gc.form = {});
  const TEXT_BYTES = 10 * 1024; // of UTF-8, as the engine counts (dashboard/cases/payload.py)
  const HOURS = 24 * 90;
  const LEVELS = ["unit_head", "duty_chief", "commander"];
  const MODES = ["work_hours", "24x7", "work_days", "days"];
  const HOUR_MS = 3600000;
  let open = null; // {verb, targets, fields: {name: field}, draftOf}

  const box = () => document.getElementById("gc-form");
  const bytes = (text) => new TextEncoder().encode(text).length;

  function control(tag, name, props) {
    const e = gc.part(tag, "gc-input gc-field-" + name, "");
    return Object.assign(e, props);
  }
  function options(select, values, word) {
    for (const value of values) select.append(Object.assign(gc.part("option", "", gc.word(word + value)), { value }));
    return select;
  }
  // A field: its element, what it says now (undefined = not said), and what is wrong with it (null = nothing).
  const plain = (element, need = "field.needed") => ({
    element,
    read: () => element.value.trim() || undefined,
    write: (value) => (element.value = value),
    wrong: () => (element.value.trim() ? null : need && gc.word(need)),
  });
  // A day and a time in the city's zone, told to the server as an instant.
  function instant(name, after) {
    const element = control("input", name, { type: "datetime-local", value: gc.zoneText(gc.now() + after) });
    const at = () => gc.zoneInstant(element.value);
    const wrong = () => (!element.value ? gc.word("field.needed") : at() <= gc.now() ? gc.word("field.past") : null);
    return { element, read: () => new Date(at()).toISOString(), write: (v) => (element.value = gc.zoneText(Date.parse(v))), wrong };
  }
  const FIELDS = {
    level(_, row) {
      const element = gc.part("div", "gc-levels", "");
      element.setAttribute("role", "radiogroup");
      const above = LEVELS.indexOf(row.level) + 1;
      for (const [i, level] of LEVELS.entries()) {
        const button = gc.part("button", "gc-level", "");
        button.append(gc.part("kbd", "gc-kbd", String(i + 1)), gc.part("span", "", gc.word("level." + level)));
        Object.assign(button, { type: "button", onclick: () => (field.write(level), changed()) });
        button.dataset.level = level;
        button.setAttribute("role", "radio");
        element.append(button);
      }
      const field = {
        element,
        read: () => element.querySelector('[aria-checked="true"]')?.dataset.level,
        write: (level) => element.querySelectorAll("button").forEach((b) => b.setAttribute("aria-checked", String(b.dataset.level === level))),
        wrong: () => (field.read() ? null : gc.word("field.needed")),
      };
      field.write(LEVELS[Math.min(above, 2)]);
      return field;
    },
    reason: (act) => plain(options(control("select", "reason"), act.reasons, "reason.")),
    mode: () => plain(options(control("select", "mode"), MODES, "mode.")),
    hours() {
      const field = plain(control("input", "hours", { type: "number", min: 1, max: HOURS, step: 1, value: 24 }));
      const n = () => Number(field.element.value);
      return { ...field, read: n, wrong: () => (n() > 0 && n() <= HOURS ? null : gc.word("field.hours.wrong", { n: gc.number(HOURS) })) };
    },
    until: () => instant("until", 7 * 24 * HOUR_MS),
    reply_due: () => instant("reply_due", 4 * HOUR_MS),
    into() {
      const element = control("input", "into", { type: "text", spellcheck: false });
      element.setAttribute("list", "gc-duplicates");
      return plain(element);
    },
    text(act) {
      const element = control("textarea", "text", { rows: act.fields.length === 1 ? 5 : 3 });
      const over = () => bytes(element.value) - TEXT_BYTES;
      const needed = act.fields.length === 1 ? "field.needed" : null;
      const wrong = () => (over() > 0 ? gc.word("field.long", { n: gc.number(over()) }) : plain(element, needed).wrong());
      return { ...plain(element, needed), wrong };
    },
  };

  /**
   * @param {string} verb
   * @param {Row[]} picked
   * @param {{id: string, case: string, version: number}[]} targets
   * @param {Object} [given] as in dialog.open
   */
  form.open = function (verb, picked, targets, given = {}) {
    const act = gc.act.table()[verb];
    const fields = Object.fromEntries(act.fields.map((name) => [name, FIELDS[name](act, picked[0])]));
    open = { verb, targets, fields, draftOf: targets[0].case };
    const saved = { ...gc.draft.load(verb, open.draftOf), ...given };
    for (const [name, value] of Object.entries(saved)) if (fields[name] && value !== undefined) fields[name].write(value);
    draw(gc.dialog.title(picked));
    box().showModal();
    changed();
    (fields.text && act.fields.length === 1 ? fields.text.element : box().querySelector('[aria-checked="true"], .gc-input'))?.focus();
  };
  function draw(cases) {
    const { verb, fields } = open;
    const head = gc.part("h2", "", gc.word("action." + verb));
    head.append(gc.part("span", "gc-dialog-cases", cases));
    const presence = gc.part("p", "gc-dialog-presence", "");
    presence.setAttribute("role", "status");
    const body = gc.part("div", "gc-dialog-body", "");
    body.append(head, presence, ...Object.entries(fields).map(line), foot());
    box().replaceChildren(body);
    gc.presence.paint();
  }
  function line([name, field]) {
    const label = gc.part(name === "level" ? "div" : "label", "gc-field", "");
    label.append(gc.part("span", "gc-field-name", gc.word("field." + name)), field.element, gc.part("span", "gc-field-wrong", ""));
    field.label = label;
    if (name === "into") label.append(duplicates());
    return label;
  }
  // What the open case may be a double of, as the drawer shows them.
  function duplicates() {
    const list = Object.assign(gc.part("datalist", "", ""), { id: "gc-duplicates" });
    document.querySelectorAll("[data-duplicate]").forEach((e) => list.append(Object.assign(gc.part("option", "", ""), { value: e.dataset.duplicate })));
    return list;
  }
  function foot() {
    const row = gc.part("div", "gc-dialog-foot", "");
    const cancel = gc.part("button", "gc-button", gc.word("dialog.cancel"));
    cancel.dataset.close = "1";
    cancel.append(gc.part("kbd", "gc-kbd", "Esc"));
    const go = gc.part("button", "gc-button gc-primary", gc.word("action." + open.verb));
    go.append(gc.part("kbd", "gc-kbd", "Enter"));
    go.onclick = send;
    row.append(gc.part("span", "gc-quiet", gc.word(open.fields.level ? "form.keys.level" : "form.keys")), gc.part("div", "gc-gap", ""), cancel, go);
    open.go = go;
    return row;
  }
  function said() {
    const data = {};
    for (const [name, field] of Object.entries(open.fields)) if (!field.wrong() && field.read() !== undefined) data[name] = field.read();
    return data;
  }
  function changed() {
    for (const field of Object.values(open.fields)) field.label.querySelector(".gc-field-wrong").textContent = field.wrong() || "";
    open.go.disabled = gc.act.stale() || Object.values(open.fields).some((field) => field.wrong());
    open.go.title = gc.act.stale() ? gc.word("barred.stale") : "";
  }
  function send() {
    if (!open || open.go.disabled) return;
    const data = said();
    box().close();
    gc.dialog.send(open.verb, open.targets, data);
  }
  /**
   * @param {KeyboardEvent} e
   * @returns {boolean} whether it was used
   */
  form.key = function (e) {
    const writing = /^(TEXTAREA|INPUT)$/.test(e.target.tagName);
    if (e.key === "Enter" && !e.shiftKey && !e.target.closest("[data-close]")) send();
    else if (open.fields.level && !writing && /^[1-3]$/.test(e.key)) {
      open.fields.level.write(LEVELS[+e.key - 1]);
      changed();
    } else return false;
    return true;
  };
  document.addEventListener("input", (e) => {
    if (!open || !e.target.closest?.("#gc-form")) return;
    changed();
    gc.draft.save(open.verb, open.draftOf, said());
  });
  document.addEventListener("gc:feed", () => box()?.open && changed());
})();
