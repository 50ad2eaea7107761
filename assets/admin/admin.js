// The admin page: which list is shown, its places as rings on the map, and the way from a row to its place and back.
// Relies on: live/live, map/map.
(function () {
  "use strict";
  const { gc } = window;
  const admin = (gc.admin = {});
  const MAP = "admin-map";
  const NEAR = 16;
  let map = null;
  let rings = null;

  const rows = () => [...document.querySelectorAll(".gc-finding[data-lon]")];
  const here = () => gc.session?.page === "admin";

  window.L.Map.addInitHook(function () {
    setTimeout(() => {
      if (this.getContainer().id !== MAP) return;
      map = this;
      map.createPane("gc-findings").style.zIndex = 450;
      admin.arrived();
    });
  });

  // The list has come, or the map: whichever is later draws the rings.
  admin.arrived = function () {
    const found = rows();
    if (map && map.getContainer().isConnected) draw(found);
    return window.dash_clientside.no_update;
  };
  function draw(found) {
    rings?.remove();
    rings = window.L.layerGroup(found.map((row) => ring(row))).addTo(map);
  }
  function ring(row) {
    const color = getComputedStyle(document.documentElement).getPropertyValue("--gc-action").trim();
    const made = window.L.circleMarker([+row.dataset.lat, +row.dataset.lon], { pane: "gc-findings", radius: 9, weight: 3, color, fillOpacity: 0.15 });
    made.on("click", () => choose(row, false));
    return made;
  }

  function choose(row, fly = true) {
    document.querySelectorAll(".gc-finding[aria-current]").forEach((r) => r.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    if (fly && row.dataset.lon) gc.map.fly(+row.dataset.lon, +row.dataset.lat, NEAR);
  }

  function ask(wanted, button) {
    document.querySelectorAll(".gc-kind, [data-import]").forEach((b) => b.setAttribute("aria-pressed", String(b === button)));
    gc.setProps("admin-ask", { data: wanted });
  }

  document.addEventListener("click", (e) => {
    if (!here()) return;
    const on = (selector) => e.target.closest?.(selector);
    if (on(".gc-kind")) ask({ kind: on(".gc-kind").dataset.kind }, on(".gc-kind"));
    else if (on("[data-import]")) ask({ import: on("[data-import]").dataset.import }, on("[data-import]"));
    else if (on(".gc-finding") && !on("a")) choose(on(".gc-finding"));
  });
  document.addEventListener("keydown", (e) => {
    const row = here() && e.target.closest?.(".gc-finding");
    if (!row || e.isComposing) return;
    const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[e.key];
    if (next) next.focus();
    else if (e.key === "Enter" && e.target === row) choose(row);
    else return;
    e.preventDefault();
  });
})();
