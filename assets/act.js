// Whether an action may be taken now, said in one place: a button that would only be refused is off and says why, and so does its key.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const act = (gc.act = {});
  const ENDED = new Set(["CLOSED", "VOIDED"]);
  act.may = (verb) => (gc.session?.can || []).includes(verb);
  act.stale = () => document.documentElement.dataset.gcFeed === "stale";

  // The cases an action means: the chosen rows, or the case that is open.
  act.cases = () => gc.desk.chosen() || [gc.case.row()].filter(Boolean);

  // The reason in words, or null. `allowed` is what the stage allows; a row that has moved since it was read has none, and the
  // server decides. Of several cases one is enough: the others get their own answer.
  act.why = function (verb) {
    if (act.stale()) return gc.word("barred.stale");
    const cases = act.cases();
    if (!cases.length) return gc.word("barred.none");
    if (cases.some((row) => !row.allowed || row.allowed.includes(verb))) return null;
    const [{ stage }] = cases;
    if (ENDED.has(stage)) return gc.word("barred.ended");
    return gc.word(`barred.${verb}`, { stage: gc.word("stage." + stage) });
  };

  act.paint = function () {
    document.querySelectorAll(".gc-act").forEach((button) => {
      const why = act.why(button.dataset.act);
      button.disabled = why !== null;
      button.title = why || "";
    });
  };
  for (const name of ["gc:start", "gc:words", "gc:chosen", "gc:feed"]) document.addEventListener(name, () => act.paint());
})();
