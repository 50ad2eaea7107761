// The panel of a command for many cases: its progress, how many became what, and a line a case.
// Relies on: desk/batch, desk/desk, desk/outcome, desk/undo, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const { part } = gc;
  const panel = (gc.batchPanel = {});
  const LINES = 300; // of each kind; the rest is a count
  const GLYPH = { accepted: "✓", refused: "▼", unconfirmed: "◐", waiting: "·" };

  const box = () => document.getElementById("gc-batch");
  panel.open = function () {
    const home = box() || document.body.appendChild(Object.assign(part("section", "gc-batch gc-panel"), { id: "gc-batch" }));
    const said = part("div", "gc-batch-said");
    said.setAttribute("role", "status");
    home.replaceChildren(head(), part("progress", "gc-batch-progress"), said, part("div", "gc-batch-buttons"), part("ol", "gc-batch-lines"));
    panel.paint();
  };
  function head() {
    const commands = gc.batch.commands();
    const choice = gc.outcome.choice(commands[0]);
    const row = part("header", "gc-batch-head");
    const close = part("button", "gc-x", "✕");
    close.setAttribute("aria-label", gc.word("dialog.close"));
    close.onclick = () => (gc.batch.running() ? gc.batch.stop() : box().remove());
    const title = gc.word("batch.title", { act: gc.outcome.act(commands[0]), n: gc.number(commands.length) });
    row.append(part("h2", "", title + (choice ? " → " + choice : "")), close);
    return row;
  }
  panel.paint = function () {
    if (!box()) return;
    const { KINDS, commands, of, running } = gc.batch;
    const n = Object.fromEntries(KINDS.map((kind) => [kind, of(kind).length]));
    const all = commands().length;
    Object.assign(box().querySelector("progress"), { max: all, value: all - n.waiting });
    const counts = KINDS.filter((kind) => n[kind]).map((kind) => `${GLYPH[kind]} ${gc.word("batch." + kind, { n: gc.number(n[kind]) })}`);
    box().querySelector(".gc-batch-said").textContent = `${gc.number(all - n.waiting)} / ${gc.number(all)} · ${counts.join(" · ")}`;
    box().dataset.running = running() ? "1" : "0";
    box().querySelector(".gc-batch-buttons").replaceChildren(...buttons(n));
    box().querySelector("ol").replaceChildren(...KINDS.flatMap((kind) => (kind === "waiting" && running() ? [] : lines(kind))));
  };
  function button(key, n, click) {
    const made = part("button", "gc-button", gc.word(key, { n: gc.number(n) }));
    made.onclick = click;
    return made;
  }
  function buttons(n) {
    const { conflicts, goOn, of, pairs, renew, running, stop } = gc.batch;
    if (running()) return [button("batch.stop", n.waiting, stop)];
    const faster = conflicts();
    const undoable = of("accepted").map((c) => c.id).filter(gc.undo.may);
    return [
      faster.length && button("batch.again", faster.length, () => renew(faster)),
      n.unconfirmed && button("batch.retry", n.unconfirmed, () => renew(pairs("unconfirmed"))),
      n.waiting && button("batch.go_on", n.waiting, goOn),
      undoable.length && button("batch.undo", undoable.length, () => gc.undo.go(undoable)),
    ].filter(Boolean);
  }
  function lines(kind) {
    const commands = gc.batch.of(kind);
    const shown = commands.slice(0, LINES).map((command) => line(kind, command));
    return commands.length > LINES ? [...shown, part("li", "gc-quiet", gc.word("batch.more", { n: gc.number(commands.length - LINES) }))] : shown;
  }
  function line(kind, command) {
    const row = part("li", `gc-batch-line gc-batch-${kind}`);
    const name = part("button", "gc-batch-case", command.case);
    name.onclick = () => gc.desk.open(command.case);
    row.append(part("span", "gc-batch-glyph", GLYPH[kind]), name);
    const pair = gc.batch.pair(command);
    if (kind === "refused" || kind === "unconfirmed") row.append(part("span", "gc-batch-why", gc.outcome.why(...pair)));
    if (gc.batch.running()) return row;
    if (kind === "refused" && gc.outcome.again(...pair)) row.append(button("toast.again", 1, () => gc.batch.renew([pair])));
    if (kind === "unconfirmed") row.append(button("toast.retry", 1, () => gc.batch.renew([pair])));
    return row;
  }
  document.addEventListener("gc:words", () => box() && panel.open());
})();
