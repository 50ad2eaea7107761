"""The note of one shift to the next: what is open, what nobody has read, what is about to break, what must not be lost, and two signatures.
One sheet, drawn from what was stored, so that a signed one looks the same for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.clock import HOUR
from dashboard.desk.shift import SHOWN, SOON, Handover, Note, NoteAlarm, NoteCase, NoteCases, Signature, Told
from layouts.parts import light, name
from layouts.parts.context import PageContext
from layouts.parts.instant import duration, full, moment
from layouts.parts.word import attributes, maybe, titled, word


def sheet(context: PageContext, note: Note, signed: Handover | None, takes: bool) -> Component:
    """`signed`: None while the shift lasts; `takes`: the visitor may take it over."""
    return html.Article(
        [
            _head(context, note, signed),
            _signatures(context, note, signed, takes),
            _text(context, signed),
            *_alarms(context, note),
            *_list(context, note["mine"], note["as_of"], "mine"),
            *_list(context, note["promises"], note["as_of"], "promises", hours=SOON // HOUR),
            *_list(context, note["pinned"], note["as_of"], "pinned"),
            *_changed(context, note),
            _printed(context, signed),
        ],
        className="gc-sheet",
        **attributes(data_handover=signed["handover"] if signed else None),
    )


def _head(context: PageContext, note: Note, signed: Handover | None) -> Component:
    until = signed["left"]["at"] if signed else note["as_of"]
    span = {"since": full(note["since"], context.zone), "now": full(until, context.zone)}
    lasted = duration(context.say, (until - note["since"]) / 1000)
    copy = html.Button(word(context.say, "case.print"), className="gc-button gc-print")
    unit = name.unit(context.say, context.names, note["unit"])
    title = [word(context.say, "handover.title", html.H1), unit, html.Span(className="gc-gap"), copy]
    return html.Header([html.Div(title), word(context.say, "handover.span", html.P, "gc-quiet", lasted=lasted, **span)])


def _signatures(context: PageContext, note: Note, signed: Handover | None, takes: bool) -> Component:
    if signed is None:
        left = _sign(context, "handover.left.how", "sign", "handover.sign")
        came: Component = word(context.say, "handover.came.later", html.P, "gc-quiet")
    else:
        left = _signature(context, signed["left"])
        came = _came(context, signed, takes)
    boxes = [html.Div([word(context.say, f"handover.{key}", html.H2), body]) for key, body in (("left", left), ("came", came))]
    return html.Div(boxes, className="gc-signatures")


def _came(context: PageContext, signed: Handover, takes: bool) -> Component:
    if signed["came"]:
        return _signature(context, signed["came"])
    if takes:
        return _sign(context, "handover.came.how", "take", "handover.take")
    return word(context.say, "handover.came.open", html.P, "gc-handover-wait")


def _signature(context: PageContext, signature: Signature) -> Component:
    who = [html.B(signature["name"]), maybe(context.say, "role", signature["role"]), html.Time(full(signature["at"], context.zone))]
    return html.P(who, className="gc-signature")


def _sign(context: PageContext, how: str, action: str, label: str) -> Component:
    """Two presses: a signature cannot be taken back."""
    button = html.Button(word(context.say, label), className="gc-button gc-primary", **attributes(data_shift=action))
    return html.Div([button, word(context.say, how, html.P, "gc-quiet")])


def _text(context: PageContext, signed: Handover | None) -> Component:
    head = word(context.say, "handover.text", html.H2)
    if signed is not None:
        text = signed["text"]
        none = word(context.say, "handover.text.none", html.P, "gc-quiet")
        return html.Section([head, html.P(text, className="gc-handover-text") if text else none])
    field = html.Textarea(className="gc-input gc-textarea gc-handover-write", rows=5, **titled(context.say, "handover.text"))
    return html.Section([head, field, html.P(className="gc-field-wrong")])


def _alarms(context: PageContext, note: Note) -> list[Component]:
    alarms = note["alarms"]
    kinds = [_raised(context, a) for a in alarms["items"]]
    rows = [_case(context, a, kind) for a, kind in zip(alarms["items"], kinds, strict=True)]
    return _section(context, "alarms", alarms["total"], rows)


def _raised(context: PageContext, alarm: NoteAlarm) -> list[Component | str]:
    return [word(context.say, f"alarm.kind.{alarm['kind']}"), html.Br(), moment(alarm["at"], context.zone)]


def _list(context: PageContext, cases: NoteCases, as_of: int, key: str, **values: Any) -> list[Component]:
    rows = [_case(context, case, _due(context, case["due"], as_of)) for case in cases["items"]]
    return _section(context, key, cases["total"], rows, **values)


def _section(context: PageContext, key: str, total: int, rows: Sequence[Component], **values: Any) -> list[Component]:
    head = word(context.say, f"handover.{key}", html.H2, n=f"{total:,}", **values)
    if not rows:
        return [head, word(context.say, f"handover.{key}.none", html.P, "gc-quiet")]
    more = [word(context.say, "handover.more", html.P, "gc-quiet", shown=SHOWN, n=f"{total:,}")] if total > len(rows) else []
    return [head, html.Table(html.Tbody(list(rows))), *more]


def _due(context: PageContext, due: int | None, as_of: int) -> list[Component | str]:
    """How much was left when the note was made: a sheet of paper does not count down."""
    if due is None:
        return ["—"]
    left = duration(context.say, abs(due - as_of) / 1000)
    return [word(context.say, "time.left" if due > as_of else "time.over", t=left), html.Br(), moment(due, context.zone)]


def _case(context: PageContext, case: NoteCase, first: Sequence[Component | str]) -> Component:
    say, names = context.say, context.names
    owner = [name.unit(say, names, case["owner"]), html.Br(), maybe(say, "stage", case["stage"])]
    cells = [
        html.Td(light.severity(say, case["severity"])),
        html.Td(list(first)),
        html.Td([html.A(case["case"], href=f"/case/{case['case']}"), html.Br(), html.Span(case["title"])]),
        html.Td([name.category(say, names, case["category"]), html.Br(), name.place(say, names, case["grid"])]),
        html.Td(owner),
    ]
    return html.Tr(cells)


def _changed(context: PageContext, note: Note) -> list[Component]:
    told: Mapping[str, Told] = {"escalations": note["escalations"], "breaches": note["breaches"], "returns": note["returns"]}
    events = sorted(note["events"].items(), key=lambda e: -e[1])
    counts = [html.Span([maybe(context.say, "event", type_), f" {n:,}"]) for type_, n in events]
    lines = [_told(context, kind, one) for kind, one in told.items()]
    return [word(context.say, "handover.changed", html.H2), *lines, html.P(counts, className="gc-handover-counts")]


def _told(context: PageContext, kind: str, told: Told) -> Component:
    """How many, and the newest of them by their ids."""
    links: list[Component | str] = []
    for case in told["cases"]:
        links += [html.A(case, href=f"/case/{case}"), " "]
    return html.P([word(context.say, f"handover.{kind}", html.B, n=f"{told['count']:,}"), " ", *links])


def _printed(context: PageContext, signed: Handover | None) -> Component:
    """Only on paper: when it was printed, and what it is a print of."""
    number = word(context.say, "handover.number", id=signed["handover"]) if signed else word(context.say, "handover.unsigned")
    return html.Footer([number, html.Span([word(context.say, "handover.printed"), " ", html.Time(className="gc-printed")])])
