/* What the map fetches only when it is asked for: shares by grid, video points and their names, the cases inside a drawn line. */
// Relies on: map/map, map/word.
(function () {
  'use strict';
  const { gcMap } = window;
  const AGAIN_MS = 60000, RETRY_MS = 5000, LIMIT = 2000;

  /** Body of a GET of our own server. Throws TypeError (network) or the Response (any answer but 200). */
  gcMap.fetched = async function (path, kind) {
    const response = await fetch(gcMap.base + path, { credentials: 'same-origin' });
    if (!response.ok) throw response;
    return response[kind]();
  };
  gcMap.isFetchError = (error) => error instanceof TypeError || error instanceof Response;

  class Overlay {
    /** `send` speaks to the engine, `tell(facts)` to the legend. */
    constructor(send, tell, look) { Object.assign(this, { send, tell, look, timers: {}, names: new Map() }); }

    /** Keeps what is wanted fresh and stops asking for what is not: `share` a name or null, `video` true or false. */
    want({ share, video }) {
      if (share !== this.share) { this.share = share; clearTimeout(this.timers.share); if (share) this.readShare(); }
      if (video !== this.video) { this.video = video; clearTimeout(this.timers.video); if (video) this.readVideo(); }
    }

    async readShare() {
      const name = this.share;
      await this.again('share', async () => {
        const column = await gcMap.fetched(`map/indicators.json?name=${name}`, 'json');
        if (name !== this.share) return;
        this.send({ t: 'shares', column });
        this.tell({ share: { bound: column.bound, least: column.least, days: column.days } });
      }, () => this.readShare(), () => this.tell({ share: { failed: true } }));
    }

    async readVideo() {
      await this.again('video', async () => {
        const card = await gcMap.fetched('map/video.json', 'json');
        if (card.hash === this.hash || !this.video) return;
        const buffer = await gcMap.fetched(card.url, 'arrayBuffer');
        this.hash = card.hash; this.names.clear();
        this.send({ t: 'video', buffer }, [buffer]);
      }, () => this.readVideo(), () => {});
    }

    /** Reads once, and again in a minute, or sooner when it could not be read. */
    async again(what, read, next, failed) {
      let wait = AGAIN_MS;
      try { await read(); } catch (error) {
        if (!gcMap.isFetchError(error)) throw error;
        failed();
        wait = RETRY_MS;
      }
      clearTimeout(this.timers[what]);
      if (this[what] && !this.closed) this.timers[what] = setTimeout(next, wait);
    }

    /** What is known of a point under the pointer; its name is asked for once and shown when it has come. */
    nameOf({ index }) {
      const key = `${this.hash}/${index}`;
      if (!this.names.has(key)) {
        this.names.set(key, null);
        gcMap.fetched(`map/video/${key}.json`, 'json').then((point) => { this.names.set(key, point); this.look(); }, (error) => { if (!gcMap.isFetchError(error)) throw error; this.names.delete(key); });
      }
      return this.names.get(key);
    }

    close() { this.closed = true; Object.values(this.timers).forEach(clearTimeout); }
  }

  /** Asks the server for the open cases inside a polygon -> {cases: [{case, version}], total} or {wrong: word, n}. */
  gcMap.select = async function (polygon, lights) {
    const body = JSON.stringify({ polygon, lights });
    try {
      const response = await fetch(`${gcMap.base}map/select`, { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body });
      const answer = await response.json();
      if (response.ok) return answer;
      return answer.total > LIMIT ? { wrong: 'tooMany', n: gcMap.number(answer.total) } : { wrong: response.status === 400 ? 'refused' : 'unselected' };
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
      return { wrong: 'unselected' };
    }
  };

  gcMap.Overlay = Overlay;
})();
