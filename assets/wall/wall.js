// The wall's numbers, straight into mounted elements.
// Relies on: live/clock, live/model, shell/words.
(function () {
  "use strict";
  const { gc } = window;
  const RANK = { danger: { red: 0, amber: 1, green: 2 }, urgent: { red: 4, amber: 5 }, normal: { red: 6 } };
  const ESCALATED = 3; // a case that was taken to the duty chief or the commander asks for attention whatever its light

  const figures = {
    open: (c) => ({ value: c.open }),
    overdue: (c) => ({ value: c.overdue, share: c.open ? c.overdue / c.open : null }),
    due_2h: (c) => ({ value: c.due_2h, share: c.open ? c.due_2h / c.open : null }),
    rate: (c) => fraction(c.closed_today, c.reported_today),
    video: (c) => (c.video ? fraction(c.video.online, c.video.active) : {}),
  };
  function fraction(n, d) {
    if (n == null || d == null) return {};
    return { text: d ? percent(n / d) : "—", share: d ? n / d : null, fraction: `${gc.number(n)} / ${gc.number(d)}` };
  }
  const percent = (share) => (100 * share).toFixed(1) + "%";
  const whole = (share) => +(100 * share).toFixed(1) + "%";

  function put(root, selector, text) {
    const e = root.querySelector(selector);
    if (e && e.textContent !== text) e.textContent = text;
  }

  function paintFigures(counts) {
    document.querySelectorAll(".gc-figure").forEach((e) => {
      const d = e.dataset;
      const f = figures[d.figure](counts);
      const measured = f.share ?? (d.figure === "open" ? f.value : null);
      const judged = measured != null && +gc.timeOfDay(gc.now()).slice(0, 2) >= +d.fromHour;
      const out = judged && ((d.high && measured > +d.high) || (d.low && measured < +d.low));
      d.state = measured == null ? "none" : out ? "out" : "ok";
      put(e, ".gc-figure-value", f.text || gc.number(f.value));
put(e, ".gc-figure-fraction", f.fraction || gc.word(`figure.${d.figure}.share`, { share: f.share == null ? "—" : percent(f.share), n: gc.number(counts.reported_today) }));
      put(e, ".gc-figure-glyph", out ? "▼" : "");
      put(e, ".gc-figure-band", bandText(d));
    });
  }
  // Every figure says what it is measured against, or it is decoration.
  function bandText(d) {
    const bound = (x) => (x == null ? "—" : d.figure === "open" ? gc.number(Math.round(+x)) : whole(+x));
    return gc.word(`figure.${d.figure}.band`, { low: bound(d.low), high: bound(d.high) });
  }

  function urgency(row, now) {
    const light = window.gcLightAt(row.light, row.amber, row.due, now);
    const rank = (RANK[row.severity] || RANK.normal)[light];
    if (row.level === "duty_chief" || row.level === "commander") return Math.min(rank ?? ESCALATED, ESCALATED);
    return rank;
  }
  // Worst first; within a rank what is nearest to its deadline: what can still be saved, or has only just been lost.
  function worst(rows, now, count) {
    const best = [];
    let asking = 0;
    for (const row of rows) {
      const rank = urgency(row, now);
      if (rank == null) continue;
      asking++;
      const key = rank * 1e12 + Math.min(9e11, Math.abs((row.due ?? now) - now));
      if (best.length === count && key >= best[count - 1].key) continue;
      best.push({ key, row });
      best.sort((a, b) => a.key - b.key);
      if (best.length > count) best.pop();
    }
    return { asking, rows: best.map((b) => b.row) };
  }

  function paintAttention(now) {
    const panel = document.querySelector(".gc-wall-attention");
    if (!panel) return;
    const slots = [...panel.querySelectorAll(".gc-slot")];
    const { asking, rows } = worst(gc.model.rows.values(), now, slots.length);
    panel.dataset.state = !gc.model.loaded ? "wait" : rows.length ? "some" : "calm";
    put(panel, '[data-gc="attention-more"]', asking > rows.length ? gc.word("wall.more", { n: gc.number(asking) }) : "");
    slots.forEach((slot, i) => paintSlot(slot, rows[i], now));
  }
  function paintSlot(slot, row, now) {
    slot.hidden = !row;
    if (!row) return;
    const badge = slot.querySelector(".gc-severity");
    badge.dataset.severity = row.severity;
    badge.textContent = gc.word("severity." + row.severity);
    put(slot, ".gc-slot-category", gc.category(row.category));
    put(slot, ".gc-slot-place", lies(row));
    gc.setRemain(slot.querySelector(".gc-remain"), row, now);
  }

  // A level stands behind the place; English has room for both without the district, which the map shows.
  function lies(row) {
    const level = row.level && row.level !== "none" ? "  ▲ " + gc.word("level." + row.level) : "";
    return gc.place(row.grid, !!level && gc.lang === "en") + level;
  }

  function paintDistricts(counts) {
    const units = counts.units || [];
    const most = Math.max(1, ...units.map((u) => u.open));
    for (const u of units) {
      const row = document.querySelector(`.gc-district[data-district="${CSS.escape(u.code)}"]`);
      if (!row) continue;
      for (const n of ["open", "amber", "red"]) put(row, `[data-n="${n}"]`, gc.number(u[n]));
      const share = (n) => `${(100 * n) / most}%`;
      row.querySelector(".gc-bar-red").style.width = share(u.red);
      row.querySelector(".gc-bar-amber").style.width = share(u.amber);
      row.querySelector(".gc-bar-rest").style.width = share(u.open - u.red - u.amber);
      row.dataset.red = u.red ? "1" : "0";
      row.dataset.amber = u.amber ? "1" : "0";
    }
  }

  const onWall = () => document.documentElement.dataset.page === "wall";
  document.addEventListener("gc:paint", (e) => {
    if (!onWall()) return;
    paintFigures(e.detail.counts);
    paintDistricts(e.detail.counts);
  });
  // Once a second is enough for five lines read from six metres; a flood of frames must not reorder them ten times a second.
  document.addEventListener("gc:second", () => onWall() && paintAttention(gc.now()));

  // Burn-in: the whole picture moves by 2 px every three minutes, round a square.
  const CORNERS = [[0, 0], [2, 0], [2, 2], [0, 2]];
  setInterval(() => {
    const [x, y] = CORNERS[Math.floor(Date.now() / 180000) % 4];
    document.querySelector(".gc-wall")?.style.setProperty("translate", `${x}px ${y}px`);
  }, 60000);
})();
