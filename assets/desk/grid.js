// What ag-grid asks of us by name: headers, values, orders and three small cell renderers.
// Relies on: desk/pending, desk/pin, desk/presence, live/clock, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const f = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const c = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const ORDER = { danger: 2, urgent: 1, normal: 0 };

  f.gcHead = (params) => gc.word("grid." + params.column.getColId());
  f.gcCategory = (params) => gc.category(params.value);
  f.gcAddress = (params) => [gc.place(params.data.grid), params.data.address, params.data.title].filter(Boolean).join(" · ");
  f.gcBySeverity = (a, b) => ORDER[a] - ORDER[b];
  // No deadline comes last: it is never late.
  f.gcByDue = (a, b) => (a ?? Infinity) - (b ?? Infinity) || 0;
  f.gcLocale = (params) => (gc.hasWord("ag." + params.key) ? gc.word("ag." + params.key) : params.defaultValue);

  const element = (...args) => window.React.createElement(...args);
  c.GcSeverity = (props) => element("span", { className: "gc-severity", "data-severity": props.value }, gc.word("severity." + props.value));
  // Two lines, so that neither of what one decides on is cut: the place whole, then what is only there to find it.
  const lines = (first, second, more = {}) => element("div", { className: "gc-two", ...more }, element("div", null, first), second && element("div", { className: "gc-second" }, second));
  c.GcPlace = (props) => {
    const { grid, address, title } = props.data;
    const district = gc.community(grid) ? gc.unit(grid.slice(0, 6) + "000000") : "";
    const more = address || title || "";
    return lines(gc.place(grid, true), more.includes(district) ? more : [district, more].filter(Boolean).join(" · "));
  };
  // A command that is on its way out: where the case would go, marked as not yet true.
  c.GcOwner = (props) => {
    const { sent } = props.data;
    return sent?.to ? lines("→ " + gc.unit(sent.to), gc.pending.text(sent), { "data-sent": "1" }) : lines(gc.unit(props.value));
  };
  c.GcStage = (props) => {
    const { data } = props;
    const level = data.level && data.level !== "none" ? element("span", { className: "gc-level-mark", title: gc.word("level." + data.level) }, " ▲") : null;
    const text = element("span", null, data.gone ? gc.word("desk.gone") : gc.word("stage." + props.value), level, gc.pin.has(data.case) ? " ◆" : null);
    const editing = gc.presence.by(data.case);
    const second = data.sent && !data.sent.to ? gc.pending.text(data.sent) : editing.length ? "✎ " + editing.join(" ") : data.pending === "return" ? gc.word("desk.return") : "";
    return lines(text, second, { title: gc.presence.text(data.case) });
  };
  // React holds the element, clock.js its text: no child here, or a render would take the text back.
  c.GcRemain = (props) => {
    const { due, amber, light } = props.data;
    const ref = (e) => e && gc.setRemain(e, { due, amber, light }, gc.now());
    return element("span", { className: "gc-remain gc-remain-bar", ref: ref });
  };
})();
