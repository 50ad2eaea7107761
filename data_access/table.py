"""The tables. Instants are ms UTC; JSON is text; the order of writing and the meaning of `pos` are in docs/architecture.md."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint, select

metadata = MetaData()

partition = Table(
    "partition",
    metadata,
    Column("partition", Integer, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("pos", BigInteger, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("partition", Integer, primary_key=True),
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(64), nullable=False),
    Column("case_id", String(130), nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("recorded", BigInteger, nullable=False),
    Column("actor", Text),
    Column("cause", String(64)),
    Column("data", Text, nullable=False),
    UniqueConstraint("id", "source", name="event_key"),
    UniqueConstraint("case_id", "version", name="event_case_version"),
)

BY_PARTITION = event.c.partition.in_(select(partition.c.partition))
"""To be asked with a position: the key begins with the partition, and without it the whole table is read."""

FIXED = {"fixed": True}
"""Of a column that the first version of a row sets for good: an update leaves it and its index alone."""

cases = Table(
    "cases",
    metadata,
    Column("case_id", String(130), primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("pos", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("category", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("owner", String(64)),
    Column("grid", String(64)),
    Column("lon", Double, info=FIXED),
    Column("lat", Double, info=FIXED),
    Column("reported", BigInteger, nullable=False, info=FIXED),
    Column("amber", BigInteger),
    Column("due", BigInteger),
    Column("paused", Integer, nullable=False),
    Column("closed", BigInteger),
    Column("level", Integer, nullable=False),
    Column("timer", BigInteger),
    Column("pending", String(16), nullable=False),
    Column("returns", Integer, nullable=False),
    Column("merged_into", String(130)),
    Column("title", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
Index("cases_stage_due", cases.c.stage, cases.c.due)
Index("cases_reported", cases.c.reported)
Index("cases_timer", cases.c.timer)
Index("cases_merged", cases.c.merged_into)
Index("cases_lat", cases.c.lat)

command = Table(
    "command",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("case_id", String(130), nullable=False),
    Column("verb", String(64), nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("pos", BigInteger),
    Column("code", String(32)),
    Column("message", Text),
    Column("current", Text),
    Column("why", String(32)),
    Column("why_values", Text),
    Column("undone", String(64)),
)
Index("command_case", command.c.case_id)
Index("command_actor", command.c.actor_id, command.c.at)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("stream", String(64), primary_key=True),
    Column("entry", String(64), primary_key=True),
    Column("source", String(64)),
    Column("event_id", String(64)),
    Column("code", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("redriven", BigInteger),
)
Index("dead_letter_event", dead_letter.c.event_id)

alarm = Table(
    "alarm",
    metadata,
    Column("case_id", String(130), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("level", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("named", Text, nullable=False),
    Column("raised_by", String(64)),
    Column("acknowledged", BigInteger),
    Column("acknowledged_id", String(64)),
    Column("acknowledged_by", Text),
    Column("ended", BigInteger),
    Column("ended_by", String(64)),
)
"""Whom it names is JSON. It lies where its case lies: no place of its own."""
Index("alarm_ended", alarm.c.ended)

orphan = Table(
    "orphan",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("case_id", String(130), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("stream", String(64), nullable=False),
    Column("entry", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
)
Index("orphan_case", orphan.c.case_id)

source = Table(
    "source",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("heard", BigInteger, nullable=False),
    Column("event_at", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
)

unit = Table(
    "unit",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("initials", String(64), nullable=False),
    Column("level", String(32), nullable=False),
    Column("parent", String(64)),
    Column("valid_from", BigInteger, primary_key=True, autoincrement=False),
    Column("valid_to", BigInteger),
    Column("lon", Double),
    Column("lat", Double),
)
Index("unit_parent", unit.c.parent)
"""A version of a unit or grid holds from `valid_from` (0 = since always) until `valid_to`; the newest one is open-ended or ended."""

grid = Table(
    "grid",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("community", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("households", Integer, nullable=False),
    Column("residents_reported", Integer, nullable=False),
    Column("residents_verified", Integer, nullable=False),
    Column("full_time", Integer, nullable=False),
    Column("part_time", Integer, nullable=False),
    Column("valid_from", BigInteger, primary_key=True, autoincrement=False),
    Column("valid_to", BigInteger),
    Column("rings", LargeBinary, nullable=False),
)

route = Table(
    "route",
    metadata,
    Column("unit", String(64), primary_key=True),
    Column("category", String(64), primary_key=True),
    Column("area", String(64), primary_key=True),
)

category = Table(
    "category",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("dispute", Integer, nullable=False),
)

place_import = Table(
    "place_import",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("what", String(16), nullable=False),
    Column("file", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("valid_from", BigInteger),
    Column("done", Integer, nullable=False),
    Column("begun", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("found", Integer, nullable=False),
    Column("findings", Text, nullable=False),
)
"""Every import of units and grids, the refused ones too, with the first of what was found in its file."""
Index("place_import_made", place_import.c.made)

video_point = Table(
    "video_point",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("network", String(32), nullable=False),
    Column("category", String(32), nullable=False),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("direction", Double, nullable=False),
    Column("fov", Double, nullable=False),
    Column("range_m", Double, nullable=False),
    Column("status", String(8), nullable=False),
    Column("active", Integer, nullable=False),
    Column("secret", Integer, nullable=False),
)
Index("video_point_counts", video_point.c.active, video_point.c.status)

account = Table(
    "account",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(32), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("disabled", BigInteger),
)

token = Table(
    "token",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("made", BigInteger, nullable=False),
)
Index("token_account", token.c.account)

account_item = Table(
    "account_item",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key", String(170), primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

shift = Table(
    "shift",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(32), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("text", Text, nullable=False),
    Column("note", Text),
    Column("taken", BigInteger),
    Column("taken_id", String(64)),
    Column("taken_by", Text),
    Column("taken_role", String(32)),
)
"""A shift with the handover that ended it. Names and roles are those of the day; the note is JSON."""
Index("shift_account", shift.c.account)
Index("shift_ended", shift.c.ended)

policy = Table(
    "policy",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger),
    Column("body", Text, nullable=False),
)

calendar = Table(
    "calendar",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("made", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

stamp = Table(
    "stamp",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(64), nullable=False),
)
