"""The pure functions of the map's engine, run by node on a blob that Python made. Skipped where there is no node."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dashboard.places.grid import Grid
from dashboard.places.unit import Unit, UnitTree
from dashboard.video.point import VideoPoint
from dashboard.wire.geometry import encode
from dashboard.wire.video_layer import encode as encode_points

MAP = Path(__file__).resolve().parents[2] / "assets" / "map"
WORKER = ("cell", "case", "paint", "mark", "name", "sector", "answer", "picture")
FILES = ["../light.js", "shift.js", "state.js", *(f"worker/{name}.js" for name in WORKER)]
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed: the map's engine was not tested")

HEAD = "".join(f"require({json.dumps(str(MAP / file))});\n" for file in FILES) + "const gc = globalThis.gcMap;\n"
CITY = "const bytes = Buffer.from(input.blob, 'base64'); const city = gc.decode(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));\n"
CASES = """
const place = (lon, lat) => [lon, lat], cellOf = (grid) => (grid === 'A' ? 0 : grid === 'B' ? 1 : -1);
const columns = (...rows) => { const c = {}; for (const key of ['case', 'version', 'light', 'amber', 'due', 'grid', 'lon', 'lat', 'severity', 'stage'])
  c[key] = rows.map((row) => row[key] ?? ({ version: 1, amber: null, due: null, lon: 1, lat: 2, severity: 'normal', stage: 'SIGNED', grid: 'A' })[key] ?? null); return c; };
