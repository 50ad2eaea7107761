"""Cases: a list of them by page, one of them whole, and who could take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypedDict

from fastapi import FastAPI, Request, Response
from msgspec import Meta

from callbacks.access import case_reader, case_seen_by
from callbacks.answer import answer
from callbacks.api.operation import OF_A_ROLE, Operation
from callbacks.parameter import CASE_LENGTH, one_of, read, short, text_of
from callbacks.problem import Problem
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.access.role import User
from dashboard.cases.alarm import reach_of
from dashboard.cases.envelope import case_id
from dashboard.cases.scalar import LightName, SeverityName
from dashboard.cases.stage import Stage
from dashboard.desk.candidate import Candidate, Rejected
from dashboard.desk.effect import Effect
from dashboard.desk.query import KEYS, MAX_LIMIT, QUEUES, CaseQuery, read_cursor
from dashboard.desk.shape import Arbitration, CaseDetail, CasePage, Report

LIMIT = 100
"""Cases of a page, where nothing else is asked for."""
ORDERS = tuple(KEYS)
STAGES = ("open", *Stage.__members__)


class CasesAsked(TypedDict, total=False):
    """All given conditions hold together."""

    unit: Annotated[str, text_of("unit", "Code of a unit in your jurisdiction: its subtree, by place or by owner. All of it by default.")]
    stage: Annotated[str, one_of(STAGES, "A stage, or `open`: neither closed nor void.", also=[s.lower() for s in STAGES])]
    light: LightName
    severity: SeverityName
    tab: Annotated[str, one_of(QUEUES, "A queue of the desk.")]
    on_time: Annotated[bool, Meta(description="Of closed cases with a limit: whether they kept it.")]
    owner: Annotated[str, text_of("owner", "Code of a unit.")]
    category: Annotated[str, text_of("category", "The beginning of a category's code.")]
    q: Annotated[str, text_of("q", "Text in id, title or address.")]
    order: Annotated[str, one_of(ORDERS, "A leading minus turns it round; `due` by default.")]
    cursor: Annotated[str, text_of("cursor", "The `next` of the page before, with the same parameters.")]
    limit: Annotated[int, Meta(ge=0, le=MAX_LIMIT, description=f"Cases of this page, {LIMIT} by default.")]


class CaseSought(TypedDict):
    """A case as its source names it."""

    source: Annotated[str, Meta(max_length=CASE_LENGTH, description="With its leading slash, as `/12345`.")]
    subject: Annotated[str, Meta(max_length=CASE_LENGTH, description="The case's id there.")]


class Candidates(TypedDict):
    """Who could take a case, best first, and what a move does to its clocks; empty where there is no such case in your jurisdiction."""

    items: list[Candidate]
    rejected: list[Rejected]
    effects: list[Effect]
    arbitration: Arbitration
    report: Report


CASES = Operation(
    id="list_cases", tag="cases", path="/api/v1/cases", summary="Cases of your jurisdiction, by page", query=CasesAsked,
    answers={200: CasePage}, problems=OF_A_ROLE,
)  # fmt: skip
LOOKUP = Operation(
    id="lookup_case", tag="cases", path="/api/v1/cases/lookup", summary="One case, by its source and its id there", query=CaseSought,
    answers={200: CaseDetail}, problems=(*OF_A_ROLE, 404),
)  # fmt: skip
CASE = Operation(
    id="get_case", tag="cases", path="/api/v1/cases/{case}", summary="One case: clocks with their ledgers, timeline, audit",
    answers={200: CaseDetail}, problems=(*OF_A_ROLE, 404), text="A case outside your jurisdiction looks like one that does not exist.",
)  # fmt: skip
CANDIDATES = Operation(
    id="list_candidates", tag="cases", path="/api/v1/cases/{case}/candidates", summary="Who could take a case, and who could not",
    answers={200: Candidates}, problems=OF_A_ROLE,
)  # fmt: skip
OPERATIONS = (CASES, LOOKUP, CASE, CANDIDATES)


def register(server: FastAPI, services: Services) -> None:
    async def cases(request: Request) -> Response:
        user = case_reader()
        query = query_of(request.query_params, user, services)
        return answer(await in_turn(user.id, services.reader.cases.page, query))

    async def lookup(request: Request) -> Response:
        user, asked = case_reader(), read(request.query_params, CaseSought)
        return answer(await one(services, user, case_id(asked["source"], asked["subject"])))

    async def case(case: str) -> Response:
        return answer(await one(services, case_reader(), case))

    async def candidates(case: str) -> Response:
        user = case_reader()
        found = await in_turn(user.id, services.candidates, short(case), user)
        return answer({"items": found["candidates"], **{name: found[name] for name in ("rejected", "effects", "arbitration", "report")}})

    CASES.add(server, cases)
    LOOKUP.add(server, lookup)
    CASE.add(server, case)
    CANDIDATES.add(server, candidates)


async def one(services: Services, user: User, case: str) -> CaseDetail:
    """One case; outside the jurisdiction it looks like one that does not exist. Raises Problem 400, 404."""
    found = await in_turn(user.id, case_seen_by, services, short(case), user)
    if found is None:
        raise Problem(404, "No such case", f"there is no case {case!r} in your jurisdiction")
    return found


def query_of(given: Mapping[str, str], user: User, services: Services) -> CaseQuery:
    """The parameters as a question inside the user's jurisdiction. Raises Problem 400, 403."""
    asked = read(given, CasesAsked)
    unit = asked.get("unit") or user.unit
    if not services.tree().within(unit, user.unit):
        raise Problem(403, "Forbidden", f"unit {unit!r} is not in your jurisdiction {user.unit!r}")
    order, cursor = asked.get("order", "due"), asked.get("cursor", "")
    try:
        read_cursor(order, cursor)
    except ValueError as e:
        raise Problem(400, "Bad parameter", str(e)) from None
    return CaseQuery(
        now=services.now(), unit=unit, user_id=user.id, stage=asked.get("stage"), light=asked.get("light"),
        severity=asked.get("severity"), tab=asked.get("tab"), on_time=asked.get("on_time"), owner=asked.get("owner"),
        category=asked.get("category"), q=asked.get("q"), order=order, cursor=cursor, limit=asked.get("limit", LIMIT),
        reach=reach_of(user.role),
    )  # fmt: skip
