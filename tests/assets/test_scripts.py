"""What the head of a script says of its place among the others is true."""

from __future__ import annotations

import re

import pytest

from tests.assets.page import ASSETS

SCRIPTS = {path.relative_to(ASSETS).as_posix(): path.read_text() for path in sorted(ASSETS.rglob("*.js"))}
PAGES = {name: text for name, text in SCRIPTS.items() if "/worker/" not in name and name != "kernel.js"}
"""The engine's parts are imported by name, and what they rely on is their order there (map/worker/engine.js)."""
WRITES = r"\b(gc|gcMap)\.(\w+) = "
SHARES = r"Object\.assign\(gcMap, \{([^}]*)\}"


def members(text: str) -> set[str]:
    listed = ", ".join(re.findall(SHARES, text))
    return {f"{space}.{name}" for space, name in re.findall(WRITES, text)} | {f"gcMap.{name}" for name in re.findall(r"\w+(?=[:,]|\s*$)", listed)}


OWNER = {member: name for name, text in SCRIPTS.items() for member in members(text)}


def relied_on(name: str) -> set[str]:
    code = re.sub(r"(?<!:)//.*$", "", re.sub(r"/\*.*?\*/", "", PAGES[name], flags=re.DOTALL), flags=re.MULTILINE)
    used = {f"{space}.{member}" for space, member in re.findall(r"(?<![\w.'\"])(gc|gcMap)\.(\w+)", code)}
    used |= {f"{space}.{m}" for listed, space in re.findall(r"\{([\w, ]+)\} = (gc|gcMap)\b(?!\.)", code) for m in re.findall(r"\w+", listed)}
    return {owner for member in used if (owner := OWNER.get(member)) not in (None, name, "kernel.js")}


@pytest.mark.parametrize("name", PAGES)
def test_a_script_names_what_it_relies_on(name: str) -> None:
    said = re.search(r"^// Relies on: (.*)\.$", PAGES[name], re.MULTILINE)
    short = {path.removesuffix(".js") for path in relied_on(name)}
    assert set(said[1].split(", ") if said else ()) == short


def test_a_member_has_one_script() -> None:
    """`gc.asked = …` in two files would be two truths under one name."""
    found = [(member, name) for name, text in SCRIPTS.items() for member in members(text)]
    assert sorted({m for m, _ in found}) == sorted(m for m, _ in set(found))
