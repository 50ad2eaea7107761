// The reassign and escalate dialogs. Ids of the commands are made once, when a dialog opens: however often it is confirmed,
// it is one wish.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const dialog = (gc.dialog = {});
  const DRAFT = "gc.draft.escalate.";
  let draft = null; // {verb, targets: [{id, case, version}]}
  let level = null;
  let at = 0;

  const byId = (id) => document.getElementById(id);
  const set = (id, props) => window.dash_clientside.set_props(id, props);
  dialog.isOpen = () => !!document.querySelector("dialog[open]");

  dialog.open = function (verb) {
    if (!gc.act.may(verb) || dialog.isOpen()) return;
    const why = gc.act.why(verb);
    if (why) return gc.toast({ kind: "unsure", title: why });
    const picked = gc.act.cases();
    draft = { verb, targets: picked.map((row) => ({ id: gc.uuid7(), case: row.case, version: row.version })) };
    const box = byId("gc-" + verb);
    box.querySelector(".gc-dialog-cases").textContent = title(picked);
    box.showModal();
    (verb === "reassign" ? openReassign : openEscalate)(picked[0]);
  };
  function title(picked) {
    const [row] = picked;
    if (picked.length > 1) return gc.word("dialog.cases", { n: picked.length });
    return [row.category && gc.category(row.category), row.grid && gc.place(row.grid)].filter(Boolean).join(" · ") || row.case;
  }
  function send(data) {
    if (gc.act.stale()) return; // the feed died while the dialog was open
    const commands = draft.targets.map((t) => ({ id: t.id, type: "command." + draft.verb, case: t.case, expected_version: t.version, data }));
    byId("gc-" + draft.verb).close();
    gc.send.commands(commands);
  }

  // ---- reassign
  function openReassign(row) {
    at = 0;
    set("dialog-find", { value: "" });
    set("dialog-candidates", { children: [] });
    byId("gc-reassign").dataset.state = "wait";
    set("dialog-ask", { data: { case: row.case, n: draft.targets[0].id } });
    byId("dialog-find").focus();
  }
  const all = () => [...document.querySelectorAll("#dialog-candidates .gc-candidate")];
  const shown = () => all().filter((c) => !c.hidden);
  // Initials count from their start (PSGS for 排水公司); a name counts wherever the text is in it.
  function filter(text) {
    const wanted = text.trim().toLowerCase();
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
    byId("gc-reassign").dataset.state = all().length && !list.length ? "none" : all().length || document.querySelector("#dialog-candidates .gc-notice") ? "list" : "wait";
  }
  function choose(candidate) {
    if (candidate) send({ to: candidate.dataset.to, reason: document.querySelector(".gc-reassign-reason").value });
  }
  function reassignKey(e) {
    const find = byId("dialog-find");
    const list = shown();
    if (e.key === "ArrowDown" || e.key === "ArrowUp") at = (at + (e.key === "ArrowDown" ? 1 : -1) + list.length) % (list.length || 1);
    else if (e.key === "Enter" && e.target.tagName !== "BUTTON") choose(list[at]);
    else if (/^[1-9]$/.test(e.key) && e.target.tagName !== "SELECT") choose(all()[+e.key - 1]);
    else {
      if (e.key.length === 1 && e.target !== find && e.target.tagName !== "SELECT") find.focus();
      return false;
    }
    mark();
    return true;
  }

  // ---- escalate
  function openEscalate() {
    pick(null);
    set("dialog-reason", { value: sessionStorage.getItem(DRAFT + draft.targets[0].case) || "" });
    document.querySelector("#gc-escalate [data-level]").focus();
    ready();
  }
  function pick(name) {
    level = name;
    document.querySelectorAll("#gc-escalate [data-level]").forEach((b) => b.setAttribute("aria-checked", String(b.dataset.level === name)));
    if (name) byId("dialog-reason").focus();
    ready();
  }
  const reason = () => byId("dialog-reason").value.trim();
  function ready() {
    const button = document.querySelector("#gc-escalate [data-send]");
    button.disabled = !level || !reason() || gc.act.stale();
  }
  function escalate() {
    if (!level || !reason()) return;
    sessionStorage.removeItem(DRAFT + draft.targets[0].case);
    send({ level, reason: reason() });
  }
  function escalateKey(e) {
    const writing = e.target.id === "dialog-reason";
    const levels = [...document.querySelectorAll("#gc-escalate [data-level]")];
    if (!writing && /^[1-3]$/.test(e.key)) pick(levels[+e.key - 1].dataset.level);
    else if (writing && e.key === "Enter" && !e.shiftKey) escalate();
    else return false;
    return true;
  }

  // Keys of the open dialog; true when used. keys.js has left out what belongs to an input method.
  dialog.key = function (e) {
    if (byId("gc-reassign")?.open) return reassignKey(e);
    if (byId("gc-escalate")?.open) return escalateKey(e);
    return false;
  };

  document.addEventListener("click", (e) => {
    const on = (selector) => e.target.closest?.(selector);
    if (on("[data-close]")) on("dialog")?.close();
    else if (on(".gc-candidate")) choose(on(".gc-candidate"));
    else if (on("[data-level]")) pick(on("[data-level]").dataset.level);
    else if (on("[data-send]")) escalate();
    else if (on("[data-act]") && on("button")) dialog.open(on("[data-act]").dataset.act);
    else if (e.target.tagName === "DIALOG") e.target.close(); // the backdrop
  });
  document.addEventListener("input", (e) => {
    if (e.target.id === "dialog-find") filter(e.target.value);
    if (e.target.id !== "dialog-reason" || !draft) return;
    sessionStorage.setItem(DRAFT + draft.targets[0].case, e.target.value); // a draft survives a reload
    ready();
  });
  document.addEventListener("gc:feed", () => byId("gc-escalate")?.open && ready());
  // Candidates arrive as children of the list; what was typed meanwhile filters them.
  document.addEventListener("gc:start", () => {
    const list = byId("dialog-candidates");
    if (!list || list.dataset.watched) return;
    list.dataset.watched = "1";
    new MutationObserver(() => filter(byId("dialog-find").value)).observe(list, { childList: true, subtree: true });
  });
})();