const cases = new gc.Cases(), feed = (t, rows, gone = []) => cases.apply({ t, at: 1000, cases: columns(...rows), gone }, 1000, place, cellOf);
"""


def run(body: str, **given: Any) -> Any:
    """What `body` gives to `out(...)`, with `given` as `input`."""
    script = HEAD + f"const input = {json.dumps(given)};\nconst out = (value) => console.log(JSON.stringify(value));\n" + body
    assert NODE
    done = subprocess.run([NODE, "-e", script], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def city() -> str:
    """Three grids of two communities in one street, west to east, the middle border crooked; base64 of the blob."""
    bend = [[118.71, 32.0], [118.714, 32.003], [118.708, 32.007], [118.71, 32.01]]
    a = [[118.70, 32.0], *bend, [118.70, 32.01], [118.70, 32.0]]
    b = [bend[3], bend[2], bend[1], bend[0], [118.72, 32.0], [118.72, 32.01], bend[3]]
    c = [[118.72, 32.0], [118.73, 32.0], [118.73, 32.01], [118.72, 32.01], [118.72, 32.0]]
    grids = [Grid(code, code, community, "general", [ring]) for code, community, ring in (("A", "C1", a), ("B", "C1", b), ("C", "C2", c))]
    units = [Unit("0", "city", "city"), Unit("D", "district", "district", "0"), Unit("S", "street", "street", "D")]
    units += [Unit("C1", "one", "community", "S"), Unit("C2", "two", "community", "S")]
    return base64.b64encode(encode(grids, UnitTree(units))).decode()


VIEW = "const world = 256 * 2 ** 14, view = { zoom: 14, ratio: 1, width: 500, height: 220, left: city.origin[0] * world - 8, top: city.origin[1] * world - 8 };\n"


def test_a_blob_of_python_is_read_with_its_cells_places_and_borders() -> None:
    got = run(
        CITY
        + "out({ codes: city.codes, n: city.x.length, ranks: [...city.arcRank], chain: [0, 1, 2].map((r) => city.places[city.place[r]].code) })",
        blob=city(),
    )
    assert got["codes"] == ["A", "B", "C"]
    assert got["n"] == 6 + 6 + 4
    assert sorted(set(got["ranks"])) == [0, 3, 4], "edge of the city, between communities, between grids"
    assert got["chain"] == ["D", "S", "C1"]


def test_a_file_of_another_version_is_refused() -> None:
    body = """const head = Buffer.from('{"version":9}   '), blob = Buffer.concat([Buffer.from([16, 0, 0, 0]), head]);
    try { gc.decode(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.length)); out('read'); } catch (e) { out(e.message); }"""
    assert "version 9" in run(body)


def test_each_pixel_belongs_to_the_cell_around_its_middle_and_none_is_lost_between_neighbours() -> None:
    body = """const ids = new Uint16Array(view.width * view.height); gc.raster(city, view, ids);
    const { k, dx, dy } = gc.affine(city, view); let wrong = 0; const seen = [0, 0, 0, 0];
    for (let y = 0; y < view.height; y++) for (let x = 0; x < view.width; x++) {
      const id = ids[y * view.width + x]; seen[id]++;
      if (id - 1 !== gc.cellAt(city, (x + 0.5 - dx) / k, (y + 0.5 - dy) / k)) wrong++;
    } out({ wrong, seen })"""
    got = run(CITY + VIEW + body, blob=city())
    assert got["wrong"] == 0
    assert all(n > 1000 for n in got["seen"])


def test_a_view_that_sees_a_corner_of_the_city_paints_the_same_pixels() -> None:
    body = """const ids = new Uint16Array(view.width * view.height); gc.raster(city, view, ids);
    const part = { ...view, left: view.left + 130, top: view.top + 40, width: 90, height: 70 }, some = new Uint16Array(90 * 70); gc.raster(city, part, some);
    let wrong = 0; for (let y = 0; y < 70; y++) for (let x = 0; x < 90; x++) if (some[y * 90 + x] !== ids[(y + 40) * view.width + x + 130]) wrong++; out(wrong)"""
    assert run(CITY + VIEW + body, blob=city()) == 0


@pytest.mark.parametrize(
    ("base", "amber", "due", "now", "light"),
    [
        ("green", 100, 200, 99, "green"),
        ("green", 100, 200, 100, "amber"),
        ("green", 100, 200, 200, "amber"),
        ("green", 100, 200, 201, "red"),
        ("red", 100, 200, 50, "red"),
        ("paused", 100, 200, 300, "paused"),
        ("none", None, None, 300, "none"),
        ("amber", None, 200, 100, "amber"),
    ],
)
def test_time_alone_makes_a_light_worse_never_better(base: str, amber: int | None, due: int | None, now: int, light: str) -> None:
    body = "out(gc.LIGHT_NAMES[gc.lightAt(gc.LIGHT[input.base], input.amber ?? Infinity, input.due ?? Infinity, input.now)])"
    assert run(body, base=base, amber=amber, due=due, now=now) == light


def test_frames_are_applied_by_version_and_a_repeat_changes_nothing() -> None:
    body = """feed('snapshot', [{ case: 'a', light: 'green' }, { case: 'b', light: 'red' }, { case: 'c', light: 'amber', version: 5 }]);
    feed('delta', [{ case: 'c', light: 'green', version: 4 }, { case: 'd', light: 'paused' }], ['a', 'unknown']);
    feed('delta', [{ case: 'd', light: 'paused' }], ['a']); cases.tick(0);
    out(Object.fromEntries([...cases.slot].map(([id, s]) => [id, [cases.id[s] === id, gc.LIGHT_NAMES[cases.light[s]]]])))"""
    assert run(CASES + body) == {"b": [True, "red"], "c": [True, "amber"], "d": [True, "paused"]}


def test_a_snapshot_replaces_everything_and_room_grows() -> None:
    body = """feed('snapshot', [{ case: 'old', light: 'red' }]);
    feed('snapshot', Array.from({ length: 3000 }, (_, i) => ({ case: 'n' + i, light: 'green', lon: i })));
    out([cases.size, cases.slot.has('old'), cases.x[cases.slot.get('n2999')], cases.id.length])"""
    assert run(CASES + body) == [3000, False, 2999, 3000]


def test_a_case_turns_amber_without_a_frame() -> None:
    body = "feed('snapshot', [{ case: 'a', light: 'green', amber: 500, due: 900 }]); out([cases.tick(499), cases.tick(500), cases.tick(501), cases.light[0] === gc.LIGHT.amber])"
    assert run(CASES + body) == [True, True, False, True]


def test_counts_add_up_from_cells_to_places_and_obey_the_filter() -> None:
    body = """feed('snapshot', [{ case: 'a', light: 'red' }, { case: 'b', light: 'amber', grid: 'B' }, { case: 'c', light: 'green', stage: 'REPORTED' }, { case: 'd', light: 'red', grid: '?' }]);
    cases.tick(0); const all = gc.count(cases, city, gc.makeFilter({})), some = gc.count(cases, city, gc.makeFilter({ lights: ['red', 'amber'], stages: ['SIGNED'] }));
    const at = (n, code) => { const p = city.places.findIndex((one) => one.code === code); return [n.place.open[p], n.place.red[p], n.place.amber[p]]; };
    out([[...all.cell.open], at(all, 'D'), at(all, 'C2'), at(some, 'S')])"""
    assert run(CITY + CASES + body, blob=city()) == [[2, 1, 0], [3, 1, 1], [0, 0, 0], [2, 1, 1]]


def test_from_afar_only_the_newest_overdue_dangers_are_marked() -> None:
    body = """feed('snapshot', [{ case: 'old', due: 1 }, { case: 'new', due: 9 }, { case: 'mid', due: 5 }, { case: 'nowhere', due: 10, lon: null },
      { case: 'later', due: 99 }].map((row) => ({ light: 'green', severity: 'danger', lon: 1, ...row })));
    feed('delta', [{ case: 'urgent', light: 'red', severity: 'urgent', due: 8 }]);
    cases.x[cases.slot.get('nowhere')] = NaN; cases.tick(20);
    out(gc.newest(cases, () => true, 2).map((s) => cases.id[s]))"""
    assert run(CASES + body) == ["new", "mid"]


def test_every_new_danger_is_marked_from_afar_until_somebody_acknowledged_it() -> None:
    body = """const danger = (id, due) => ({ case: id, light: 'green', severity: 'danger', lon: 1, due }), one = (id, more = {}) => ({ case: id, kind: 'new_danger', acknowledged: null, cases: [], ...more });
    feed('snapshot', [danger('late', 1), danger('later', 2), ...['a', 'b', 'c', 'd'].map((id) => danger(id, 99))]);
    const tell = (...alarms) => cases.apply({ t: 'alarm', at: 1, alarms }, 1, (x, y) => [x, y], () => 0), shown = () => gc.newest(cases, () => true, 1).map((s) => cases.id[s]);
    cases.tick(20); const none = shown();
    tell(one('a'), one('b', { kind: 'flood', cases: ['b', 'c'] }), one('d', { acknowledged: { by: 'x', at: 1 } }), one('d', { kind: 'breached' }));
    const some = shown(), kind = gc.kind(cases, cases.slot.get('a')); tell(); out([none, some, kind, shown(), gc.kind(cases, cases.slot.get('a'))])"""
    assert run(CASES + body) == [["later"], ["a", "b", "c", "later"], "danger", ["later"], "green"]


def test_points_for_chinese_tiles_are_shifted_by_about_500_m_and_come_back() -> None:
    body = """const p = [118.78, 32.04]; out(['wgs84', 'gcj02', 'bd09'].map((crs) => { const q = gc.shift(crs, p), r = gc.unshift(crs, q);
      return [Math.hypot((q[0] - p[0]) * 94400, (q[1] - p[1]) * 111320), Math.hypot(r[0] - p[0], r[1] - p[1])]; }))"""
    (none, _), (gcj, back), (bd, back_bd) = run(body)
    assert none == 0 and 300 < gcj < 800 and 500 < bd < 1800
    assert back < 1e-8 and back_bd < 1e-8
    assert run("out(gc.shift('gcj02', [2.35, 48.85]))") == [2.35, 48.85], "outside China nothing is shifted"


def test_stacks_keep_every_case_and_joining_tags_keeps_the_sum() -> None:
    body = """const list = (n, x) => Array.from({ length: n }, (_, i) => [i, x + (i % 5), 50]).flat();
    const found = { none: [], paused: [], green: [], amber: list(3, 104), red: list(4, 106), danger: list(1, 300) };
    const tags = gc.stack(found, { left: 0, top: 0, ratio: 1 }, 34), lone = ['amber', 'red', 'danger'].map((k) => found[k].length / 3);
    const before = tags.map((t) => [t.red, t.amber, t.danger]);
    const joined = gc.join([...tags, { n: 6, x: tags[0].x + 10, y: 52, red: 6, amber: 0, danger: 1 }], () => [60, 20]);
    out({ lone, tags: before, joined: joined.map((t) => [t.n, t.red, t.amber, t.danger]) })"""
    got = run(body)
    assert got["lone"] == [0, 0, 1]
    assert got["tags"] == [[4, 3, 0]]
    assert got["joined"] == [[13, 10, 3, 1]]


def test_no_bubble_hides_another() -> None:
    body = """const b = gc.spread(Array.from({ length: 30 }, (_, i) => ({ x: (i % 6) * 9, y: Math.floor(i / 6) * 9, r: 10 })));
    let least = Infinity; for (let i = 0; i < 30; i++) for (let j = 0; j < i; j++) least = Math.min(least, Math.hypot(b[i].x - b[j].x, b[i].y - b[j].y)); out(least)"""
    assert run(body) > 19


@pytest.mark.parametrize("width", [90, 150, 240])
def test_a_wall_names_every_count_and_no_name_lies_on_another_or_on_a_count(width: int) -> None:
    """Eleven counts as crowded as the districts of a city on a wall of 1080 lines."""
    body = """const at = [[190, 330], [350, 270], [465, 325], [600, 300], [285, 400], [425, 415], [615, 430], [175, 495], [360, 510], [515, 600], [310, 645]];
    const b = at.map(([x, y]) => ({ x: x * 1.3, y: y * 1.3, r: 54 })), bounds = [0, 200, 1020, 1000]; gc.beside(b, (_, part) => [input.width * part, 55 * part], bounds, true);
    const rects = b.map(({ name }) => name && [name.x - name.w / 2, name.y - name.h / 2, name.x + name.w / 2, name.y + name.h / 2]); let wrong = 0;
    rects.forEach((a, i) => rects.forEach((o, j) => { if (i < j && a && o && a[0] < o[2] && o[0] < a[2] && a[1] < o[3] && o[1] < a[3]) wrong++; }));
    for (const a of rects) for (const c of b) if (a && Math.hypot(Math.max(a[0] - c.x, 0, c.x - a[2]), Math.max(a[1] - c.y, 0, c.y - a[3])) < c.r - 0.5) wrong++;
    out({ missing: rects.filter((a) => !a).length, wrong, outside: rects.filter((a) => a && (a[0] < 0 || a[2] > 1020)).length })"""
    assert run(body, width=width) == {"missing": 0, "wrong": 0, "outside": 0}


def test_a_theme_falls_back_derives_what_is_missing_and_loses_all_colour_when_stale() -> None:
    body = """const light = gc.makeTheme({ bg: ' #fff', text: 'rgb(0, 0, 0)', critical: 'not a colour' }), stale = gc.makeTheme({}, true);
    out({ bg: light.bg, critical: light.critical, border: light['border-city'], grey: Object.values(stale).every(([r, g, b]) => r === g && g === b) })"""
    got = run(body)
    assert got["bg"] == [255, 255, 255] and got["critical"] == [255, 77, 94] and got["grey"] is True
    assert 100 < got["border"][0] < 150


def test_one_late_case_of_one_does_not_paint_a_grid_red() -> None:
    assert run("out([gc.step(0, 9), gc.step(1, 1), gc.step(1, 20), gc.step(10, 12), gc.step(90, 100)])") == [0, 1, 0, 4, 4]


def test_every_script_parses() -> None:
    assert NODE
    for file in MAP.parent.rglob("*.js"):
        subprocess.run([NODE, "--check", str(file)], check=True, timeout=30)


def test_page_and_engine_load_the_same_parts() -> None:
    """The fallback without workers loads by name what the worker imports by name."""
    engine, link = (MAP / "worker" / "engine.js").read_text(), (MAP / "link.js").read_text()
    for file in (MAP / "worker").glob("*.js"):
        if file.name == "engine.js":
            continue
        assert f"'{file.name}'" in engine and f"'{file.name}'" in link, file.name


def test_words_are_the_same_in_both_languages() -> None:
    body = f"globalThis.window = globalThis; require({json.dumps(str(MAP / 'word.js'))}); const w = gcMap.WORDS; out([Object.keys(w.zh), Object.keys(w.en), gcMap.say('en', 'selected', {{ n: 7 }})])"
    zh, en, said = run(body)
    assert sorted(zh) == sorted(en) and said == "7 selected"


@pytest.mark.parametrize(
    "hash",
    [
        "#map=12.50/32.05000/118.79000&colour=due&layers=cases.video&lights=red.amber&list=1&full=1&at=2024-02-29",
        "#map=3.00/0.00000/0.00000&layers=&lights=",
        "#other=1&flag&map=9.25/-33.40000/-70.50000&colour=coverage",
        "#",
    ],
)
def test_a_link_says_all_that_is_shown_and_is_read_back(hash: str) -> None:
    assert run("out(gc.writeState(input.hash, gc.readState(input.hash)))", hash=hash) == hash


@pytest.mark.parametrize("hash", ["", "#map=x/y/z", "#map=12/95/10", "#colour=pink&at=2024-13-45&list=yes", "#map=1/2", "#%%%=&&="])
def test_an_address_that_makes_no_sense_shows_the_map_as_at_first(hash: str) -> None:
    assert run("out([gc.readState(input.hash), gc.initialState()])", hash=hash) == [run("out(gc.initialState())")] * 2


def test_a_share_colours_only_what_is_below_its_bound_and_not_what_is_too_small_to_judge() -> None:
    body = """const column = { name: 'on_time', grid: ['A', 'B', 'C', 'gone'], n: [90, 40, null, 1], d: [100, 100, 4, 9], bound: 0.9, least: 5 };
    const s = gc.share(city, column), zero = { cell: { open: new Int32Array(3), red: new Int32Array(3), amber: new Int32Array(3) } };
    const paint = (mode, measured) => [...gc.table(city, zero, mode, gc.makeTheme({}), 1, false, measured)].slice(1);
    out({ steps: [0, 1, 2].map((c) => gc.lack(s.n[c], s.d[c], s.bound)), colours: paint('on_time', s), waiting: paint('on_time', null) })"""
    got = run(CITY + body, blob=city())
    assert got["steps"] == [0, 4, 0]
    assert got["colours"][0] == got["colours"][2] != got["colours"][1]
    assert len(set(got["waiting"])) == 1, "before the figures have come nothing is coloured"
    assert run("out([gc.lack(88, 100, 0.9), gc.lack(75, 100, 0.9), gc.lack(50, 100, 0.9), gc.lack(0, 0, 0.9)])") == [1, 2, 3, 0]


def points(*made: tuple[float, float, float, str]) -> str:
    """(east m, direction, fov, status) of points of 100 m range on the latitude of 32.005; base64 of the blob."""
    status: list[VideoPoint] = [
        VideoPoint("1", "n", "huiyan", "road", 118.705 + east / 94_400, 32.005, direction, fov, 100, s)  # type: ignore[arg-type]
        for east, direction, fov, s in made
    ]
    return base64.b64encode(encode_points(status)).decode()


SECTORS = """const raw = Buffer.from(input.points, 'base64'); const video = gc.decodeVideo(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
const place = (lon, lat) => { const [x, y] = gc.mercator(lon, lat); return [(x - city.origin[0]) / city.quantum, (y - city.origin[1]) / city.quantum]; };
gc.settle(video, place); const [cx, cy] = gc.mercator(118.705, 32.005), w = 256 * 2 ** 18, S = 800;
const view = { zoom: 18, ratio: 1, width: S, height: S, left: cx * w - S / 2, top: cy * w - S / 2 }, mask = new Uint8Array(S * S); gc.cover(video, city, view, mask);
const metre = 1 / (40075016.686 * Math.cos(32.005 * Math.PI / 180) / w), area = (bit) => mask.reduce((n, m) => n + (m & bit ? 1 : 0), 0) / metre ** 2;
const at = (east, north) => mask[Math.round(S / 2 - north * metre) * S + Math.round(S / 2 + east * metre)];
"""


@pytest.mark.parametrize("fov", [30, 90, 180, 200, 270, 330, 360])
@pytest.mark.parametrize("direction", [0, 45, 90, 200, 359])
def test_a_view_is_painted_where_the_camera_looks_and_as_large_as_it_is(direction: float, fov: float) -> None:
    body = "const t = (a) => at(80 * Math.sin(a), 80 * Math.cos(a)), d = input.direction * Math.PI / 180; out({ area: area(1), before: t(d), behind: t(d + Math.PI) })"
    got = run(CITY + SECTORS + body, blob=city(), points=points((0, direction, fov, "ON")), direction=direction)
    assert got["area"] == pytest.approx(31_416 * fov / 360, rel=0.02)
    assert got["before"] == 1 and got["behind"] == (1 if fov == 360 else 0)


def test_what_only_a_faulty_camera_would_see_looks_different_not_only_in_colour() -> None:
    body = """const pixels = new Uint32Array(S * S); gc.tint(mask, pixels, view, gc.makeTheme({}), true);
    const some = (east) => new Set(Array.from({ length: 14 }, (_, i) => pixels[(S / 2 + i) * S + Math.round(S / 2 + east * metre) + i])); out({ bits: [at(-60, 0), at(0, 0), at(60, 0)],
      seen: [...some(-60)].length, blind: some(60).has(0) && some(60).size, near: gc.pointAt(video, city, view, S / 2 + 60 * metre + 5, S / 2, 10), far: gc.pointAt(video, city, view, 5, 5, 10) })"""
    got = run(CITY + SECTORS + body, blob=city(), points=points((-60, 0, 360, "ON"), (60, 0, 360, "VLOST")))
    assert got["bits"] == [1, 3, 2]
    assert got["seen"] == 1 and got["blind"] == 2, "an even tint against stripes"
    assert got["near"] == 1 and got["far"] == -1


def test_a_drawn_line_leaves_the_browser_closed_and_in_wgs84() -> None:
    body = "const c = [[118.78, 32.04], [118.79, 32.04], [118.79, 32.05]]; out(gc.polygonOf('gcj02', c.map((p) => { const [lng, lat] = gc.shift('gcj02', p); return { lng, lat }; })))"
    got = run(body)
    assert got[0] == got[-1] and len(got) == 4
    for (lon, lat), (x, y) in zip(got, [(118.78, 32.04), (118.79, 32.04), (118.79, 32.05)], strict=False):
        assert abs(lon - x) * 94_400 < 1 and abs(lat - y) * 111_320 < 1


@pytest.mark.parametrize(
    ("scope", "outside", "west_east"),
    [("B", [1, 0, 1], (118.708, 118.72)), ("C2", [1, 1, 0], (118.72, 118.73)), ("S", [0, 0, 0], (118.70, 118.73)), ("0", None, None), ("gone", None, None)],
)
def test_a_jurisdiction_is_shown_and_the_rest_is_dim(scope: str, outside: list[int] | None, west_east: tuple[float, float] | None) -> None:
    body = f"""require({json.dumps(str(MAP / "worker" / "engine.js"))}); const said = [], engine = new gc.Engine((message) => said.push(message), null);
    engine.receive({{ t: 'options', options: {{ scope: input.scope }} }}); engine.receive({{ t: 'city', buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) }});
    engine.receive({{ t: 'close' }}); const ready = said.find((message) => message.t === 'ready');
    out({{ outside: engine.city.outside ? [...engine.city.outside] : null, x: ready.extent && ready.extent.map(([lon]) => lon) }})"""
    got = run(CITY + body, blob=city(), scope=scope)
    assert got["outside"] == outside
    assert got["x"] == (None if west_east is None else [pytest.approx(lon, abs=1e-5) for lon in west_east])


@pytest.mark.parametrize(("scope", "carry"), [("0", ["D"]), ("D", ["S"]), ("S", ["C1", "C2"]), ("C2", ["C2"])])
def test_counts_are_those_of_the_level_below_the_jurisdiction(scope: str, carry: list[str]) -> None:
    body = f"""require({json.dumps(str(MAP / "worker" / "engine.js"))}); const engine = new gc.Engine(() => 0, null);
    engine.receive({{ t: 'options', options: {{ scope: input.scope }} }}); engine.receive({{ t: 'city', buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) }});
    engine.receive({{ t: 'close' }}); out(gc.layout(engine.city, {{ zoom: 8, left: 0, top: 0, ratio: 1 }}, 1).map((b) => engine.city.places[b.place].code))"""
    assert run(CITY + body, blob=city(), scope=scope) == carry
