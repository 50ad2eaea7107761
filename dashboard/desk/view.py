"""A case as people and other systems read it (CONTRACT.md, shapes of /api/v1/cases)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case, light, names
from dashboard.cases.envelope import ENGINE, split_id
from dashboard.cases.event import Event
from dashboard.cases.light import light_at
from dashboard.cases.possible import possible
from dashboard.cases.row import Row
from dashboard.cases.stage import ENDED, Level, Light, Severity, Stage
from dashboard.cases.standing import standing
from dashboard.cases.verb import UNDO_WITHIN, VERBS
from dashboard.clock import iso
from dashboard.clocks.explain import clocks, hand_over, history
from dashboard.clocks.ladder import REASONS
from dashboard.clocks.rules import SlaRules
from dashboard.desk.near import Near
from dashboard.desk.shape import (
    AuditEntry,
    CaseAlarm,
    CaseDetail,
    CaseHead,
    Evidence,
    Handoff,
    OwnerSpan,
    Report,
    Said,
    TimelineEntry,
    Undoable,
)


def item(row: Row, now: int) -> CaseHead:
    """One line of a list. Instants in ms UTC."""
    source, subject = split_id(row.case)
    return {
        "case": row.case, "subject": subject, "source": source, "version": row.version,
        "stage": Stage(row.stage).name, "severity": Severity(row.severity).name, "category": row.category,
        "owner": row.owner, "grid": row.grid, "lon": row.lon, "lat": row.lat, "reported": row.reported,
        "amber": row.amber, "due": row.due, "light": row_light(row, now).name, "level": Level(row.level).name,
    }  # fmt: skip


def row_light(row: Row, now: int) -> Light:
    """The light of a hot row; `dashboard.cases.case.light` is the same rule on a case."""
    return light_at(row.due, row.amber, row.closed, bool(row.paused) and row.stage not in ENDED, now)


def detail(
    case: Case, events: Sequence[Event], commands: Sequence[dict[str, Any]], near: Near, now: int, zone: str, sla: SlaRules,
    alarms: Sequence[Alarm] = (),
) -> CaseDetail:
    """One case whole: place, clocks with their ledgers, timeline with the seconds of every hop, hand-offs, what is near, audit."""
    stage, severity, level = names(case)
    held = standing(events)
    return {
        "case": case.case, "subject": case.subject, "source": case.source, "stage": stage, "version": case.version,
        "category": case.category, "severity": severity, "owner": case.owner, "level": level, "channel": case.channel,
        "title": case.title, "text": report(events)["text"], "reported": case.reported, "due": case.due, "amber": case.amber,
        "light": light(case, now).name,
        "workflow": case.workflow, "policy": case.policy, "pending": case.pending, "provenance": case.provenance,
        "place": {"lon": case.lon, "lat": case.lat, "crs": "wgs84", "grid": case.grid, "address": case.address},
        "address": case.address, "flags": case.flags, "timeline": timeline(events, zone), "clocks": clocks(events, case, sla, now),
        **hand_over(history(events), now),
        "owners": owners(held, now, case.closed), "handoffs": handoffs(held, now, case.closed), "evidence": evidence(held),
        "undo": undoable(events, commands),
        "duplicates": near.duplicates, "possible_duplicates": near.possible_duplicates, "video": near.video,
        "merged_into": case.merged_into, "returns": case.returns, "arbitration": case.arbitration,
        "audit": [_audit(c, zone) for c in commands], "alarms": [_alarm(a) for a in alarms], "as_of": now,
        "allowed": possible(case),
    }  # fmt: skip


def report(events: Sequence[Event]) -> Report:
    """What the first event said. A list of events is never empty and begins with the report."""
    return {"title": events[0].data.title, "text": events[0].data.text}


def timeline(events: Sequence[Event], zone: str) -> list[TimelineEntry]:
    """Every event in order of version with the seconds since the one before; those that were undone are marked, not left out."""
    undone = {e.id for e in events} - {e.id for e in standing(events)}
    out: list[TimelineEntry] = []
    for before, event in zip([None, *events], events, strict=False):
        out.append(
            {
                "event": event.id, "type": event.type, "at": iso(event.at, zone), "recorded": iso(event.recorded, zone),
                "unit": getattr(event.data, "to", None) or getattr(event.data, "unit", None), "actor": event.actor, "pos": event.pos,
                "version": event.version, "cause": event.cause, **_said(event), "undone": event.id in undone,
                "reply_due": getattr(event.data, "reply_due", None),
                "seconds_since_previous": None if before is None else (event.at - before.at) / 1000,
            }
        )  # fmt: skip
    return out


def _said(event: Event) -> Said:
    """What somebody wrote with an event: a reason or a result, the free text beside it, the `values` of a timer's reason."""
    if event.type == "case.reported":
        return {"note": "", "text": "", "values": {}}
    data = msgspec.json.decode(event.raw)
    words = [data[key] for key in ("reason", "result", "note", "disposition", "text") if isinstance(data.get(key), str) and data[key]]
    text = data.get("text")
    note = words[0] if words else ""
    values = {name: data.get(name) for name in REASONS.get(note, ())} if event.source == ENGINE else {}
    return {"note": note, "text": text if isinstance(text, str) and text != note else "", "values": values}


