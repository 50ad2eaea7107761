// What became of a command, in words: for the toast of a single one and for the lines of a batch.
// Relies on: desk/send, desk/undo, live/clock, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const outcome = (gc.outcome = {});
  const UNITS = { to: (v) => gc.unit(v), level: (v) => gc.word("level." + v), hours: (v, d) => gc.word("form.hours", { n: v, mode: gc.word("mode." + d.mode) }), into: (v) => v };

  outcome.act = (command) => gc.word("action." + gc.send.verb(command));
  /**
   * What was chosen in the dialog, which tells two commands of one verb apart; "" for those that have nothing to choose.
   * @param {Command} command
   */
  outcome.choice = function (command) {
    const name = Object.keys(UNITS).find((n) => command.data[n]);
    return name ? UNITS[name](command.data[name], command.data) : "";
  };
  /**
   * @param {Command} command
   * @param {Result} result
   */
  outcome.why = function (command, result) {
    if (result.status === "unconfirmed") return gc.word(gc.hasWord("toast.unconfirmed." + result.why) ? "toast.unconfirmed." + result.why : "toast.unconfirmed.why");
    if (result.code === "conflict" && result.current) return conflict(command, result.current);
    const key = (result.code === "unavailable" ? "unsent." : "refusal.") + result.why;
    return gc.hasWord(key) ? gc.word(key, named(result.values || {})) : result.message || result.code || "";
  };
  // Codes and instants of a refusal (dashboard/cases/refusal.py) as this reader names them; ids and people stay as they are.
  const word = (family) => (code) => (gc.hasWord(family + "." + code) ? gc.word(family + "." + code) : code || "—");
  const instant = (at) => gc.zoneText(at).replace("T", " ");
  const KINDS = {
    unit: (v) => gc.unit(v), grid: (v) => gc.place(v), category: (v) => gc.category(v), verb: word("action"), role: word("role"), level: word("level"),
    stage: word("stage"), type: word("event"), field: word("field"), at: instant, until: instant,
  };
  const LISTS = { stages: "stage", roles: "role", verbs: "verb" };
  function named(values) {
    const say = (name, value) => (LISTS[name] ? value.map(KINDS[LISTS[name]]).join(gc.word("list.and")) || "—" : KINDS[name] ? KINDS[name](value) : value);
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, say(name, value)]));
  }
  function conflict(command, now) {
    const what = gc.hasWord("event." + now.type) ? gc.word("event." + now.type) : now.type;
    const choice = outcome.choice(command) || outcome.act(command);
    return gc.word("toast.conflict", { who: now.who, what, at: gc.timeOfDay(now.at), owner: gc.unit(now.owner), choice });
  }
  /**
   * The command that one click sends: itself where it never left, against the case as it is now where somebody was faster.
   * @param {Command} command
   * @param {Result} result
   * @returns {?Command} null where another click would change nothing
   */
  outcome.again = function (command, result) {
    if (result.code === "unavailable") return command;
    return result.code === "conflict" && result.current ? gc.send.renewed(command, result.current.version) : null;
  };

  /**
   * @param {Pair[]} pairs
   * @returns {Pair[]} the same
   */
  outcome.tell = function (pairs) {
    for (const [command, result] of pairs) TELL[result.status]?.(command, result);
    return pairs;
  };
  const title = (key, command) => gc.word(key, { act: outcome.act(command), what: command.case });
  const TELL = {
    accepted(command) {
      const choice = outcome.choice(command);
      const buttons = gc.undo.may(command.id) ? [{ text: () => gc.undo.label(command.id), go: () => gc.undo.go([command.id]) }] : [];
      gc.toast({ kind: "ok", title: title("toast.done", command) + (choice ? " → " + choice : ""), buttons });
    },
    unconfirmed(command, result) {
      const again = { text: gc.word("toast.retry"), go: () => gc.send.commands([command]) };
      gc.toast({ kind: "unsure", title: title("toast.unconfirmed", command), detail: outcome.why(command, result), buttons: [again], stays: true });
    },
    // The draft is the command itself; applying again is one click.
    refused(command, result) {
      const renewed = outcome.again(command, result);
      const buttons = renewed ? [{ text: gc.word(renewed === command ? "toast.retry" : "toast.again"), go: () => gc.send.commands([renewed]) }] : [];
      gc.toast({ kind: "refused", title: title("toast.refused", command), detail: outcome.why(command, result), buttons, stays: true });
    },
  };
})();
