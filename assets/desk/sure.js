// Asks once more before very many cases are changed at once, or cases that nobody looks at: what will be done, to how many in digits and
// in words, and how many of them are not on the screen. Esc, Enter and a click beside it mean no.
// Relies on: desk/case, desk/outcome, desk/rows, desk/send, shell/number, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const { part } = gc;
  const sure = (gc.sure = {});
  const MOST = 50; // so many are done without a question, where all of them are in sight

  const box = () => document.getElementById("gc-sure");
  const seen = (id) => id === gc.case.id();
  /**
   * What was done at once goes back at once, although its cases have left the screen meanwhile.
   * @param {Command[]} commands
   */
  sure.needed = function (commands) {
    if (commands.length > MOST) return true;
    const drawn = gc.rows.drawn();
    return commands.length > 1 && gc.send.verb(commands[0]) !== "undo" && commands.some((c) => !drawn.has(c.case) && !seen(c.case));
  };
  /**
   * @param {Command[]} commands
   * @param {number} [skipped]  how many chosen cases are left out
   * @returns {Promise<boolean>}
   */
  sure.ask = function (commands, skipped = 0) {
    const inView = gc.rows.inView();
    const unseen = commands.filter((c) => !inView.has(c.case) && !seen(c.case)).length;
    const [n, act] = [commands.length, gc.outcome.act(commands[0])];
    const choice = gc.outcome.choice(commands[0]);
    const lines = [
      part("h2", "", gc.word("sure.title", { act: act + (choice ? " → " + choice : ""), n: gc.number(n) })),
      part("p", "gc-sure-words", gc.word(n === 1 ? "sure.words.one" : "sure.words", { n: gc.inWords(n, gc.lang) })),
      unseen && part("p", "gc-sure-unseen", gc.word("sure.unseen", { n: gc.number(unseen) })),
      skipped && part("p", "gc-quiet", gc.word("sure.skipped", { n: gc.number(skipped) })),
    ];
    const body = part("div", "gc-dialog-body");
    body.append(...lines.filter(Boolean), foot(gc.word("sure.go", { act, n: gc.number(n) })));
    box().replaceChildren(body);
    box().returnValue = "";
    box().showModal();
    return new Promise((done) => box().addEventListener("close", () => done(box().returnValue === "go"), { once: true }));
  };
  function foot(text) {
    const row = part("div", "gc-dialog-foot");
    const cancel = part("button", "gc-button", gc.word("dialog.cancel"));
    cancel.append(part("kbd", "gc-kbd", "Esc"));
    Object.assign(cancel, { autofocus: true, onclick: () => box().close() });
    const go = part("button", "gc-button gc-sure-go", text);
    go.onclick = () => box().close("go");
    row.append(part("span", "gc-quiet", gc.word("sure.keys")), part("div", "gc-gap"), cancel, go);
    return row;
  }
})();
