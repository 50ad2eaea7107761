"""Appending many entries to a stream at once, all or none.

The client's own pipeline does the same; but what it does beside it for each of a thousand commands takes longer than the server does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import hiredis


def append(server: Any, stream: str, bodies: Sequence[bytes], kept: int) -> bytes:
    """The id of the last entry; about `kept` stay in the stream. Raises the client's errors: nothing was appended then, or nobody knows."""
    trim = ("XTRIM", stream, "MAXLEN", "~", kept)
    commands: list[tuple[Any, ...]] = [("MULTI",), *(("XADD", stream, "*", "e", body) for body in bodies), trim, ("EXEC",)]
    connection = server.connection_pool.get_connection()
    try:
        connection.send_packed_command([b"".join(map(hiredis.pack_command, commands))])
        *_, done = [connection.read_response() for _ in commands]
    except BaseException:
        connection.disconnect()  # answers that were not read would be taken for those of the next command
        raise
    finally:
        server.connection_pool.release(connection)
    for answer in done:
        if isinstance(answer, Exception):
            raise answer
    last: bytes = done[-2]
    return last
