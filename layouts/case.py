"""One case, whole: in the desk's drawer and on `/case/ID`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.cases.verb import UNDO, VERBS
from layouts import ids
from layouts.parts import light, name, near, undo
from layouts.parts.act import buttons
from layouts.parts.context import PageContext
from layouts.parts.dialog import dialogs
from layouts.parts.instant import duration, moment
from layouts.parts.state import notice
from layouts.parts.word import attributes, maybe, titled, word
from layouts.shell import top

RUNNING = ("running", "paused")
SOURCE = "source"
"""The policy of a case whose due time came with its report."""
_REASONS = frozenset(reason for verb in VERBS.values() for reason in verb.reasons)
SAID = frozenset({"limit", "reserve", "sum"})
"""Lines of a ledger whose reason is said by the clock's rule already."""
GLYPHS = {True: "○ ", False: "▼ "}


def case_page(context: PageContext, case: Mapping[str, Any] | None) -> Component:
    """The drawer's content with a page to itself: same callback, same dialogs, same actions."""
    card = case_card(context, case, actions=True) if case else notice(context.say, "case.unknown", "case.unknown.then", "error")
    back = html.A(word(context.say, "case.back"), href="/desk", className="gc-back")
    store = dcc.Store(id=ids.DESK_CASE)
    head = html.Div([back, html.Span(className="gc-gap"), *undo.bar(context)], className="gc-case-line")
    main = html.Main([head, strip(), html.Div(card, id=ids.DESK_DRAWER, className="gc-drawer-body")], className="gc-case-page gc-panel")
    return html.Div(
        [top(context, "case"), store, main, *dialogs(context.say)],
        className="gc-desk",
        **attributes(data_gc_page="case"),
    )


def strip() -> Component:
    """Over a case: what is on its way out, and who else has a dialog open on it. Outside of what the server draws again."""
    lines = [html.P(className=f"gc-strip-{name}", hidden=True) for name in ("pending", "presence")]
    return html.Div(lines, className="gc-strip", **attributes(aria_live="polite"))


def case_card(context: PageContext, case: Mapping[str, Any], actions: bool = False) -> Component:
    """`case`: the shape of `GET /api/v1/cases/{id}` with title, address, channel, level, reported, due, amber."""
    parts = [
        _header(context, case),
        *([_actions(context, case)] if actions and context.can else []),
        *_arbitration(context, case),
        _facts(context, case),
        _clocks(context, case),
        *near.duplicates(context, case),
        near.chain(context, case.get("handoffs") or ()),
        _timeline(context, case),
        *near.evidence(context, case.get("evidence") or ()),
        *near.video(context, case.get("video") or ()),
        _audit(context, case),
    ]
    return html.Article(parts, className="gc-case", **_facts_for_actions(case))


def _facts_for_actions(case: Mapping[str, Any]) -> dict[str, Any]:
    """What `act.js` must know of a case that may not be among the rows: its version, and what its stage allows."""
    allowed = " ".join(case["allowed"]) if "allowed" in case else None
    grid = (case.get("place") or {}).get("grid")
    facts = {"data_version": str(case["version"]), "data_stage": case.get("stage"), "data_kind": case.get("category"), "data_grid": grid}
    facts |= {"data_severity_code": case.get("severity"), "data_level": case.get("level")}
    return attributes(data_case=case["case"], data_allowed=allowed, **facts)


def _header(context: PageContext, case: Mapping[str, Any]) -> Component:
    say = context.say
    copy = html.Button(
        [html.Code(case["case"]), word(say, "case.copy.short")],
        className="gc-copy",
        **attributes(data_copy=case["case"]),
        **titled(say, "case.copy"),
    )
    close = html.Button("✕", className="gc-drawer-close", **titled(say, "dialog.close"))
    title, text = case.get("title"), case.get("text")
    return html.Header(
        [
            html.Div([copy, html.Span(className="gc-gap"), close], className="gc-case-line"),
            html.H2([light.severity(say, case.get("severity")), name.category(say, context.names, case.get("category"))]),
            *([html.P(title, className="gc-case-title")] if title else []),
            *([html.P(text, className="gc-report")] if text and text != title else []),
            html.Div(
                [light.remaining(dict(case)), maybe(say, "stage", case.get("stage")), *_level(context, case)],
                className="gc-case-line gc-case-now",
            ),
            *_called(context, case),
        ]
    )