def owners(events: Sequence[Event], now: int, closed: int | None) -> list[OwnerSpan]:
    """Which unit had the case from when to when."""
    held: list[OwnerSpan] = []
    for event in events:
        if event.type in {"case.dispatched", "case.reassigned", "case.return_approved"}:
            if held and held[-1]["to"] is None:
                held[-1]["to"] = event.at
            if event.type != "case.return_approved":
                held.append({"unit": event.data.to, "from": event.at, "to": None, "seconds": 0.0})
    for span in held:
        end = span["to"] if span["to"] is not None else closed if closed is not None else now
        span["seconds"] = max(0, end - span["from"]) / 1000
        span["to"] = span["to"] if span["to"] is not None else closed
    return held


def handoffs(events: Sequence[Event], now: int, closed: int | None) -> list[Handoff]:
    """The chain of hands: who gave it to whom, how long they had it, and how long of that unsigned; waiting is charged to the holder.

    Instants in ms. `to` is None for a return: the case lies with the centre.
    """
    chain: list[Handoff] = []
    for event in events:
        hop = chain[-1] if chain else None
        if event.type in {"case.dispatched", "case.reassigned", "case.return_approved"}:
            to = None if event.type == "case.return_approved" else event.data.to
            before = hop["to"] if hop else None
            chain.append(
                {"from": before, "to": to, "at": event.at, "type": event.type, "signed": None, "seconds": 0.0, "unsigned_seconds": 0.0}
            )
        elif event.type in {"case.signed", "case.handled"} and hop and hop["signed"] is None:
            hop["signed"] = event.at
    ends = [hop["at"] for hop in chain[1:]] + [closed if closed is not None else now]
    for hop, end in zip(chain, ends, strict=False):
        signed = hop["signed"] if hop["signed"] is not None else end
        hop["seconds"] = max(0, end - hop["at"]) / 1000
        hop["unsigned_seconds"] = max(0, min(signed, end) - hop["at"]) / 1000 if hop["to"] else 0.0
    return chain


def evidence(events: Sequence[Event]) -> list[Evidence]:
    """References that handling units left, the newest last; `at` in ms."""
    return [
        {"ref": ref, "at": event.at, "unit": event.data.unit} for event in events if event.type == "case.handled"
        for ref in event.data.evidence
    ]  # fmt: skip


def undoable(events: Sequence[Event], commands: Sequence[dict[str, Any]]) -> Undoable | None:
    """The last command that still counts, if it can be undone: its id, verb, actor's id, and until when (ms)."""
    last = standing(events)[-1]
    command = next((c for c in commands if c["id"] == last.cause), None)
    if command is None or not VERBS[command["verb"]].undoable:
        return None
    who, name = command["actor_id"], msgspec.json.decode(command["actor"])["name"]
    return {"command": command["id"], "verb": command["verb"], "who": who, "name": name, "until": last.at + UNDO_WITHIN}


def _alarm(alarm: Alarm) -> CaseAlarm:
    return {
        "alarm": alarm.id, "kind": alarm.kind, "level": Level(alarm.level).name, "at": alarm.at, "to": list(alarm.to), "by": alarm.by,
        "open": alarm.ended is None, "acknowledged": alarm.read,
    }  # fmt: skip


def _audit(command: dict[str, Any], zone: str) -> AuditEntry:
    actor = msgspec.json.decode(command["actor"])
    return {
        "id": command["id"], "verb": command["verb"], "who": actor["name"], "role": actor["role"], "at": iso(command["at"], zone),
        "status": command["status"], "code": command["code"], "message": command["message"], "pos": command["pos"],
    }  # fmt: skip
