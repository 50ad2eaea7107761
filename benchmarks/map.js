// What the browser measures for benchmarks/map.py: frames while the map is moved by a program, and the way of a change to the screen.
window.bench = (function () {
  "use strict";
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const share = (list, p) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))];
  let map = null;
  window.L.Map.addInitHook(function () { map = this; });

  /** Milliseconds between the frames of `ms`, while `step(n)` is called in each. */
  async function frames(ms, step) {
    const gaps = [], began = performance.now();
    let last = await frame();
    for (let n = 0; performance.now() - began < ms; n++) {
      step(n);
      const now = await frame();
      gaps.push(now - last);
      last = now;
    }
    return { p95: share(gaps, 0.95), worst: Math.max(...gaps), fps: (1000 * gaps.length) / gaps.reduce((a, b) => a + b, 0) };
  }

  const circle = (n) => map.panBy([Math.cos(n / 40) * 9, Math.sin(n / 40) * 9], { animate: false });
  async function pan(level, ms) {
    map.setZoom(level, { animate: false });
    await sleep(1500);
    return frames(ms, circle);
  }
  async function zoom(from, ms) {
    map.setZoom(from, { animate: false });
    await sleep(1500);
    let next = 0;
    return frames(ms, () => {
      if (performance.now() < next) return;
      next = performance.now() + 650;
      map.setZoom(from + [1, 2.5, 4, 2.5, 1, 0][(Math.random() * 6) | 0], { animate: true });
    });
  }

  // ---- ours
  let ids = [], version = 1;
  async function fill(url) {
    const snapshot = await (await fetch(url)).json();
    ids = snapshot.cases;
    window.gc.map.feed(snapshot);
    await sleep(3000);
  }
  /** A frame of n changed cases, as /live sends it. */
  function change(n) {
    const cases = {}, from = (Math.random() * (ids.case.length - n)) | 0;
    for (const name of Object.keys(ids)) cases[name] = ids[name].slice(from, from + n);
    version += 1;
    cases.version = cases.version.map((v) => v + version);
    cases.light = cases.light.map(() => ["red", "amber", "green"][version % 3]);
    window.gc.map.feed({ t: "delta", at: Date.now(), cases, gone: [] });
  }
  const layer = () => window.gc.map.attach(map);
  /** From the frame to the screen, n times, at rest: the first picture after it, and the browser's own frame after that. */
  async function deltas(n, rows) {
    const one = layer(), put = one.put, took = [];
    for (let i = 0; i < n; i++) {
      await sleep(400);
      const began = performance.now();
      const shown = new Promise((done) => { one.put = (message) => { put.call(one, message); done(); }; });
      change(rows);
      await shown;
      await frame();
      took.push(performance.now() - began);
      delete one.put;
    }
    return share(took, 0.5);
  }
  /** Changes ten times a second for as long as the page lives. */
  function live(rows) { setInterval(() => change(rows), 100); }
  async function busy(ms) {
    const one = layer(), put = one.put, waiting = [], took = [];
    const feeding = setInterval(() => { change(100); waiting.push(performance.now()); }, 100);
    one.put = (message) => {
      const begun = performance.now() - message.ms;
      put.call(one, message);
      requestAnimationFrame(() => { while (waiting.length && waiting[0] < begun) took.push(performance.now() - waiting.shift()); });
    };
    const moved = await frames(ms, circle);
    clearInterval(feeding);
    delete one.put;
    return { ...moved, delta: share(took, 0.5) };
  }
  async function recolour(modes, n) {
    const one = layer(), put = one.put, took = [];
    for (let i = 0; i < n; i++) {
      await sleep(400);
      const began = performance.now(), shown = new Promise((done) => { one.put = (message) => { put.call(one, message); done(); }; });
      one.send({ t: "colour", mode: modes[i % modes.length] });
      await shown;
      await frame();
      took.push(performance.now() - began);
      delete one.put;
    }
    return share(took, 0.5);
  }

  // ---- the others: from the change to the end of the last long frame
  async function until(change_, ms) {
    const began = performance.now();
    let last = began, end = began + 16;
    change_();
    while (performance.now() - began < ms) {
      await frame();
      const now = performance.now();
      if (now - last > 50) end = now;
      last = now;
    }
    return end - began;
  }
  async function replaced(id, url, n) {
    const data = await (await fetch(url)).json(), took = [];
    for (let i = 0; i < n; i++) {
      const moved = { ...data, features: data.features.map((f, k) => (k % 1000 ? f : { ...f, properties: { n: i } })) };
      took.push(await until(() => window.dash_clientside.set_props(id, { data: moved }), 5000));
    }
    return share(took, 0.5);
  }
  async function hidden(id, n) {
    const took = [];
    for (let i = 0; i < n; i++) took.push(await until(() => window.dash_clientside.set_props(id, { hideout: { odd: i % 2 } }), 4000));
    return share(took, 0.5);
  }
  const style = (feature, { hideout }) => ({ weight: 0.5, color: "#5B6B7D", fillOpacity: 0.6, fillColor: feature.properties.n % 2 === (hideout?.odd ?? 0) ? "#FF4D5E" : "#1A232E" });

  return { pan, zoom, fill, deltas, live, busy, recolour, replaced, hidden, style, ready: () => Boolean(map) };
})();
