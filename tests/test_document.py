"""What the documents say is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from dashboard.engine.contract import asyncapi

ROOT = Path(__file__).resolve().parents[1]


def test_asyncapi_is_made_from_the_code() -> None:
    written = msgspec.yaml.decode((ROOT / "docs/asyncapi.yaml").read_bytes())
    assert written == asyncapi(), "run: python -m dashboard.cases.contract > docs/asyncapi.yaml"


def test_links_of_the_documents_exist() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text()):
            assert (document.parent / link).exists(), f"{document.name}: {link} does not exist"
