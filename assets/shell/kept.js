// What the server keeps for whoever sits here: drafts, views, pins, how the screen is arranged. It is read once a page and written a moment
// after the last change; of two tabs that write the same, the later one wins. What could not be written stays here and is tried again until
// it can. Nothing of it is stored by the browser, and whoever leaves leaves nothing behind.
// Relies on: live/live, shell/toast, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const PATH = "/api/v1/me/items";
  const PAUSE_MS = 300;
  const AGAIN_MS = 3000;
  const ANSWER_MS = 8000;
  const SIGNED_OUT = 401;
  const LATER = new Set([408, 429, 500, 502, 503, 504]);
  const STAYS = new Set(["gc.theme"]); // not a person's: how bright the room is
  const kept = (gc.kept = {});
  const items = new Map(); // kind and key -> {kind, key, value}, newest first
  const unsent = new Map(); // kind and key -> {kind, key, value}; without a value it is to be forgotten
  let timer = 0;
  let writing = null; // the run that is under way
  let failed = false;

  const name = (kind, key) => `${kind} ${key}`;
  const tell = () => document.dispatchEvent(new CustomEvent("gc:kept"));
  kept.get = (kind, key) => items.get(name(kind, key))?.value;
  /** @returns {{key: string, value: any}[]} newest first */
  kept.all = (kind) => [...items.values()].filter((item) => item.kind === kind);
  kept.put = function (kind, key, value) {
    const item = { kind, key, value };
    items.delete(name(kind, key));
    const rest = [...items];
    items.clear();
    for (const [n, one] of [[name(kind, key), item], ...rest]) items.set(n, one);
    soon(item);
  };
  kept.drop = function (kind, key) {
    if (items.delete(name(kind, key))) soon({ kind, key });
  };
  function soon(item) {
    unsent.set(name(item.kind, item.key), item);
    clearTimeout(timer);
    timer = setTimeout(kept.write, failed ? AGAIN_MS : PAUSE_MS);
  }

  // ---- to the server
  const url = ({ kind, key }) => `${PATH}?${new URLSearchParams({ kind, key })}`;
  function request(item, more) {
    const headers = { "Content-Type": "application/json" };
    const { value } = item;
    return fetch(url(item), value === undefined ? { method: "DELETE", headers, ...more } : { method: "PUT", headers, body: JSON.stringify({ value }), ...more });
  }
  /** Everything that waits, one after the other. @returns {Promise<void>} */
  kept.write = () => (writing = writing || run().finally(() => (writing = null)));
  async function run() {
    while (unsent.size) {
      const [[n, item]] = unsent;
      if (!(await sent(item))) return again();
      if (unsent.get(n) === item) unsent.delete(n); // else it was written anew meanwhile
    }
    clearTimeout(timer);
    if (failed) gc.toast({ kind: "ok", title: gc.word("kept.again") });
    failed = false;
  }
  async function sent(item) {
    try {
      const answer = await request(item, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.status === SIGNED_OUT) return ended();
      if (LATER.has(answer.status)) return false;
      if (!answer.ok) gc.toast({ kind: "refused", title: gc.word("kept.refused"), detail: (await answer.json()).detail });
      return true;
    } catch {
      return false; // the server is away
    }
  }
  function ended() {
    unsent.clear();
    gc.sessionEnded();
    return true;
  }
  function again() {
    if (!failed) gc.toast({ kind: "unsure", title: gc.word("kept.away"), stays: true });
    failed = true;
    clearTimeout(timer);
    timer = setTimeout(kept.write, AGAIN_MS);
  }
  // Whoever closes the page a moment after the last key loses nothing; while the server is away, the browser asks before it closes.
  addEventListener("pagehide", () => unsent.forEach((item) => request(item, { keepalive: true }).catch(() => null)));
  addEventListener("beforeunload", (e) => failed && unsent.size && e.preventDefault());

  // ---- from the server
  let begun = false;
  let readyNow = null;
  /** Until what is kept has been read, or could not be for now. @type {Promise<void>} */
  kept.ready = new Promise((done) => (readyNow = done));
  async function read() {
    try {
      const answer = await fetch(PATH, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (answer.ok) take((await answer.json()).items);
      else if (LATER.has(answer.status)) setTimeout(read, AGAIN_MS);
    } catch {
      setTimeout(read, AGAIN_MS);
    }
    readyNow();
  }
  function take(found) {
    for (const item of found) {
      const n = name(item.kind, item.key);
      if (!items.has(n) && !unsent.has(n)) items.set(n, item);
    }
    tell();
  }
  document.addEventListener("gc:start", () => {
    forget(gc.session.page === "login" ? [localStorage, sessionStorage] : [localStorage]); // where versions of before kept it
    if (begun || !gc.session.keeps) return readyNow();
    begun = true;
    read();
  });

  // ---- leaving
  function forget(stores) {
    for (const store of stores) for (const key of Object.keys(store)) if (key.startsWith("gc.") && !STAYS.has(key)) store.removeItem(key);
  }
  document.addEventListener("submit", async function (e) {
    if (!e.target.matches?.(".gc-leave")) return;
    e.preventDefault();
    await kept.write();
    if (unsent.size) return gc.toast({ kind: "unsure", title: gc.word("kept.leave"), stays: true, buttons: [{ text: gc.word("control.leave"), go: () => leave(e.target) }] });
    leave(e.target);
  });
  function leave(form) {
    unsent.clear();
    forget([localStorage, sessionStorage]);
    form.submit();
  }
})();
