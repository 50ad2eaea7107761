// The shift: the line above the desk's queue, and what is done on the page of handovers. The server decides who may sign; a signature needs
// two presses, for it cannot be taken back.
// Relies on: live/clock, live/live, shell/kept, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const SHIFT = "/api/v1/me/shift";
  const HANDOVERS = "/api/v1/handovers";
  const DRAFT = "handover";
  const ASK_MS = 60000; // what others hand over meanwhile
  const ANSWER_MS = 8000;
  const SURE_MS = 6000;
  const DONE = new Set([409]); // told in words of its own
  let now = null; // ShiftNow of the API

  const $ = (selector) => document.querySelector(selector);
  const hour = (at) => gc.timeOfDay(at).slice(0, 5);
  const wait = (ms) => ({ signal: AbortSignal.timeout(ms) });

  // ---- the line
  async function ask() {
    if (!gc.session?.keeps) return;
    try {
      const answer = await fetch(SHIFT, wait(ANSWER_MS));
      if (answer.ok) now = await answer.json();
    } catch {
      return; // the next minute asks again
    }
    paint();
  }
  function paint() {
    const line = $(".gc-shift");
    if (!line || !now) return;
    const part = (name) => line.querySelector(name);
    const { started, last_end, waiting } = now;
    part(".gc-shift-now").textContent = started ? gc.word("shift.since", { at: hour(started) }) : gc.word("shift.none");
    part('[data-shift="start"]').hidden = !!started;
    part(".gc-shift-end").hidden = !started;
    part('[data-tab="changed"]').hidden = !last_end;
    const offer = part(".gc-shift-waiting");
    offer.hidden = !waiting.length;
    offer.textContent = gc.word("shift.waiting", { n: waiting.length });
    offer.href = "/handover/" + (waiting.length === 1 ? waiting[0].handover : "");
  }
  document.addEventListener("gc:words", paint);
  document.addEventListener("gc:start", ask);
  setInterval(ask, ASK_MS);

  // ---- what is done
  const ACTS = {
    start: () => post(SHIFT),
    sign: () => post(HANDOVERS, { text: $(".gc-handover-write").value }),
    take: () => post(`${HANDOVERS}/${$(".gc-sheet").dataset.handover}/take`),
  };
  async function post(url, body = {}) {
    const headers = { "Content-Type": "application/json" };
    try {
      const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), ...wait(ANSWER_MS) });
      return { ok: answer.ok, status: answer.status, ...(await answer.json()) };
    } catch {
      return { ok: false, status: 0 };
    }
  }
  async function act(button) {
    const what = button.dataset.shift;
    if (what !== "start" && !button.dataset.sure) return sure(button);
    button.disabled = true;
    const said = await ACTS[what]();
    button.disabled = false;
    if (!said.ok) return refused(said);
    if (what === "sign") gc.kept.drop("draft", DRAFT);
    await gc.kept.write();
    if (what === "start" && $(".gc-shift")) return ((now = said), paint());
    location.href = "/handover" + (said.handover ? "/" + said.handover : "");
  }
  // The first press says whose signature it will be.
  function sure(button) {
    const text = button.textContent;
    button.dataset.sure = "1";
    button.textContent = gc.word("handover.sure", { name: gc.session.name });
    setTimeout(() => {
      delete button.dataset.sure;
      if (button.isConnected) button.textContent = text;
    }, SURE_MS);
  }
  function refused({ status, by, at, detail }) {
    const again = { text: gc.word("handover.look"), go: () => location.reload() };
    if (!DONE.has(status)) return gc.toast({ kind: status ? "refused" : "unsure", title: gc.word(status ? "handover.refused" : "handover.unsure"), detail, buttons: [again], stays: true });
    const title = by ? gc.word("handover.faster", { who: by, at: hour(at) }) : gc.word("handover.ended");
    gc.toast({ kind: "refused", title, buttons: [again], stays: true });
  }
  document.addEventListener("click", (e) => {
    const button = e.target.closest?.("button[data-shift]");
    if (button) act(button);
  });

  // Who goes home hands over first; who only has a break may go.
  let reminded = false;
  document.addEventListener("submit", function (e) {
    if (!now?.started || reminded || !e.target.matches?.(".gc-leave")) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    reminded = true;
    const buttons = [{ text: gc.word("shift.end"), go: () => (location.href = "/handover") }, { text: gc.word("control.leave"), go: () => e.target.requestSubmit() }];
    gc.toast({ kind: "unsure", title: gc.word("shift.goes.on", { at: hour(now.started) }), detail: gc.word("shift.goes.on.then"), buttons, stays: true });
  }, true);

  // ---- the sheet
  const field = () => $(".gc-handover-write");
  function write() {
    if (field() && !field().value) field().value = gc.kept.get("draft", DRAFT)?.text || "";
  }
  for (const name of ["gc:start", "gc:kept"]) document.addEventListener(name, write);
  document.addEventListener("input", (e) => e.target === field() && gc.kept.put("draft", DRAFT, { text: field().value }));
  document.addEventListener("gc:second", () => {
    const printed = $(".gc-printed");
    if (printed) printed.textContent = `${gc.zoneText(gc.now()).slice(0, 10)} ${gc.timeOfDay(gc.now())}`;
  });
})();
