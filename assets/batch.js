// One wish for many cases: sent fifty by fifty, with its progress and a way to stop; a line per case says what became of it, and what
// was refused because somebody was faster can be applied again, to one or to all.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const batch = (gc.batch = {});
  const CHUNK = 50; // callbacks/desk.py takes no more at once
  const ASK_ABOVE = 2000;
  const LINES = 300; // of each kind; the rest is a count
  const ORDER = ["refused", "unconfirmed", "waiting", "accepted"];
  const GLYPH = { accepted: "✓", refused: "▼", unconfirmed: "◐", waiting: "·" };
  let run = null; // {commands, results: Map(id -> pair), stopped, running}

  const part = (...args) => gc.part(...args); // toast.js loads after this file
  const $ = (selector) => document.querySelector(selector);

  // Resolves to the pairs [command, result] when all is sent, or when it is stopped.
  batch.run = async function (commands) {
    if (run?.running) return gc.toast({ kind: "unsure", title: gc.word("batch.busy") });
    if (commands.length > ASK_ABOVE && !confirm(gc.word("batch.sure", { act: gc.outcome.act(commands[0]), n: gc.number(commands.length) }))) return [];
    run = { commands, results: new Map(), stopped: false, running: true };
    await go(commands);
    return [...run.results.values()];
  };
  async function go(commands) {
    run.running = true;
    panel();
    for (let i = 0; i < commands.length && !run.stopped; i += CHUNK) {
      if (gc.act.stale()) break; // no command over a dead feed; what is left stays waiting
      for (const pair of await gc.send.ask(commands.slice(i, i + CHUNK))) run.results.set(pair[0].id, pair);
      gc.undo.together(run.commands[0].id, run.results.keys());
      paint();
    }
    run.running = false;
    paint();
  }
  // The same cases, with the commands that take the place of the refused ones.
  async function renew(pairs) {
    const renewed = new Map(pairs.map(([command, result]) => [command.id, gc.outcome.again(command, result) || command]));
    for (const id of renewed.keys()) run.results.delete(id);
    run.commands = run.commands.map((c) => renewed.get(c.id) || c);
    run.stopped = false;
    await go([...renewed.values()]);
  }

  const status = (command) => run.results.get(command.id)?.[1].status || "waiting";
  const of = (kind) => run.commands.filter((c) => status(c) === kind);
  const pairsOf = (kind) => of(kind).map((c) => run.results.get(c.id));
  const conflicts = () => pairsOf("refused").filter(([c, r]) => gc.outcome.again(c, r));

  function panel() {
    const box = $("#gc-batch") || document.body.appendChild(Object.assign(part("section", "gc-batch gc-panel", ""), { id: "gc-batch" }));
    const [first] = run.commands;
    const wish = gc.outcome.wish(first);
    const head = part("header", "gc-batch-head", "");
    const close = part("button", "gc-x", "✕");
    close.setAttribute("aria-label", gc.word("dialog.close"));
    close.onclick = () => (run.running ? (run.stopped = true) : box.remove());
    head.append(part("h2", "", gc.word("batch.title", { act: gc.outcome.act(first), n: gc.number(run.commands.length) }) + (wish ? " → " + wish : "")), close);
    const said = part("div", "gc-batch-said", "");
    said.setAttribute("role", "status");
    box.replaceChildren(head, part("progress", "gc-batch-progress", ""), said, part("div", "gc-batch-buttons", ""), part("ol", "gc-batch-lines", ""));
    paint();
  }
  function paint() {
    const box = $("#gc-batch");
    if (!box) return;
    const n = Object.fromEntries(ORDER.map((kind) => [kind, of(kind).length]));
    Object.assign(box.querySelector("progress"), { max: run.commands.length, value: run.commands.length - n.waiting });
    const counts = ORDER.filter((kind) => n[kind]).map((kind) => `${GLYPH[kind]} ${gc.word("batch." + kind, { n: gc.number(n[kind]) })}`);
    box.querySelector(".gc-batch-said").textContent = `${gc.number(run.commands.length - n.waiting)} / ${gc.number(run.commands.length)} · ${counts.join(" · ")}`;
    box.dataset.running = run.running ? "1" : "0";
    box.querySelector(".gc-batch-buttons").replaceChildren(...buttons(n));
    box.querySelector("ol").replaceChildren(...ORDER.flatMap((kind) => (kind === "waiting" && run.running ? [] : lines(kind))));
  }
  function button(key, n, go) {
    const made = part("button", "gc-button", gc.word(key, { n: gc.number(n) }));
    made.onclick = go;
    return made;
  }
  function buttons(n) {
    if (run.running) return [button("batch.stop", n.waiting, () => (run.stopped = true))];
    const faster = conflicts();
    const undoable = of("accepted").map((c) => c.id).filter(gc.undo.may);
    return [
      faster.length && button("batch.again", faster.length, () => renew(faster)),
      n.unconfirmed && button("batch.retry", n.unconfirmed, () => renew(pairsOf("unconfirmed"))),
      n.waiting && button("batch.go_on", n.waiting, () => ((run.stopped = false), go(of("waiting")))),
      undoable.length && button("batch.undo", undoable.length, () => gc.undo.go(undoable)),
    ].filter(Boolean);
  }
  function lines(kind) {
    const commands = of(kind);
    const shown = commands.slice(0, LINES).map((command) => line(kind, command));
    return commands.length > LINES ? [...shown, part("li", "gc-quiet", gc.word("batch.more", { n: gc.number(commands.length - LINES) }))] : shown;
  }
  function line(kind, command) {
    const row = part("li", `gc-batch-line gc-batch-${kind}`, "");
    const name = part("button", "gc-batch-case", command.case);
    name.onclick = () => gc.desk.open(command.case);
    row.append(part("span", "gc-batch-glyph", GLYPH[kind]), name);
    const pair = run.results.get(command.id);
    if (kind === "refused" || kind === "unconfirmed") row.append(part("span", "gc-batch-why", gc.outcome.why(...pair)));
    if (!run.running && kind === "refused" && gc.outcome.again(...pair)) row.append(button("toast.again", 1, () => renew([pair])));
    if (!run.running && kind === "unconfirmed") row.append(button("toast.retry", 1, () => renew([pair])));
    return row;
  }
  document.addEventListener("gc:words", () => $("#gc-batch") && panel());
})();
