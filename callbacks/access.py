"""Who asks, and whether the role may see single cases. A unit's jurisdiction is looked at where the unit or case is known."""

from __future__ import annotations

from callbacks.auth.session import current_user
from callbacks.problem import Problem
from callbacks.services import Services
from dashboard.access.role import User, in_jurisdiction, reads_cases
from dashboard.desk.shape import CaseDetail
from dashboard.desk.shift import works


def caller() -> User:
    """Who asks. Raises Problem 401."""
    user = current_user()
    if user is None:
        raise Problem(401, "Who are you?", "send Authorization: Bearer TOKEN")
    return user


def case_reader() -> User:
    """Who asks, if the role sees single cases. Raises Problem 401, 403."""
    user = caller()
    if not reads_cases(user):
        raise Problem(403, "Forbidden", f"role {user.role} sees aggregates, not single cases")
    return user


def desk_user() -> User:
    """Who asks, if the role sits at a desk. Raises Problem 401, 403."""
    user = caller()
    if not works(user):
        raise Problem(403, "Forbidden", f"role {user.role} sits at no desk")
    return user


def case_seen_by(services: Services, case: str, user: User) -> CaseDetail | None:
    """One case; None when there is none or it lies outside the user's jurisdiction: the two must look the same. Reads SQL."""
    found = services.reader.cases.case(case, services.now(), user)
    inside = found is not None and in_jurisdiction(user, services.tree(), found["place"]["grid"], found["owner"])
    return found if inside else None
