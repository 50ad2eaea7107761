// Shows what may be undone: the bar names the last command, its case and the time left; a click opens the whole stack, each with its own
// way back. And the way back of the open case, which may be somebody else's command.
// Relies on: desk/act, desk/case, desk/dialog, desk/undo, live/clock, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const { part } = gc;
  const $ = (selector) => document.querySelector(selector);
  const list = () => document.getElementById("gc-undo");

  // An element that did not change is left alone: the open case is watched for changes (case.js).
  function write(e, text) {
    if (e.textContent !== text) e.textContent = text;
  }
  function paintBar() {
    const bar = $(".gc-undo-last");
    const [top] = gc.undo.stack();
    if (!bar) return;
    bar.hidden = !top;
    if (!top) return;
    write(bar.querySelector(".gc-undo-what"), gc.word("undo.bar", { what: gc.undo.what(top) }));
    write(bar.querySelector(".gc-undo-time"), gc.undo.left(top));
    bar.dataset.entry = top.entry;
    bar.title = gc.undo.what(top) + " · " + named(top);
    // Not what Z was last said to mean: the key asks first.
    bar.dataset.moved = top.entry === gc.undo.told()?.entry ? "0" : "1";
  }
  const named = ({ commands: [first, ...more] }) => first.case + (more.length ? " …" : "");

  function paintList() {
    if (!list()?.open) return;
    const entries = gc.undo.stack();
    if (!entries.length) return list().close();
    const shown = [...list().querySelectorAll(".gc-undo-line")];
    if (shown.map((e) => e.dataset.entry).join() !== entries.map((e) => e.entry).join()) draw(entries);
    else entries.forEach((entry, i) => write(shown[i].querySelector(".gc-undo-time"), gc.undo.left(entry)));
  }
  function draw(entries) {
    const body = part("div", "gc-dialog-body");
    const close = part("button", "gc-button", gc.word("dialog.close"));
    close.dataset.close = "1";
    close.append(part("kbd", "gc-kbd", "Esc"));
    const foot = part("div", "gc-dialog-foot");
    foot.append(part("span", "gc-quiet", gc.word("undo.why")), part("div", "gc-gap"), close);
    const lines = part("ol", "gc-undo-lines");
    lines.append(...entries.map(line));
    body.append(part("h2", "", gc.word("undo.title", { n: gc.number(entries.length) })), lines, foot);
    list().replaceChildren(body);
    lines.querySelector("button").focus();
  }
  function line(entry) {
    const row = part("li", "gc-undo-line");
    row.dataset.entry = entry.entry;
    const words = part("span", "gc-undo-words");
    words.append(part("b", "", gc.undo.what(entry)), part("span", "gc-quiet", `${gc.timeOfDay(entry.at)} · ${named(entry)}`));
    const go = part("button", "gc-button", gc.word("action.undo"));
    go.onclick = () => (list().close(), gc.undo.entry(entry.entry));
    row.append(words, part("span", "gc-undo-time", gc.undo.left(entry)), go);
    return row;
  }
  function open() {
    if (gc.dialog.isOpen()) return;
    list().showModal();
    draw(gc.undo.stack());
  }

  function paintCase() {
    const button = $(".gc-undo-case");
    if (!button) return;
    const over = +button.dataset.undoUntil - gc.now();
    button.hidden = over <= 0 || !gc.act.may("undo");
    if (button.hidden) return;
    const act = gc.word("action." + button.dataset.undoVerb);
    write(button, gc.word("undo.case", { act, who: button.dataset.undoBy, t: gc.span(over).slice(3).replace(/^0/, "") }));
  }
  document.addEventListener("click", (e) => {
    if (e.target.closest?.(".gc-undo-last")) open();
    const one = e.target.closest?.(".gc-undo-case");
    if (one) gc.undo.one(Object.assign({ command: one.dataset.undo }, gc.case.row()));
  });
  function paint() {
    paintBar();
    paintList();
    paintCase();
  }
  for (const name of ["gc:undo", "gc:second", "gc:words", "gc:chosen"]) document.addEventListener(name, paint);
})();
