"""What the documents say is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from callbacks.api import OPERATIONS
from callbacks.api.document import document
from dashboard.engine.contract import asyncapi

ROOT = Path(__file__).resolve().parents[1]


def test_asyncapi_is_made_from_the_code() -> None:
    written = msgspec.yaml.decode((ROOT / "docs/asyncapi.yaml").read_bytes())
    assert written == asyncapi(), "run: python -m dashboard.engine.contract > docs/asyncapi.yaml"


def test_openapi_is_made_from_the_code() -> None:
    written = msgspec.json.decode((ROOT / "docs/openapi.json").read_bytes())
    assert written == document(OPERATIONS), "run: python -m callbacks.api > docs/openapi.json"


def test_links_of_the_documents_exist() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link} does not exist"
