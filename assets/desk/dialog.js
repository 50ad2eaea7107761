// Opening a command's dialog, and the choice of a unit. Ids of the commands are made once, when a dialog opens: however often it is
// confirmed, it is one command.
// Relies on: desk/acknowledge, desk/act, desk/batch, desk/candidate, desk/desk, desk/draft, desk/form, desk/palette, desk/send, shell/kept, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const dialog = (gc.dialog = {});
  let targets = [];
  let moving = "reassign"; // or designate, in arbitration: the same choice under another right
  let at = 0;
  let meant = 0; // the digit that was pressed before the list came

  const byId = (id) => document.getElementById(id);
  const $ = (selector) => document.querySelector(selector);
  dialog.isOpen = () => !!document.querySelector("dialog[open]");
  dialog.cases = () => (dialog.isOpen() ? targets.map((t) => t.case) : []);

  /**
   * @param {?string} verb
   * @param {Object} [given] what is known of the fields already, such as the case to merge into
   */
  dialog.open = async function (verb, given) {
    if (!verb || !gc.act.may(verb) || dialog.isOpen()) return;
    const why = gc.act.why(verb);
    if (why) return gc.toast({ kind: "unsure", title: why });
    await gc.kept.ready; // with what was written of it before
    if (dialog.isOpen()) return;
    const picked = gc.act.cases();
    targets = picked.map((row) => ({ id: gc.uuid7(), case: row.case, version: row.version }));
    const { fields } = gc.act.table()[verb];
    if (verb === "acknowledge") gc.acknowledge(targets);
    else if (!fields.length) dialog.send(verb, targets, {});
    else if (fields[0] === "to") openUnits(verb, picked);
    else gc.form.open(verb, picked, targets, given);
    document.dispatchEvent(new CustomEvent("gc:dialog"));
  };
  /** @param {Row[]} picked */
  dialog.title = function (picked) {
    const [row] = picked;
    if (picked.length > 1) return gc.word("dialog.cases", { n: gc.number(picked.length) });
    return [row.category && gc.category(row.category), row.grid && gc.place(row.grid)].filter(Boolean).join(" · ") || row.case;
  };
  /**
   * @param {string} verb
   * @param {{id: string, case: string, version: number}[]} cases  with the ids that their commands will have
   * @param {Object} data
   */
  dialog.send = async function (verb, cases, data) {
    if (gc.act.stale()) return; // the feed died while the dialog was open
    const commands = cases.map((target) => gc.send.command(verb, target, data));
    const pairs = await (commands.length === 1 ? gc.send.commands(commands) : gc.batch.run(commands));
    if (pairs?.some(([, result]) => result.status === "accepted")) gc.draft.clear(verb, cases[0].case);
  };

  // ---- the choice of a unit
  const text = () => $(".gc-reassign-text");
  const reason = () => $(".gc-reassign-reason");
  function openUnits(verb, picked) {
    at = 0;
    moving = verb;
    reason().replaceChildren(...gc.act.table()[verb].reasons.map((value) => Object.assign(gc.part("option", "", gc.word("reason." + value)), { value })));
    gc.act.name(byId("gc-reassign").querySelector("h2 [data-word]"), verb, picked);
    byId("gc-reassign").querySelector(".gc-dialog-cases").textContent = dialog.title(picked) + (picked.length > 1 ? gc.word("reassign.first") : "");
    const saved = gc.draft.load(moving, targets[0].case);
    text().value = saved.text || "";
    reason().value = saved.reason || reason().options[0].value;
    byId("gc-reassign").showModal();
    gc.setProps("dialog-find", { value: "" });
    offer(picked[0]);
    byId("dialog-find").focus();
  }
  // A digit that came before the list means the case that the dialog was opened for, and no other.
  async function offer(row) {
    const [mine] = targets;
    const box = byId("dialog-candidates");
    const stands = () => targets[0] === mine && byId("gc-reassign").open;
    meant = 0;
    gc.candidate.wait(box);
    mark();
    try {
      const found = await gc.candidate.ask(row);
      if (stands()) gc.candidate.draw(box, targets.length > 1 ? { ...found, report: null } : found);
    } catch {
      if (stands()) gc.candidate.error(box, () => offer(row));
    }
    if (!stands()) return;
    filter(byId("dialog-find").value);
    choose(all()[meant - 1]);
  }
  const all = () => [...document.querySelectorAll("#dialog-candidates .gc-candidate")];
  const waits = () => !byId("dialog-candidates").childElementCount;
  const shown = () => all().filter((c) => !c.hidden);
  // Initials count from their start (PSGS for 排水公司); a name counts wherever the text is in it.
  function filter(typed) {
    const wanted = typed.trim().toLowerCase();
    for (const c of all()) {
      const [initials, ...name] = c.dataset.find.split(" ");
      c.hidden = !(initials.startsWith(wanted) || name.join(" ").includes(wanted));
    }
    at = 0;
    mark();
  }
  function mark() {
    const list = shown();
    at = Math.min(at, Math.max(0, list.length - 1));
    all().forEach((c) => c.setAttribute("aria-selected", String(c === list[at])));
    list[at]?.scrollIntoView({ block: "nearest" });
    byId("gc-reassign").dataset.state = waits() ? "wait" : all().length && !list.length ? "none" : "list";
  }
  function choose(candidate) {
    if (!candidate) return;
    const written = text().value.trim();
    byId("gc-reassign").close();
    dialog.send(moving, targets, { to: candidate.dataset.to, reason: reason().value, ...(written && { text: written }) });
  }
  function digit(n) {
    if (waits()) meant = n;
    else choose(all()[n - 1]);
  }
  function reassignKey(e) {
    if (e.target === text() || e.target.tagName === "SELECT") return false;
    const find = byId("dialog-find");
    const list = shown();
    if (e.key === "ArrowDown" || e.key === "ArrowUp") at = (at + (e.key === "ArrowDown" ? 1 : -1) + list.length) % (list.length || 1);
    else if (e.key === "Enter" && !/^(BUTTON|SUMMARY)$/.test(e.target.tagName)) choose(list[at]);
    else if (/^[1-9]$/.test(e.key)) digit(+e.key);
    else {
      if (e.key.length === 1 && e.target !== find) find.focus();
      return false;
    }
    mark();
    return true;
  }

  // Keys of the open dialog; true when used. keys.js has left out what belongs to an input method.
  dialog.key = function (e) {
    if (byId("gc-reassign")?.open) return reassignKey(e);
    if (byId("gc-form")?.open) return gc.form.key(e);
    if (byId("gc-palette")?.open) return gc.palette.key(e);
    return false;
  };

  document.addEventListener("click", (e) => {
    const on = (selector) => e.target.closest?.(selector);
    if (on("[data-close]")) on("dialog")?.close();
    else if (on(".gc-candidate")) choose(on(".gc-candidate"));
    else if (on("[data-merge]")) dialog.open("merge", { into: on("[data-merge]").dataset.merge });
    else if (on("button[data-act]")) dialog.open(on("[data-act]").dataset.act);
    else if (e.target.tagName === "DIALOG") e.target.close(); // the backdrop
  });
  document.addEventListener("close", (e) => {
    if (e.target.tagName !== "DIALOG") return;
    gc.desk.focusRow();
    document.dispatchEvent(new CustomEvent("gc:dialog"));
  }, true);
  document.addEventListener("input", (e) => {
    if (e.target.id === "dialog-find") filter(e.target.value);
    if (e.target === text() || e.target === reason()) gc.draft.save(moving, targets[0].case, { text: text().value, reason: reason().value });
  });
})();
