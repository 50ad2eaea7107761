"""Dead letters: entries that had no effect, kept with their reason, masked and cut to what an entry may be."""

from __future__ import annotations

import msgspec

from dashboard.cases.envelope import MAX_BYTES
from dashboard.cases.mask import mask, mask_value
from dashboard.ports.ledger import DeadLetter
from dashboard.ports.stream import Entry

FAILED = "failed"
"""Code of an entry that made something go wrong which nobody had thought of."""
MAX_REASON = 500
_ENVELOPE = frozenset({"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataversion"})


def letter(entry: Entry, event: tuple[str | None, str | None], code: str, reason: str, at: int) -> DeadLetter:
    """A dead letter of the event (source, id), where it could be read; the body is raw, but private numbers are masked here too."""
    source, event_id = event
    return DeadLetter(entry.stream, entry.id, source, event_id, code, _sentence(reason), masked_body(entry.body), at)


def failed(entry: Entry, event: tuple[str | None, str | None], error: Exception, at: int) -> DeadLetter:
    """The letter of an entry that an error without a name came from."""
    return letter(entry, event, FAILED, f"{type(error).__name__}: {error}", at)


def _sentence(reason: str) -> str:
    """What every database keeps: no NUL, no half of a surrogate pair."""
    return mask(reason[: 4 * MAX_REASON].encode("utf-8", "replace").decode().replace("\0", ""))[0][:MAX_REASON]


def masked_body(body: bytes) -> bytes:
    """The entry unchanged, unless it holds a phone, identity card or plate; of one that is too large only the beginning is kept."""
    if len(body) > MAX_BYTES:
        return _masked_text(body[:MAX_BYTES].rstrip(b"0123456789 -"))  # a number that the cut has halved would not be found
    try:
        return _masked_json(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _masked_text(body)


def _masked_text(body: bytes) -> bytes:
    text, n = mask(body.decode("utf-8", "surrogateescape"))
    return text.encode("utf-8", "surrogateescape") if n else body


def _masked_json(body: bytes) -> bytes:
    """All of it is masked but the names that the envelope gives the event."""
    content = msgspec.json.decode(body)
    named = {k: v for k, v in content.items() if k in _ENVELOPE} if isinstance(content, dict) else {}
    masked, n = mask_value({k: v for k, v in content.items() if k not in named} if named else content)
    return msgspec.json.encode(named | masked if named else masked) if n else body
