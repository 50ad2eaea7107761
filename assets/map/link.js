/* The talk with the map's engine (worker/engine.js), in a worker or, where a browser lacks it, in the page: frames go there in parts
   that drop no picture, answers come back. Methods of the layer (layer.js). */
// Relies on: map/layer, map/map, map/worker/engine.
(function () {
  'use strict';
  const { gcMap } = window;
  const CHUNK = 4000;
  const ENGINE = ['cell.js', 'case.js', 'paint.js', 'mark.js', 'name.js', 'sector.js', 'answer.js', 'picture.js', 'engine.js'];
  const COLUMNS = ['case', 'version', 'lon', 'lat', 'stage', 'severity', 'light', 'amber', 'due', 'unit', 'grid', 'category'];

  Object.assign(gcMap.Layer.prototype, {
    openEngine() {
      const able = typeof Worker === 'function' && typeof OffscreenCanvas === 'function' && !this.options.noWorker;
      this.legend.set({ slow: !able, language: this.language() });
      if (able) {
        this.worker = new Worker(`${gcMap.folder}worker/engine.js${gcMap.version}`);
        this.worker.onmessage = ({ data }) => this.receive(data);
        this.worker.onerror = (error) => { this.legend.set({ failed: true }); throw new Error(`map worker: ${error.message}`); };
        return;
      }
      const files = [...ENGINE];
      const next = () => {
        const file = files.shift();
        if (!file || gcMap.Engine) return this.openHere();
        const element = Object.assign(document.createElement('script'), { src: `${gcMap.folder}worker/${file}${gcMap.version}`, onload: next });
        document.head.append(element);
      };
      next();
    },

    /** Without workers: the same engine in the page. Slower, and the legend says so. */
    openHere() {
      if (this.closed) return;
      const makeCanvas = (width, height) => Object.assign(document.createElement('canvas'), { width, height });
      this.engine = new gcMap.Engine((message) => this.receive(message), makeCanvas);
      this.queue.splice(0).forEach((message) => this.engine.receive(message));
    },

    send(message, transfer) {
      if (this.closed) return;
      if (this.worker) this.worker.postMessage(message, transfer || []);
      else if (this.engine) this.engine.receive(message);
      else this.queue.push(message);
    },

    receive(message) {
      if (this.closed) return;
      if (message.t === 'painted') this.onPainted(message);
      else if (message.t === 'at') this.onAt(message);
      else if (message.t === 'step') this.onStep(message);
      else if (message.t === 'list') this.onList(message);
      else if (message.t === 'ready' && message.extent) this.onExtent(message.extent);
    },

    /** From here on frames are taken; what came before is in the snapshot that is asked for now, so nothing had to wait. */
    ready() {
      const first = !this.loaded;
      this.loaded = true;
      this.ask(false);
      if (first) this.options.onReady();
    },

    /** Only the columns that the map draws, and a large snapshot in parts: copying 100,000 rows at once would drop frames. */
    feed(frame) {
      const { t, at, alarms, gone = [] } = frame, n = frame.cases?.case?.length || 0;
      if (!this.loaded || !(n || gone.length || alarms || t === 'snapshot')) return;
      const received = Date.now();
      // A snapshot makes what waits before it pointless: the queue never holds more than one.
      if (t === 'snapshot') this.frames = [];
      for (let from = 0; from === 0 || from < n; from += CHUNK) {
        const cases = {};
        for (const name of COLUMNS) if (frame.cases?.[name]) cases[name] = n > CHUNK ? frame.cases[name].slice(from, from + CHUNK) : frame.cases[name];
        this.frames.push({ t: 'frame', received, more: from + CHUNK < n, frame: { t: from ? 'delta' : t, at: from ? 0 : at, cases, gone: from ? [] : gone, alarms: from ? undefined : alarms } });
      }
      this.pump();
    },

    pump() {
      if (this.pumping || !this.frames.length) return;
      this.send(this.frames.shift());
      if (!this.frames.length) return;
      this.pumping = true;
      setTimeout(() => { this.pumping = false; this.pump(); });
    },
  });
})();
