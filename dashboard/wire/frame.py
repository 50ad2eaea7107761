"""Frames: what the board tells a scope's screens, encoded once for all of them (CONTRACT.md, /live)."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

DEFLATE_FROM = 512
"""Bytes from which deflating pays for itself."""
LEFT_OUT = ("subject", "reported")
"""Columns that only `format=json` has; the subject is the end of the case's id."""
_encode = msgspec.json.Encoder().encode


class Frame:
    """One message for all sockets of a scope: `from_` and `to` are positions (0 where it moves none); bytes are made once per format."""

    __slots__ = ("_lean", "_packed", "_wire", "from_", "text", "to")

    def __init__(self, content: dict[str, Any]) -> None:
        self.from_, self.to = content.get("from", 0), content.get("to", 0)
        self.text: bytes = _encode(content)
        self._lean: bytes = _encode(_lean(content))  # the content itself is not kept: a snapshot's lists are ten times its bytes
        self._packed: tuple[bool, bytes] | None = None
        self._wire: dict[str, bytes] = {}

    def payload(self, format_: str) -> tuple[bool, bytes]:
        """(binary?, bytes): `json` is all of it as text; `z` is what our pages need, as raw deflate when that is smaller."""
        if format_ == "json":
            return False, self.text
        if self._packed is None:
            self._packed, self._lean = _packed(self._lean), b""
        return self._packed

    def wire(self, format_: str) -> bytes:
        """The whole WebSocket frame (RFC 6455, unmasked, final), framed once."""
        made = self._wire.get(format_)
        if made is None:
            binary, body = self.payload(format_)
            made = self._wire[format_] = _head(0x82 if binary else 0x81, len(body)) + body
        return made


def _packed(text: bytes) -> tuple[bool, bytes]:
    if len(text) < DEFLATE_FROM:
        return False, text
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    return True, squeeze.compress(text) + squeeze.flush()


def _lean(content: dict[str, Any]) -> dict[str, Any]:
    """Without what our own pages can tell from the rest or do not show: a quarter of a large snapshot."""
    cases = content.get("cases")
    return content | {"cases": {k: v for k, v in cases.items() if k not in LEFT_OUT}} if cases else content


def _head(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 65536:
        return bytes((first, 126)) + length.to_bytes(2, "big")
    return bytes((first, 127)) + length.to_bytes(8, "big")
