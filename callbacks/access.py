"""Who asks, and whether the role may see single cases. A unit's jurisdiction is looked at where the unit or case is known."""

from __future__ import annotations

from callbacks.auth.session import current_user
from callbacks.problem import Problem
from dashboard.access.role import User, reads_cases


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
