// Commands on their way out, and what became of them. One batch is in flight at a time: Dash throws away the answer of an
// older call of the same callback, and an answer thrown away would be a click without an outcome.
// A command keeps its id until its outcome is known, so that sending it again can never act twice.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const ANSWER_MS = 8000; // the server itself says "unconfirmed" after five seconds
  const queue = [];
  let flight = null; // {seq, commands, timer}
  let seq = 0;
  const send = (gc.send = {});

  // UUIDv7: ids in the order of time keep the database's index small.
  gc.uuid7 = function () {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    let ms = Math.floor(gc.now());
    for (let i = 5; i >= 0; i--, ms = Math.floor(ms / 256)) bytes[i] = ms & 255;
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };

  send.commands = function (commands) {
    const known = new Set([...queue.flat(), ...(flight ? flight.commands : [])].map((c) => c.id));
    const fresh = commands.filter((c) => !known.has(c.id)); // the second of a double click
    if (!fresh.length) return;
    queue.push(fresh);
    next();
  };
  function next() {
    if (flight || !queue.length) return;
    const commands = queue.shift();
    flight = { seq: ++seq, commands, timer: setTimeout(() => finish(unanswered(commands)), ANSWER_MS) };
    window.dash_clientside.set_props("gc-send", { data: { seq: flight.seq, commands } });
  }
  const unanswered = (commands) => commands.map((c) => ({ id: c.id, status: "unconfirmed" }));

  send.answered = function (answer) {
    if (answer && flight && answer.seq === flight.seq) finish(answer.results);
    return window.dash_clientside.no_update;
  };
  function finish(results) {
    clearTimeout(flight.timer);
    const byId = new Map(flight.commands.map((c) => [c.id, c]));
    flight = null;
    const pairs = results.filter((r) => byId.has(r.id)).map((r) => [byId.get(r.id), r]);
    tell(pairs);
    gc.case.refresh();
    next();
  }

  const verb = (command) => command.type.replace("command.", "");
  function tell(pairs) {
    const accepted = pairs.filter(([, r]) => r.status === "accepted").map(([c]) => c);
    if (accepted.length) gc.toast({ kind: "ok", title: done(accepted) });
    const unsure = pairs.filter(([, r]) => r.status === "unconfirmed").map(([c]) => c);
    if (unsure.length) unconfirmed(unsure);
    pairs.filter(([, r]) => r.status === "refused").forEach(([c, r]) => refused(c, r));
  }
  function done(commands) {
    const [first] = commands;
    const to = first.data.to ? gc.unit(first.data.to) : gc.word("level." + first.data.level);
    const what = commands.length > 1 ? gc.word("toast.cases", { n: commands.length }) : first.case;
    return gc.word(`toast.done.${verb(first)}`, { what, to });
  }
  function unconfirmed(commands) {
    const what = commands.length > 1 ? gc.word("toast.cases", { n: commands.length }) : commands[0].case;
    const again = { text: gc.word("toast.retry"), go: () => send.commands(commands) };
    gc.toast({ kind: "unsure", title: gc.word("toast.unconfirmed", { what }), detail: gc.word("toast.unconfirmed.why"), buttons: [again], stays: true });
  }
  // The draft is the command itself: applying again is the same wish against the version that the case has now.
  function refused(command, result) {
    const now = result.current;
    const conflict = result.code === "conflict" && now;
    const buttons = conflict ? [{ text: gc.word("toast.again"), go: () => send.commands([{ ...command, id: gc.uuid7(), expected_version: now.version }]) }] : [];
    const title = gc.word(`toast.refused.${verb(command)}`, { what: command.case });
    gc.toast({ kind: "refused", title, detail: conflict ? change(now, command) : reason(result), buttons, stays: true });
  }
  function change(now, command) {
    const event = gc.hasWord("event." + now.type) ? gc.word("event." + now.type) : now.type;
    const values = { who: now.who, what: event, at: gc.timeOfDay(now.at), owner: gc.unit(now.owner) };
    const wish = command.data.to ? gc.unit(command.data.to) : gc.word("level." + command.data.level);
    return gc.word("toast.conflict", { ...values, wish });
  }
  function reason(result) {
    const key = "refusal." + result.code;
    return gc.hasWord(key) ? gc.word(key) : `${result.code || ""} ${result.message || ""}`.trim();
  }
})();
