// Who else has a dialog open on a case: said in the row, over the case and in one's own dialog. A dialog that is open says so again
// every ten seconds; what nobody renews is forgotten.
// Relies on: desk/case, desk/dialog, desk/rows, live/live, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const presence = (gc.presence = {});
  const RENEW_MS = 10000;
  const FORGET_MS = 25000;
  const here = new Map(); // case -> {by: [names], at}
  let told = null;

  presence.by = (id) => here.get(id)?.by || [];
  presence.text = (id) => (presence.by(id).length ? gc.word("presence", { who: presence.by(id).join(gc.word("list.and")) }) : "");

  function tell() {
    const [now] = gc.dialog.cases();
    if (now || told) gc.say({ t: "editing", case: now || null });
    told = now || null;
  }
  document.addEventListener("gc:dialog", tell);
  setInterval(() => told && tell(), RENEW_MS);

  document.addEventListener("gc:presence", (e) => {
    const { case: id, by } = e.detail;
    if (by.length) here.set(id, { by, at: performance.now() });
    else here.delete(id);
    show(id);
  });
  setInterval(() => {
    for (const [id, { at }] of here) {
      if (performance.now() - at <= FORGET_MS) continue;
      here.delete(id);
      show(id);
    }
  }, 5000);
  function show(id) {
    gc.rows.patch(id, {});
    presence.paint();
  }
  function line(selector, id) {
    const e = document.querySelector(selector);
    if (!e) return;
    e.textContent = id ? presence.text(id) : "";
    e.hidden = !e.textContent;
  }
  presence.paint = function () {
    line(".gc-strip-presence", gc.case.id());
    line("dialog[open] .gc-dialog-presence", gc.dialog.cases()[0]);
  };
  for (const name of ["gc:chosen", "gc:dialog", "gc:words"]) document.addEventListener(name, presence.paint);
})();
