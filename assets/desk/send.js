// Commands on their way out: `POST /api/v1/commands` with the session's cookie. A command keeps its id until its outcome is known, so
// that sending it again can never act twice.
// Relies on: desk/case, desk/outcome, desk/pending, desk/undo, live/clock, live/live.
(function () {
  "use strict";
  const { gc } = window;
  const PATH = "/api/v1/commands";
  const ANSWER_MS = 8000; // the server itself says "unconfirmed" after five seconds
  // A click need not wait for a batch that is under way; a browser has six connections to a server, and the page needs some for reading.
  const AT_ONCE = 3;
  const SIGNED_OUT = 401;
  const NEVER_SENT = new Set([400, 403, 413, 415]); // the same request would be refused again
  const waiting = []; // {commands, done}, in the order of the clicks
  const flying = new Set();
  const out = new Set(); // answers that are waited for
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
  /**
   * @param {string} verb
   * @param {{id?: string, case: string, version: number}} target
   * @param {Object} data
   * @returns {Command}
   */
  send.command = (verb, target, data) => ({ id: target.id || gc.uuid7(), type: "command." + verb, case: target.case, expected_version: target.version, data });
  send.verb = (command) => command.type.replace("command.", "");
  // The same command against the version that the case has now: other content, so another id.
  send.renewed = (command, version) => ({ ...command, id: gc.uuid7(), expected_version: version });

  /**
   * Sends without a word to the person. A command that is on its way already, as after a double click, is left out.
   * @param {Command[]} commands  at most a thousand; fewer are answered in time (batch.js)
   * @returns {Promise<Pair[]>} in the order of the commands
   */
  send.ask = function (commands) {
    const under_way = new Set([...waiting, ...flying].flatMap((request) => request.commands.map((c) => c.id)));
    const fresh = commands.filter((c) => !under_way.has(c.id));
    if (!fresh.length) return Promise.resolve([]);
    gc.pending.mark(fresh);
    const answer = new Promise((done) => {
      waiting.push({ commands: fresh, done });
      next();
    });
    out.add(answer);
    return answer.finally(() => out.delete(answer));
  };
  /**
   * Sends and says what became of it, when the server has said what can be undone.
   * @param {Command[]} commands
   * @returns {Promise<Pair[]>}
   */
  send.commands = async function (commands) {
    const pairs = await send.ask(commands);
    await gc.undo.read();
    return gc.outcome.tell(pairs);
  };
  /** @returns {Promise<number>} how many requests there were to wait for */
  send.settled = async () => (await Promise.all([...out])).length;

  // A request waits for every earlier one that names one of its cases: the engine decides in the order in which commands arrive, and
  // requests that are out together may arrive in any.
  function next() {
    const held = new Set([...flying].flatMap(casesOf));
    for (const request of [...waiting]) {
      const cases = casesOf(request);
      if (flying.size < AT_ONCE && !cases.some((id) => held.has(id))) fly(request);
      cases.forEach((id) => held.add(id));
    }
  }
  const casesOf = ({ commands }) => commands.map((c) => c.case);

  async function fly(request) {
    waiting.splice(waiting.indexOf(request), 1);
    flying.add(request);
    const results = await post(request.commands);
    flying.delete(request);
    next();
    finish(request, results);
  }
  // What the server said, by id. A command that is not named in it is unconfirmed: nobody here knows what became of it.
  async function post(commands) {
    const said = (results) => new Map(results.map((r) => [r.id, r]));
    try {
      const headers = { "Content-Type": "application/json" };
      const answer = await fetch(PATH, { method: "POST", headers, body: JSON.stringify({ commands }), signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) return said((await answer.json()).results);
      if (answer.status === SIGNED_OUT) gc.sessionEnded();
      if (!NEVER_SENT.has(answer.status)) return said([]);
      const { detail } = await answer.json();
      return said(commands.map(({ id }) => ({ id, status: "refused", code: "invalid", message: detail })));
    } catch {
      return said([]); // no answer in time, none at all, or one that cannot be read
    }
  }
  function finish({ commands, done }, results) {
    const pairs = commands.map((c) => [c, results.get(c.id) || { id: c.id, status: "unconfirmed" }]);
    gc.pending.settle(pairs);
    gc.undo.did(pairs);
    gc.case.refresh();
    done(pairs);
  }
})();
