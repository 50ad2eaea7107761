// Commands on their way out. One request is in flight at a time: Dash throws away the answer of an older call of the same callback,
// and an answer thrown away would be a click without an outcome.
// A command keeps its id until its outcome is known, so that sending it again can never act twice.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const ANSWER_MS = 8000; // the server itself says "unconfirmed" after five seconds
  const queue = []; // {commands, done}
  let flight = null; // {seq, commands, done, timer}
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
  send.command = (verb, target, data) => ({ id: target.id || gc.uuid7(), type: "command." + verb, case: target.case, expected_version: target.version, data });
  send.verb = (command) => command.type.replace("command.", "");
  // The same wish against the version that the case has now: other content, so another id.
  send.renewed = (command, version) => ({ ...command, id: gc.uuid7(), expected_version: version });

  // At most fifty at once (callbacks/desk.py); resolves to pairs [command, result], in their order.
  send.ask = function (commands) {
    const flying = new Set([...queue, ...(flight ? [flight] : [])].flatMap((q) => q.commands.map((c) => c.id)));
    const fresh = commands.filter((c) => !flying.has(c.id)); // the second of a double click
    if (!fresh.length) return Promise.resolve([]);
    gc.pending.mark(fresh);
    return new Promise((done) => {
      queue.push({ commands: fresh, done });
      next();
    });
  };
  // Sends and says what became of it.
  send.commands = async (commands) => gc.outcome.tell(await send.ask(commands));

  function next() {
    if (flight || !queue.length) return;
    flight = { seq: ++seq, ...queue.shift() };
    flight.timer = setTimeout(() => finish([]), ANSWER_MS);
    window.dash_clientside.set_props("gc-send", { data: { seq: flight.seq, commands: flight.commands } });
  }
  send.answered = function (answer) {
    if (answer && flight && answer.seq === flight.seq) finish(answer.results);
    return window.dash_clientside.no_update;
  };
  function finish(results) {
    clearTimeout(flight.timer);
    const { commands, done } = flight;
    flight = null;
    const byId = new Map(results.map((r) => [r.id, r]));
    const pairs = commands.map((c) => [c, byId.get(c.id) || { id: c.id, status: "unconfirmed" }]);
    gc.pending.settle(pairs);
    gc.undo.remember(pairs);
    gc.case.refresh();
    done(pairs);
    next();
  }
})();
