/* The words under the pointer: a case, a place with its counts, a grid with its share, a video point. */
// Relies on: map/word.
(function () {
  'use strict';
  const { gcMap } = window;

  class Tip {
    /** `nameOf(video)` gives what is known of a point by now, and asks for the rest. */
    constructor(container, language, nameOf) {
      this.language = language; this.container = container; this.nameOf = nameOf;
      this.box = gcMap.element('div', 'gc-map-tip');
      this.box.hidden = true;
      container.append(this.box);
    }

    hide() { this.box.hidden = true; }

    show({ case: hit, place, cell, video }, at, stale) {
      const lines = hit ? this.ofCase(hit, cell, stale) : video ? this.ofVideo(video) : place ? this.ofPlace(place.name, place) : cell ? this.ofPlace(cell.name, cell, cell.path) : null;
      if (!lines) return this.hide();
      this.box.replaceChildren(...lines);
      this.box.hidden = false;
      const { clientWidth, clientHeight } = this.container, { offsetWidth, offsetHeight } = this.box;
      const x = at.x + 16 + offsetWidth > clientWidth ? at.x - 16 - offsetWidth : at.x + 16;
      const y = at.y + 16 + offsetHeight > clientHeight ? at.y - 16 - offsetHeight : at.y + 16;
      this.box.style.transform = `translate(${Math.max(4, x)}px,${Math.max(4, y)}px)`;
    }

    ofPlace(name, counts, path = []) {
      const { say, element, number } = gcMap;
      const l = this.language(), line = element('div', 'gc-map-tip-counts', `${say(l, 'open')} ${number(counts.open)}`);
      if (counts.red) line.append(element('span', 'gc-map-critical', ` ▼ ${say(l, 'red')} ${number(counts.red)}`));
      if (counts.amber) line.append(element('span', 'gc-map-warning', ` ◐ ${say(l, 'amber')} ${number(counts.amber)}`));
      const lines = [element('b', '', name), line];
      if (counts.share) lines.push(element('div', '', this.ofShare(counts.share)));
      if (path.length) lines.push(element('div', 'gc-map-tip-path', path.join(' › ')));
      return lines;
    }

    /** Never a share without its two numbers; too few cases give none, and the tip says so. */
    ofShare({ name, n, d, least }) {
      const { say, number, percent } = gcMap;
      const l = this.language(), unit = name === 'coverage' ? ' m²' : '';
      if (!d) return say(l, 'unmeasured');
      if (n === null) return say(l, 'few', { d: number(d), least });
      return `${say(l, name)} ${percent(n / d)} (${number(n)} / ${number(d)}${unit})`;
    }

    ofCase(hit, cell, stale) {
      const { say, element } = gcMap;
      const l = this.language(), category = window.gc?.category?.(hit.category);
      const lines = [element('b', '', category || hit.subject), element('div', gcMap.tone(hit.light, stale), `${gcMap.MARK[hit.light]} ${gcMap.remaining(l, hit, stale)}`)];
      if (category) lines.push(element('div', 'gc-map-tip-path', hit.subject));
      if (cell) lines.push(element('div', 'gc-map-tip-path', [...cell.path, cell.name].join(' › ')));
      if (hit.stacked > 1) lines.push(element('div', 'gc-map-tip-path', say(l, 'more', { n: hit.stacked - 1 })));
      return lines;
    }

    ofVideo(video) {
      const { say, element } = gcMap;
      const l = this.language(), known = this.nameOf(video), works = video.status === 'ON';
      const lines = [element('b', '', known?.name || say(l, 'layer.video')), element('div', works ? 'gc-map-normal' : 'gc-map-warning', `${works ? '●' : '×'} ${say(l, `status.${video.status}`)}`)];
      if (known) lines.push(element('div', 'gc-map-tip-path', known.id));
      return lines;
    }
  }

  gcMap.Tip = Tip;
})();
