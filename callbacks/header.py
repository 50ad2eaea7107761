"""Headers of every answer that is ours: they cost nothing, and take whole classes of attacks away."""

from __future__ import annotations

from typing import Any

from callbacks.problem import Scope, Send

ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"referrer-policy", b"same-origin"),
)
CACHE, NEVER = b"cache-control", (b"cache-control", b"no-store")
FILES = ("/assets/", "/_dash-component-suites/")
"""What may be kept although it does not say for how long: pictures and fonts carry a tag."""


def dressed(scope: Scope, send: Send) -> Send:
    """`send` that adds them. An answer that says how long it may be kept (scripts, map versions) is left to it; all others never are."""
    keeps = scope["path"].startswith(FILES)

    async def dress(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), *ALWAYS]
            if message["status"] >= 400 or not (keeps or any(name.lower() == CACHE for name, _ in headers)):
                headers = [(name, value) for name, value in headers if name.lower() != CACHE]
                headers.append(NEVER)
            message = {**message, "headers": headers}
        await send(message)

    return dress
