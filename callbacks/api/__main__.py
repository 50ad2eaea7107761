"""`python -m callbacks.api > docs/openapi.json`. A test compares, so that the document cannot say something else than the code."""

from __future__ import annotations

import sys

import msgspec

from callbacks.api import OPERATIONS
from callbacks.api.document import document

sys.stdout.write(msgspec.json.format(msgspec.json.encode(document(OPERATIONS)), indent=1).decode() + "\n")
