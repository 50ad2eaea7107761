// What ag-grid asks of us by name: headers, values, orders and three small cell renderers.
(function () {
  "use strict";
  const gc = (window.gc = window.gc || {});
  const f = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const c = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const ORDER = { danger: 2, urgent: 1, normal: 0 };

  f.gcHead = (params) => gc.word("grid." + params.column.getColId());
  f.gcCategory = (params) => gc.category(params.value);
  // An address names the district itself: then community and grid are enough before it.
  f.gcPlace = (params) => (params.data.address ? gc.place(params.value, true) + " · " + params.data.address : gc.place(params.value));
  f.gcAddress = (params) => params.data.title || params.data.address || "";
  f.gcOwner = (params) => gc.unit(params.value);
  f.gcBySeverity = (a, b) => ORDER[a] - ORDER[b];
  // No deadline comes last: it is never late.
  f.gcByDue = (a, b) => (a ?? Infinity) - (b ?? Infinity) || 0;
  f.gcLocale = (params) => (gc.hasWord("ag." + params.key) ? gc.word("ag." + params.key) : params.defaultValue);

  const element = (...args) => window.React.createElement(...args);
  c.GcSeverity = (props) => element("span", { className: "gc-severity", "data-severity": props.value }, gc.word("severity." + props.value));
  c.GcStage = (props) => {
    const level = props.data.level && props.data.level !== "none";
    const text = props.data.gone ? gc.word("desk.gone") : gc.word("stage." + props.value);
    return element("span", null, text, level ? element("span", { className: "gc-level-mark", title: gc.word("level." + props.data.level) }, " ▲") : null);
  };
  // React holds the element, clock.js its text: no child here, or a render would take the text back.
  c.GcRemain = (props) => {
    const { due, amber, light } = props.data;
    const ref = (e) => e && gc.setRemain(e, { due, amber, light }, gc.now());
    return element("span", { className: "gc-remain gc-remain-bar", ref: ref });
  };
})();