def _level(context: PageContext, case: Mapping[str, Any]) -> list[Component]:
    level = case.get("level")
    return [html.Span(["▲ ", maybe(context.say, "level", level)], className="gc-level-mark")] if level and level != "none" else []


def _called(context: PageContext, case: Mapping[str, Any]) -> list[Component]:
    """Whether those to whom it was escalated have read it; how long nobody has, alarm_bar.js goes on saying."""
    calls = [a for a in case.get("alarms") or () if a["kind"] == "escalated" and (a["open"] or a["acknowledged"])]
    return [html.P([maybe(context.say, "level", a["level"]), " · ", _read(context, a, case)], className="gc-case-call") for a in calls]


def _read(context: PageContext, alarm: Mapping[str, Any], case: Mapping[str, Any]) -> Component:
    read = alarm["acknowledged"]
    if read:
        at = moment(read["at"], context.zone)[-8:-3]
        return html.Span(["○ ", word(context.say, "alarm.read", who=read["by"], at=at)])
    minutes = max(0, (case.get("as_of", alarm["at"]) - alarm["at"]) // 60_000)
    return html.Span(context.say("alarm.unread", n=minutes), **attributes(data_unread=str(alarm["at"])))


def _actions(context: PageContext, case: Mapping[str, Any]) -> Component:
    """The buttons stay where they are; those that are off say why below them (act.js)."""
    off = html.Details([html.Summary(), html.Ul()], className="gc-barred", hidden=True)
    given = [*buttons(context.say, context.can), *undo.way_back(context, case)]
    return html.Div([html.Div(given, className="gc-case-actions"), off])


def _arbitration(context: PageContext, case: Mapping[str, Any]) -> list[Component]:
    return [word(context.say, "case.arbitration", html.P, "gc-arbitration", n=case.get("returns"))] if case.get("arbitration") else []


def _facts(context: PageContext, case: Mapping[str, Any]) -> Component:
    say, place = context.say, case.get("place") or {}
    grid = place.get("grid")
    rows: list[tuple[str, Any]] = [
        ("case.place", name.place(say, context.names, grid)),
        ("case.address", place.get("address")),
        ("case.owner", name.unit(say, context.names, case.get("owner"))),
        ("case.channel", maybe(say, "channel", case["channel"]) if case.get("channel") else None),
        ("case.reported", moment(case.get("reported"), context.zone)),
        ("case.source", f"{case.get('source', '')} · {case.get('subject', '')}"),
        ("case.flags", _flags(context, case.get("flags") or ())),
    ]
    cells = [html.Div([word(say, key, html.Dt), html.Dd(value)]) for key, value in rows if value]
    return html.Dl(cells, className="gc-facts")


def _flags(context: PageContext, flags: Any) -> Component | None:
    return html.Span([html.Span(["◐ ", maybe(context.say, "flag", f)], className="gc-flag") for f in flags]) if flags else None


def _clocks(context: PageContext, case: Mapping[str, Any]) -> Component:
    """The promises that run now; those that are over are one line until somebody asks."""
    clocks = [c for c in case.get("clocks") or () if c.get("state") != "none"]
    now = [c for c in clocks if c["clock"] == "total" or c.get("state") in RUNNING]
    past = [c for c in clocks if c not in now]
    rows = [_clock(context, c, case.get("amber")) for c in now]
    body = [*rows, *_past(context, past)] if clocks else [word(context.say, "case.clocks.none", html.P, "gc-quiet")]
    head = html.H3([word(context.say, "case.clocks"), html.Button(word(context.say, "case.print"), className="gc-copy gc-print")])
    return html.Section([head, *body, *_split(context, case)], className="gc-clocks")


def _split(context: PageContext, case: Mapping[str, Any]) -> list[Component]:
    """Whose time it was: the centre's own work, waiting for somebody, and work on the case."""
    if "queue_s" not in case:
        return []
    parts = {key: duration(context.say, case[f"{key}_s"]) for key in ("centre", "queue", "handling")}
    return [word(context.say, "clock.split", html.P, "gc-quiet", **parts)]


def _past(context: PageContext, clocks: list[Mapping[str, Any]]) -> list[Component]:
    if not clocks:
        return []
    missed = sum(c.get("state") == "missed" for c in clocks)
    head = html.Summary(word(context.say, "clock.past", n=len(clocks), missed=missed), className="gc-clock-line gc-clock-past")
    return [html.Details([head, *(_clock(context, c, None) for c in clocks)], className="gc-clock-row")]


def _clock(context: PageContext, clock: Mapping[str, Any], amber: int | None) -> Component:
    """One promise on one line, its state in words and what is left; opened, it explains itself."""
    say, kind = context.say, str(clock["clock"])
    head, _, rest = kind.partition(":")
    what = name.unit(say, context.names, rest) if head == "owner" else maybe(say, "stageclock", rest) if rest else None
    title: list[Component | str] = [word(say, f"clock.{head}"), *_dot(what)]
    running = clock.get("state") in RUNNING
    state = (
        light.remaining(_running(clock, amber))
        if running
        else html.Span(
            maybe(say, "clockstate", clock.get("state")), className="gc-clock-state", **attributes(data_state=clock.get("state"))
        )
    )
    spent: dict[str, Any] = {"wall": duration(say, clock.get("elapsed_wall_s")), "business": duration(say, clock.get("elapsed_business_s"))}
    rule = [*_dot(maybe(say, "mode", clock["mode"]) if clock.get("mode") else None), *_dot(_policy(context, clock.get("policy")))]
    ledger = [html.Li([word(say, "clock.spent", **spent), *rule]), *(_entry(context, e) for e in clock.get("ledger") or ())]
    line = html.Summary([html.Span(title), state], className="gc-clock-line")
    return html.Details([line, html.Ul(ledger, className="gc-ledger")], className="gc-clock-row")


def _running(clock: Mapping[str, Any], amber: int | None) -> dict[str, Any]:
    """`amber` of the case belongs to its total promise; the other clocks turn from green to red."""
    light_ = "paused" if clock.get("state") == "paused" else clock.get("light", "green")
    return {"due": clock.get("due"), "amber": amber if clock["clock"] == "total" else None, "light": light_}


def _policy(context: PageContext, policy: str | None) -> Component | None:
    """Which version of the rules pinned the promise; a promise of the source's own says so."""
    if not policy:
        return None
    return word(context.say, "clock.bysource") if policy == SOURCE else word(context.say, "clock.policy", version=policy)


def _entry(context: PageContext, entry: Mapping[str, Any]) -> Component:
    say, kind = context.say, entry.get("kind")
    when = [moment(entry[end], context.zone) for end in ("from", "to") if entry.get(end) is not None]
    parts = [" → ".join(when), *_dot(_why(context, entry) if kind not in SAID else None)]
    return html.Li([maybe(say, "ledger", kind), " ", html.B(duration(say, entry.get("seconds"))), html.Span(parts, className="gc-quiet")])


def _why(context: PageContext, entry: Mapping[str, Any]) -> Component | str | None:
    why, values = str(entry.get("why") or ""), entry.get("values") or {}
    if why == "approved":
        return html.Span([maybe(context.say, "mode", values.get("mode")), *_dot(_reason(context, values.get("reason")))])
    return maybe(context.say, "why", why)


def _timeline(context: PageContext, case: Mapping[str, Any]) -> Component:
    hops = [_hop(context, h) for h in reversed(case.get("timeline") or ())]
    body = html.Ol(hops, className="gc-timeline") if hops else word(context.say, "case.timeline.none", html.P, "gc-quiet")
    return html.Section([word(context.say, "case.timeline", html.H3), body])


def _hop(context: PageContext, hop: Mapping[str, Any]) -> Component:
    """Newest first; `+02:31` is the time since the event before it. What was undone is struck out, and stays."""
    say = context.say
    unit = name.unit(say, context.names, hop["unit"]) if hop.get("unit") else None
    undo = hop.get("undone") and hop.get("type") == "case.corrected"
    type_ = word(say, f"action.{UNDO}") if undo else maybe(say, "event", hop.get("type"))
    what: list[Component | str] = [html.B(type_), *_dot(unit), *_dot(hop.get("actor"))]
    said: Component = html.Span([*what, *_note(context, hop), *_more(context, hop)], className="gc-hop-what")
    if hop.get("undone") and not undo:
        said = html.Span([html.Del(said.children), " ", word(say, "hop.undone", className="gc-hop-undone")], className="gc-hop-what")
    since = hop.get("seconds_since_previous")
    return html.Li(
        [
            html.Span(moment(hop.get("at"), context.zone), className="gc-hop-at"),
            said,
            html.Span(f"+{duration(say, since)}" if since is not None else "", className="gc-hop-since"),
        ]
    )


def _note(context: PageContext, hop: Mapping[str, Any]) -> list[Component]:
    """What was written with an event: reasons of a list in words, anything else as it was written."""
    note, values = hop.get("note"), hop.get("values")
    if not note:
        return []
    said = word(context.say, f"reason.{note}", **values) if values else _reason(context, note)
    return [html.P(said, className="gc-hop-note")]


def _reason(context: PageContext, said: str | None) -> Component | str | None:
    """A reason of the dialog's list in words; another as somebody wrote it."""
    return word(context.say, f"reason.{said}") if said in _REASONS else said


def _more(context: PageContext, hop: Mapping[str, Any]) -> list[Component]:
    """The sentence beside a reason, and by when somebody must answer."""
    text: list[Component] = [html.P(hop["text"], className="gc-hop-text")] if hop.get("text") else []
    if not hop.get("reply_due"):
        return text
    return [*text, html.P([word(context.say, "field.reply_due"), " ", moment(hop["reply_due"], context.zone)], className="gc-hop-due")]


def _audit(context: PageContext, case: Mapping[str, Any]) -> Component:
    """Who asked for what here and what became of it, refusals included; newest first."""
    asked = [_asked(context, a) for a in reversed(case.get("audit") or ())]
    body = html.Ol(asked, className="gc-audit") if asked else word(context.say, "case.audit.none", html.P, "gc-quiet")
    return html.Section([word(context.say, "case.audit", html.H3), body])


def _asked(context: PageContext, command: Mapping[str, Any]) -> Component:
    say, accepted = context.say, command.get("status") == "accepted"
    outcome = word(say, "audit.accepted") if accepted else maybe(say, "refused", command.get("code"))
    who = [
        html.B(maybe(say, "action", command.get("verb"))),
        " · ",
        command.get("who") or "—",
        " · ",
        maybe(say, "role", command.get("role")),
    ]
    return html.Li(
        [
            html.Span(moment(command.get("at"), context.zone), className="gc-hop-at"),
            html.Span(who, className="gc-hop-what"),
            html.Span([GLYPHS[accepted], outcome], className="gc-audit-outcome", **attributes(data_accepted=str(int(accepted)))),
        ]
    )


def _dot(part: Component | str | None) -> list[Component | str]:
    """` · part`, or nothing."""
    return [" · ", part] if part else []
