"""Parameters are read as the type that documents them says, and what does not fit is refused by name."""

from __future__ import annotations

import pytest

from callbacks.api.cases import CasesAsked, CaseSought
from callbacks.parameter import LENGTHS, read
from callbacks.problem import Problem


def test_what_is_given_is_read_and_an_empty_parameter_is_none() -> None:
    given = {"stage": "open", "light": "red", "on_time": "false", "limit": "0", "order": "-due", "q": "null", "unit": "", "more": "x"}
    assert read(given, CasesAsked) == {"stage": "open", "light": "red", "on_time": False, "limit": 0, "order": "-due", "q": "null"}
    assert read({}, CasesAsked) == {}


@pytest.mark.parametrize("stage", ["open", "CLOSED", "closed"])
def test_a_stage_may_be_written_small(stage: str) -> None:
    assert read({"stage": stage}, CasesAsked) == {"stage": stage}


@pytest.mark.parametrize(
    "given",
    [{"stage": "Closed"}, {"light": "blue"}, {"on_time": "True"}, {"on_time": "1"}, {"order": "--due"}, {"limit": "2001"}, {"limit": "-1"},
     {"limit": "²"}, {"limit": "1e3"}, {"limit": "9" * 40}, {"tab": "all"}, *({name: "x" * (n + 1)} for name, n in LENGTHS.items())],
)  # fmt: skip
def test_what_does_not_fit_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Problem) as problem:
        read(given, CasesAsked)
    assert (problem.value.status, problem.value.title) == (400, "Bad parameter")


def test_what_is_required_must_be_given() -> None:
    assert read({"source": "", "subject": "1"}, CaseSought) == {"source": "", "subject": "1"}
    with pytest.raises(Problem, match="subject is missing"):
        read({"source": "/a"}, CaseSought)
