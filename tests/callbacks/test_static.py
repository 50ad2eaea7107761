"""Scripts and styles: compressed once, kept by who has them, and never another version under an old name."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
from pathlib import Path
from typing import Any

import pytest

from callbacks.static import ASK_AGAIN, FOR_EVER, KEPT, Static
from tests.callbacks.running import Running
from tests.conftest import ROOT

SUITE = "/_dash-component-suites/dash_x/dash_x.v1_2_3m1795296434.min.js"
TEXT = b"const a = 1;" * 100


class Dash:
    """The server behind: knows some paths, counts what it is asked."""

    def __init__(self, *paths: str) -> None:
        self.paths, self.asked = paths, list[str]()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        known = scope["path"] in self.paths
        await send({"type": "http.response.start", "status": 200 if known else 404, "headers": [(b"content-type", b"text/javascript")]})
        await send({"type": "http.response.body", "body": TEXT[:600] if known else b"", "more_body": True})
        await send({"type": "http.response.body", "body": TEXT[600:] if known else b""})


async def ask(static: Static, path: str, query: str = "", method: str = "GET", **headers: str) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    given = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": given}
    await static(scope, None, send)  # type: ignore[arg-type]
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(m.get("body", b"") for m in sent[1:])


def get(static: Static, path: str, query: str = "", **headers: str) -> tuple[int, dict[bytes, bytes], bytes]:
    return asyncio.run(ask(static, path, query, **headers))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.js").write_bytes(TEXT)
    return tmp_path


def test_the_compressed_form_is_the_file_and_says_what_it_depends_on(folder: Path) -> None:
    status, headers, body = get(Static(Dash(SUITE), folder), SUITE, accept_encoding="gzip, br")
    assert status == 200 and gzip.decompress(body) == TEXT and headers[b"content-encoding"] == b"gzip"
    assert headers[b"vary"] == b"accept-encoding" and headers[b"content-length"] == str(len(body)).encode()
    status, headers, body = get(Static(Dash(SUITE), folder), SUITE)
    assert body == TEXT and b"content-encoding" not in headers


def test_many_ask_dash_is_asked_once(folder: Path) -> None:
    dash = Dash(SUITE)
    static = Static(dash, folder)

    async def all_at_once() -> None:
        await asyncio.gather(*(ask(static, SUITE, accept_encoding="gzip") for _ in range(20)))

    asyncio.run(all_at_once())
    assert dash.asked == [SUITE]


def test_who_has_it_is_told_so(folder: Path) -> None:
    static = Static(Dash("/assets/a.js"), folder)

    async def twice() -> tuple[int, dict[bytes, bytes], bytes]:
        _, headers, _ = await ask(static, "/assets/a.js", accept_encoding="gzip")
        return await ask(static, "/assets/a.js", accept_encoding="gzip", if_none_match=headers[b"etag"].decode())

    status, headers, body = asyncio.run(twice())
    assert (status, body) == (304, b"") and headers[b"cache-control"] == ASK_AGAIN


def test_only_a_url_that_names_the_served_version_is_for_ever(folder: Path) -> None:
    static, now = (
        Static(Dash("/assets/a.js", SUITE, "/_dash-component-suites/dash_x/async-x.js"), folder),
        (folder / "a.js").stat().st_mtime,
    )

    async def caches() -> list[bytes]:
        urls = [(SUITE, ""), ("/_dash-component-suites/dash_x/async-x.js", ""), ("/assets/a.js", f"m={now}"), ("/assets/a.js", "m=1")]
        return [(await ask(static, *url))[1][b"cache-control"] for url in urls]

    assert asyncio.run(caches()) == [FOR_EVER, ASK_AGAIN, FOR_EVER, ASK_AGAIN]


def test_an_asset_that_changed_is_read_again(folder: Path) -> None:
    dash = Dash("/assets/a.js")
    static = Static(dash, folder)

    async def change() -> None:
        await ask(static, "/assets/a.js")
        os.utime(folder / "a.js", (1, 1))
        await ask(static, "/assets/a.js")

    asyncio.run(change())
    assert len(dash.asked) == 2


def test_what_dash_does_not_know_stays_unknown_and_is_not_kept(folder: Path) -> None:
    dash = Dash()
    static = Static(dash, folder)

    async def twice() -> list[int]:
        return [(await ask(static, "/assets/no.js"))[0] for _ in range(2)]

    assert asyncio.run(twice()) == [404, 404] and static._made == {}


def test_made_up_versions_do_not_fill_the_memory(folder: Path) -> None:
    paths = [f"/_dash-component-suites/dash_x/x.v1m{n}.js" for n in range(KEPT + 5)]
    static = Static(Dash(*paths), folder)

    async def every() -> set[int]:
        return {(await ask(static, path))[0] for path in paths}

    assert asyncio.run(every()) == {200} and len(static._made) == KEPT


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", SUITE, True),
        ("HEAD", "/assets/a.css", True),
        ("POST", SUITE, False),
        ("GET", "/assets/a.png", False),
        ("GET", "/live.js", False),
    ],
)
def test_it_takes_text_of_pages_only(method: str, path: str, wanted: bool, folder: Path) -> None:
    scope = {"type": "http", "method": method, "path": path}
    assert Static(Dash(), folder).takes(scope) is wanted and not Static(Dash(), folder).takes({"type": "websocket", "path": path})


def test_head_has_the_headers_and_no_body(folder: Path) -> None:
    status, headers, body = get(Static(Dash(SUITE), folder), SUITE, method="HEAD")
    assert (status, headers[b"content-length"], body) == (200, str(len(TEXT)).encode(), b"")


def test_a_page_loads_the_kernel_and_the_colours_first_and_no_part_of_the_map_s_engine(city: Running) -> None:
    """assets/kernel.js says what the order is and who counts on it."""
    html = city.ask("GET", "/desk").body.decode()
    scripts, styles = (re.findall(rf'{tag}="/assets/([^"?]+)\?m=[0-9.]+"', html) for tag in ("src", "href"))
    assert scripts[0] == "kernel.js" and styles[0] == "tokens.css"
    folder = ROOT / "assets"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.js")}
    assert set(scripts) == {name for name in there if not name.startswith("map/worker/")}
    extend = [name for name in scripts if "Object.assign(gcMap.Layer.prototype" in (folder / name).read_text()]
    assert len(extend) == 3 and min(map(scripts.index, extend)) > scripts.index("map/layer.js")
    for name in ("kernel.js", "desk/send.js", "map/worker/engine.js", "locales/zh.json"):
        assert city.ask("GET", f"/assets/{name}").status == 200, name
