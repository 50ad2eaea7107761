"""Which commands a case allows in its state (DOMAIN.md 5): the engine would refuse the others, so no button offers them."""

from __future__ import annotations

from dashboard.cases.acceptance import allows
from dashboard.cases.case import Case
from dashboard.cases.stage import Level, Severity, Stage
from dashboard.cases.verb import UNDO, VERBS


def possible(case: Case) -> list[str]:
    """Verbs whose effect the case allows now, whoever asks; what the engine would refuse for its state is not among them.

    `undo` is not among them either: whether it is possible says the case's history (dashboard/desk/view.py `undoable`).
    """
    stage, blocked = Stage(case.stage), _blocked(case)
    return [name for name, verb in VERBS.items() if name not in blocked and allows(case.workflow, stage, verb.effect(stage))]


def _blocked(case: Case) -> set[str]:
    blocked = {UNDO, "resume" if case.suspended is None else "suspend"}
    if case.stage != Stage.REPORTED:
        blocked.add("accept")
    if case.severity == Severity.danger:
        blocked.add("suspend")
    if case.level == Level.commander:
        blocked.add("escalate")
    if case.pending != "return" or case.arbitration:
        blocked |= {"return_approve", "return_refuse"}
    blocked.add("reassign" if case.arbitration else "designate")  # the same move under two rights
    if case.workflow == "grid" and not case.passed:
        blocked.add("close")
    if case.merged_into is None:
        blocked.add("unmerge")
    if case.merged_into or case.duplicates:
        blocked.add("merge")
    return blocked
