// Whether an action may be taken now, said in one place: a button that would only be refused is off and says why, and so does its key.
// Which commands there are, with their keys, fields and reasons, comes with the session (layouts/parts/act.py).
// Relies on: desk/case, desk/desk, desk/pending, live/alarm, live/live, live/model, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const act = (gc.act = {});

  /** @returns {Session["acts"]} */
  act.table = () => gc.session?.acts || {};
  act.may = (verb) => verb in act.table();
  act.stale = () => document.documentElement.dataset.gcFeed === "stale";

  /**
   * The cases an action means: the chosen rows, or the case that is open.
   * @returns {Row[]}
   */
  act.cases = () => gc.desk.chosen() || [gc.case.row()].filter(Boolean);

  /**
   * The verb of a key: verbs that share one exclude each other, so the first that is possible is meant.
   * @param {string} key in small letters
   * @returns {?string}
   */
  act.ofKey = function (key) {
    const verbs = Object.keys(act.table()).filter((verb) => act.table()[verb].key.toLowerCase() === key);
    return verbs.find((verb) => act.why(verb) === null) || verbs[0] || null;
  };

  /**
   * Why the verb cannot be given to the chosen cases, in words; null where it can. Of several cases one that allows it is enough: the
   * others get their own answer. A key that does and takes back (M merges and parts) is not guessed: while the case has moved, or is
   * about to by such a command of ours, the key waits until the case is read again.
   * @param {string} verb
   * @returns {?string}
   */
  act.why = function (verb) {
    if (act.stale()) return gc.word("barred.stale");
    const cases = act.cases();
    if (!cases.length) return gc.word("barred.none");
    if (cases.length === 1 && turns(verb) && moving(cases[0], verb)) return gc.word("barred.reading");
    const waiting = verb === "acknowledge" && gc.alarm.waiting();
    if (cases.some((row) => allows(row, verb) && (!waiting || waiting.has(row.case)))) return null;
    return gc.word(barred(verb, cases[0]), { stage: gc.word("stage." + cases[0].stage) });
  };
  const sharing = (verb) => Object.keys(act.table()).filter((other) => act.table()[other].key === act.table()[verb].key);
  // Two ways to give a case away ask for the same unit: the wrong one of them does no harm.
  const turns = (verb) => sharing(verb).length > 1 && !act.table()[verb].fields.includes("to");
  const newer = (row) => gc.model.rows.get(row.case)?.version > row.version;
  const moving = (row, verb) => !row.allowed || newer(row) || sharing(verb).includes(gc.pending.of(row.case)?.verb);
  // Some may only be given by this role before the case is accepted.
  const tooLate = (row, verb) => act.table()[verb].early.includes(gc.session.role) && row.stage !== "REPORTED";
  const allows = (row, verb) => (!row.allowed || row.allowed.includes(verb)) && !tooLate(row, verb);
  function barred(verb, row) {
    if (gc.ENDED.has(row.stage)) return "barred.ended";
    if (verb === "suspend" && row.severity === "danger") return "barred.suspend.danger";
    if (verb === "reassign" && row.returns >= 2) return "barred.reassign.arbitration";
    return gc.hasWord("barred." + verb) ? "barred." + verb : "barred.stage";
  }
  // To give away what no unit has yet is to dispatch it: the button and the dialog say so.
  const fresh = (cases) => cases.length > 0 && cases.every((row) => gc.UNDISPATCHED.has(row.stage));
  /** Shows the verb's name for these cases in the element that has its word. */
  act.name = function (element, verb, cases) {
    element.dataset.word = verb === "reassign" && fresh(cases) ? "action.dispatch" : "action." + verb;
    const text = gc.word(element.dataset.word);
    if (element.textContent !== text) element.textContent = text;
  };
  act.paint = function () {
    const cases = act.cases();
    const why = new Map(Object.keys(act.table()).map((verb) => [verb, act.why(verb)]));
    document.querySelectorAll(".gc-act").forEach((button) => {
      const reason = why.get(button.dataset.act) ?? null;
      button.disabled = reason !== null;
      button.hidden = meant(button.dataset.act) !== button.dataset.act;
      button.title = reason || "";
      act.name(button.querySelector("[data-word]"), button.dataset.act, cases);
    });
    paintBarred([...why].filter(([verb, reason]) => reason !== null && verb !== "undo"));
  };
  // Of two verbs that share a key only the one that is possible is shown: the other reverses it.
  const meant = (verb) => (act.may(verb) ? act.ofKey(act.table()[verb].key.toLowerCase()) : verb); // a page's buttons may be there before its session
  // In words, for those who cannot hover over a button that is off.
  function paintBarred(off) {
    const box = document.querySelector(".gc-barred");
    if (!box) return;
    const lines = off.map(([verb, reason]) => `${gc.word("action." + verb)}: ${reason}`);
    const said = lines.join("\n");
    if (box.dataset.said === said) return; // the case is watched for changes (case.js): painting the same again would never end
    box.dataset.said = said;
    box.hidden = !off.length;
    box.querySelector("summary").textContent = gc.word("barred.count", { n: off.length });
    box.querySelector("ul").replaceChildren(...lines.map((line) => gc.part("li", "", line)));
  }
  for (const name of ["gc:start", "gc:words", "gc:chosen", "gc:feed", "gc:alarm"]) document.addEventListener(name, () => act.paint());
})();
