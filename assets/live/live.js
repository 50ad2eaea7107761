// One WebSocket, one model of the open cases (model.js), one animation frame. Every panel learns from here and from nowhere else.
// A delta is never put into a dcc.Store: a store keeps state, and a burst of deltas would lose all but the last.
// Relies on: live/clock, live/feed, live/model, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const PING_MS = 5000;
  const SILENT_MS = 12000; // a server that lives sends a beat every second or two
  const OTHER_RIGHTS = 4403; // the code with which callbacks/auth/middleware.py closes
  const REFUSALS = 3; // sockets that never opened, in a row, after which we ask whether it is us
  const canInflate = (() => {
    try {
      return !!new DecompressionStream("deflate-raw");
    } catch {
      return false; // an old browser gets plain JSON
    }
  })();

  let scope = null;
  let socket = null;
  let retry = 0;
  let refusals = 0;
  let lastBytes = 0;
  let pings = 0;
  let sent = {}; // the last ping: only its answer measures the journey
  let painting = false;
  let pulseAt = 0;
  let pulse = 0;

  /**
   * The shell's callback calls this whenever a page is shown.
   * @param {Session} session
   */
  gc.start = function (session) {
    gc.session = session || {};
    document.documentElement.dataset.page = gc.session.page || "";
    gc.takeLang(gc.session.lang);
    if (gc.session.zone) gc.setZone(gc.session.zone);
    if (gc.session.scope && gc.session.scope !== scope) open(gc.session.scope);
    mounted();
    return window.dash_clientside.no_update;
  };

  // The page's elements mount some time after this callback; gc:start tells everybody that they are there.
  function mounted() {
    if (!document.querySelector(`[data-gc-page="${gc.session.page}"]`)) return setTimeout(mounted, 30);
    document.dispatchEvent(new CustomEvent("gc:start", { detail: gc.session }));
    schedule();
  }

  function open(newScope) {
    scope = newScope;
    gc.model.clear();
    connect();
  }

  function connect() {
    clearTimeout(retry);
    if (socket) socket.onclose = socket.onmessage = null;
    if (socket) socket.close();
    const since = gc.model.pos == null ? "" : `&since=${gc.model.pos}`;
    const mine = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live?scope=${encodeURIComponent(scope)}&format=${canInflate ? "z" : "json"}${since}`);
    socket = mine;
    mine.binaryType = "arraybuffer";
    lastBytes = performance.now();
    let queue = Promise.resolve(); // inflating is asynchronous; the order of frames must not be
    mine.onopen = () => {
      refusals = 0;
      gc.feedSocket(true);
      for (let i = 0; i < 3; i++) setTimeout(ping, i * 300); // a first offset soon, not after 25 s
    };
    mine.onmessage = (e) => {
      lastBytes = performance.now();
      queue = queue.then(() => text(e.data)).then((t) => mine === socket && take(JSON.parse(t)));
    };
    // Whose rights have changed sees the page that they have now; a socket that is refused before it opens has no such code.
    mine.onclose = (e) => (e.code === OTHER_RIGHTS ? gc.sessionEnded() : lost());
  }

  // Whoever may not come in any more gets the login page, instead of asking for ever; the URL stays, so that a wall whose token is
  // renewed is back with the next reload.
  gc.sessionEnded = () => location.reload();
  // Why a socket was closed before it opened, the browser does not say; a small page that only strangers are refused does.
  async function outside() {
    const answer = await fetch("/metrics").catch(() => null); // no answer: the server is away, and so is the socket
    if (answer && answer.status === 401) gc.sessionEnded();
  }

  function lost() {
    gc.feedSocket(false);
    if (++refusals % REFUSALS === 0) outside();
    clearTimeout(retry);
    retry = setTimeout(connect, 200 + Math.random() * 1800); // for ever; jitter, so that 500 walls do not knock at once
  }

  async function text(data) {
    if (typeof data === "string") return data;
    return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  }

  function ping() {
    if (!socket || socket.readyState !== 1) return;
    sent = { id: ++pings, at: Date.now() };
    socket.send(JSON.stringify({ t: "ping", id: sent.id, at: sent.at }));
  }
  setInterval(() => {
    if (!socket) return;
    if (performance.now() - lastBytes > SILENT_MS) connect();
    else ping();
  }, PING_MS);

  // A word to the server that needs no answer.
  gc.say = (what) => socket && socket.readyState === 1 && socket.send(JSON.stringify(what));

  function take(frame) {
    if (frame.t === "presence") return document.dispatchEvent(new CustomEvent("gc:presence", { detail: frame }));
    if (frame.t === "pong") return frame.id === sent.id && gc.takePing(sent.at, Date.now(), frame.at);
    if (frame.t === "ping") return socket.send(JSON.stringify({ t: "pong", id: frame.id }));
    if (frame.at) gc.takeServerTime(frame.at);
    if (frame.t === "behind") {
      gc.model.pos = null; // a snapshot follows; deltas before it mean nothing
      return;
    }
    const became = gc.model.take(frame);
    if (became === "gap") connect(); // again, from our own pos
    if (became !== "taken") return;
    gc.feedHeard(frame.feed_age_ms, frame.away);
    if (frame.t === "beat" && !frame.cases) return schedule();
    document.dispatchEvent(new CustomEvent("gc:frame", { detail: frame }));
    schedule();
  }

  // The map's worker may start after the snapshot came: it asks, and gets the model as one.
  document.addEventListener("gc:need-snapshot", () => {
    if (gc.model.loaded) document.dispatchEvent(new CustomEvent("gc:frame", { detail: gc.model.frame(scope) }));
  });

  // At most one painting an animation frame, however many frames came.
  function schedule() {
    if (painting) return;
    painting = true;
    requestAnimationFrame(() => {
      painting = false;
      document.dispatchEvent(new CustomEvent("gc:paint", { detail: gc.model }));
    });
  }

  // Dash needs to know only that something changed, for the tab counts: at most every five seconds.
  document.addEventListener("gc:frame", () => {
    if (performance.now() - pulseAt < 5000 || !document.getElementById("desk-grid")) return;
    pulseAt = performance.now();
    gc.setProps("desk-pulse", { data: ++pulse });
  });
  document.addEventListener("gc:words", schedule);
})();
