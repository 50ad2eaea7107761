"""What stands around a case: the hands it went through, what units left as evidence, what may be the same thing, which cameras are near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.parts import name
from layouts.parts.context import PageContext
from layouts.parts.instant import duration, moment
from layouts.parts.word import attributes, maybe, word


def chain(context: PageContext, hops: Sequence[Mapping[str, Any]]) -> Component:
    """Who gave it to whom and how long each had it; the part that lay unsigned is drawn and said, for it is charged to the holder."""
    longest = max((hop["seconds"] for hop in hops), default=0) or 1
    drawn = [_hop(context, hop, longest, last=hop is hops[-1]) for hop in hops]
    body = html.Ol(drawn, className="gc-chain") if drawn else word(context.say, "chain.none", html.P, "gc-quiet")
    return html.Section([word(context.say, "chain.title", html.H3), body])


def _hop(context: PageContext, hop: Mapping[str, Any], longest: float, last: bool) -> Component:
    say, unsigned = context.say, float(hop.get("unsigned_seconds") or 0)
    who = name.unit(say, context.names, hop["to"]) if hop.get("to") else word(say, "chain.centre")
    times = [word(say, "chain.held", t=duration(say, hop["seconds"]))]
    if unsigned:
        times.append(word(say, "chain.unsigned", html.Span, "gc-chain-unsigned", t=duration(say, unsigned)))
    how = html.Span([maybe(say, "event", hop["type"]), " ", moment(hop["at"], context.zone)], className="gc-quiet")
    bar = [_part(unsigned / longest, "unsigned"), _part((hop["seconds"] - unsigned) / longest, "held")]
    parts = [html.Div([html.B(who), how]), html.Div(bar, className="gc-chain-bar"), html.Div(times, className="gc-chain-times")]
    return html.Li(parts, **attributes(data_last="1" if last else None))


def _part(share: float, kind: str) -> Component:
    return html.I(className=f"gc-chain-{kind}", style={"width": f"{100 * max(0.0, share):.1f}%"})


def evidence(context: PageContext, found: Sequence[Mapping[str, Any]]) -> list[Component]:
    """References as the unit left them: text, never a link that the browser would follow."""
    rows = [html.Li([html.Code(e["ref"]), html.Span(moment(e["at"], context.zone), className="gc-quiet")]) for e in found]
    return _section(context, "near.evidence", rows)


def duplicates(context: PageContext, case: Mapping[str, Any]) -> list[Component]:
    into = case.get("merged_into")
    merged = [_double(context, d, merge=False) for d in case.get("duplicates") or ()]
    possible = [_double(context, d, merge="merge" in context.can) for d in case.get("possible_duplicates") or ()]
    lines = [word(context.say, "near.into", html.P, "gc-flag", case=into)] if into else []
    return [*lines, *_section(context, "near.merged", merged), *_section(context, "near.duplicates", possible)]


def _double(context: PageContext, other: Mapping[str, Any], merge: bool) -> Component:
    say = context.say
    actions: list[Component] = [html.A(word(say, "near.open"), href=f"/case/{other['case']}", className="gc-button")]
    if merge:
        actions.append(html.Button(word(say, "near.merge"), className="gc-button", **attributes(data_merge=other["case"])))
    what = [html.B(other.get("title") or other["case"]), html.Span([other["case"], *_apart(context, other)], className="gc-quiet")]
    return html.Li([html.Div(what), html.Div(actions, className="gc-near-actions")], **attributes(data_duplicate=other["case"]))


def _apart(context: PageContext, other: Mapping[str, Any]) -> list[Component | str]:
    if "metres" not in other:
        return []
    minutes = int(other.get("minutes") or 0)
    when = context.say("near.later" if minutes >= 0 else "near.earlier", n=abs(minutes))
    return [" · ", word(context.say, "near.away", m=other["metres"], t=when)]


def video(context: PageContext, points: Sequence[Mapping[str, Any]]) -> list[Component]:
    """Infrastructure: where a point is and whether it works. No picture, ever (DOMAIN.md 8)."""
    rows = [
        html.Li(
            [
                html.Div([html.B(p.get("name") or p["id"]), word(context.say, "near.video.away", html.Span, "gc-quiet", m=p["metres"])]),
                html.Span(maybe(context.say, "videostate", p["status"]), **attributes(data_video=p["status"])),
            ]
        )
        for p in points
    ]
    return _section(context, "near.video", rows)


def _section(context: PageContext, key: str, rows: Sequence[Component]) -> list[Component]:
    """A heading and its lines; nothing at all when there is nothing to say."""
    return [html.Section([word(context.say, key, html.H3), html.Ul(rows, className="gc-near")])] if rows else []
