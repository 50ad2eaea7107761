"""A stranger's client, generated from the running server's own document, does with typed objects what a client has to do."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.clock import wall_ms
from dashboard.simulate.envelope import digest, uuid7
from tests.callbacks.api.system import System, running_system

PACKAGE = "gridcommand_client"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("client"), valkey_url) as made:
        yield made


@pytest.fixture(scope="module")
def made(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The generated package: its `models`, and its calls by operation id. A warning of the generator is an error."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_bytes(system.ask("/openapi.json").content)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # it formats with ruff
    asked = [*command, "--path", str(folder / "openapi.json"), "--output-path", str(folder / PACKAGE)]
    told = subprocess.run(asked, env=env, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
    sys.path.insert(0, str(folder))
    try:
        names = [".".join(f.relative_to(folder).with_suffix("").parts) for f in (folder / PACKAGE / "api").glob("*/[!_]*.py")]
        calls = {name.rpartition(".")[2]: importlib.import_module(name) for name in names}
        yield SimpleNamespace(models=importlib.import_module(f"{PACKAGE}.models"), root=importlib.import_module(PACKAGE), **calls)
    finally:
        sys.path.remove(str(folder))


def client(made: SimpleNamespace, system: System, who: str = "first") -> Any:
    return made.root.AuthenticatedClient(base_url=system.url, token=system.tokens.get(who, "nobody's"))


def test_cases_by_page_and_filter(made: SimpleNamespace, system: System) -> None:
    own, models = client(made, system), made.models
    asked = {"stage": models.ListCasesStage.OPEN, "order": models.ListCasesOrder.VALUE_3, "limit": 4}
    page = made.list_cases.sync(client=own, **asked)
    assert isinstance(page, models.CasePage) and page.total == 10
    found = [item.case for item in page.items]
    while page.next_ is not None:
        page = made.list_cases.sync(client=own, cursor=page.next_, **asked)
        found += [item.case for item in page.items]
    assert sorted(found) == sorted(f"12345~C{n}" for n in (0, *range(3, 12)))
    none = made.list_cases.sync(client=own, unit="d2")
    assert isinstance(none, models.CasePage) and none.items == [] and none.total == 0
    hot = made.list_cases.sync(client=own, severity=models.Severity.DANGER, q="Pothole 5")
    assert [(item.case, item.stage, item.lon) for item in hot.items] == [("12345~C5", models.Stage.REPORTED, 118.8005)]


def test_one_case_with_all_that_is_known_of_it(made: SimpleNamespace, system: System) -> None:
    own = client(made, system)
    found = made.get_case.sync("12345~C0", client=own)
    assert isinstance(found, made.models.CaseDetail)
    assert [t.type_ for t in found.timeline][:2] == ["case.reported", "case.dispatched"]
    assert found.timeline[1].seconds_since_previous == 1200 and found.timeline[1].at.tzinfo is not None
    assert found.clocks[0].clock == "total" and {e.kind for e in found.clocks[0].ledger} >= {"limit", "extension", "sum"}
    assert [(o.unit, o.from_ < o.to) for o in found.owners[:1]] == [("u1", True)]
    assert found.place.address == "Road 0" and [v.name for v in found.video] == ["Corner"]
    assert found.possible_duplicates[0].case == "12345~C3"
    same = made.lookup_case.sync(client=own, source="/12345", subject="C0")
    assert same.case == found.case and same.version == found.version


def test_who_could_take_it(made: SimpleNamespace, system: System) -> None:
    found = made.list_candidates.sync("12345~C0", client=client(made, system))
    assert isinstance(found, made.models.Candidates)
    assert {c.unit for c in found.items} | {r.unit for r in found.rejected} == {"u1", "u2", "u3"}
    assert {e.clock for e in found.effects} >= {"total", "owner"}
    on_time = next(r for r in found.items[0].reasons if r.key == made.models.ReasonKey.ON_TIME)
    assert (on_time.value, on_time.n, on_time.d) == (None, 0, 0)


def test_units_and_the_board(made: SimpleNamespace, system: System) -> None:
    own = client(made, system, "wall")
    units = made.list_units.sync(client=own)
    assert [(u.code, u.parent) for u in units.items[:2]] == [("c", None), ("d1", "c")]
    board = made.get_snapshot.sync(client=own, scope="d1")
    assert isinstance(board, made.models.Snapshot)
    assert board.scope == "d1" and board.counts.open_ == 10 == len(board.cases.case) and board.to > 0


def test_health(made: SimpleNamespace, system: System) -> None:
    nobody = made.root.Client(base_url=system.url)
    assert made.healthz.sync(client=nobody).ok
    ready = made.readyz.sync(client=nobody)
    assert ready.ready and ready.open_ == 10 and ready.partitions[0].pos == ready.pos
    assert "gridcommand_open_cases 10\n" in made.metrics.sync(client=client(made, system))


def command(made: SimpleNamespace, verb: str, case: str, version: int, **data: Any) -> Any:
    models, name = made.models, verb.title()
    type_ = getattr(models, f"{name}CommandType")(f"command.{verb}")
    made_id = uuid7(wall_ms(), digest(verb, case, version))
    content = getattr(models, f"{name}Data")(**data)
    return getattr(models, f"{name}Command")(type_=type_, id=made_id, case=case, expected_version=version, data=content)


def test_a_command_that_is_accepted_and_one_that_is_refused(made: SimpleNamespace, system: System) -> None:
    models, level = made.models, made.models.EscalateDataLevel.DUTY_CHIEF
    good = command(made, "escalate", "12345~C3", 1, level=level, reason="too slow")  # due tomorrow: no timer changes it meanwhile
    bad = command(made, "urge", "12345~C7", 7, reason="too slow")
    answer = made.send_commands.sync_detailed(client=client(made, system), body=models.CommandBatch(commands=[good, bad]))
    assert answer.status_code == 207
    accepted, refused = answer.parsed.results
    assert (accepted.id, accepted.status, accepted.code) == (good.id, models.CommandResultStatus.ACCEPTED, None)
    assert made.get_case.sync("12345~C3", client=client(made, system)).level == models.Level.DUTY_CHIEF
    assert (refused.id, refused.code, refused.pos) == (bad.id, models.CommandResultCodeType0.CONFLICT, None)
    assert isinstance(refused.current, models.Current) and refused.current.version == 1
    again = made.send_commands.sync_detailed(client=client(made, system), body=models.CommandBatch(commands=[good]))
    assert again.status_code == 200 and again.parsed.results[0].pos == accepted.pos


def test_problems_are_objects_too(made: SimpleNamespace, system: System) -> None:
    found = {
        401: made.list_cases.sync(client=client(made, system, "stranger")),
        403: made.get_case.sync("12345~C0", client=client(made, system, "wall")),
        404: made.get_case.sync("12345~none", client=client(made, system)),
        400: made.list_cases.sync(client=client(made, system), limit=5000),
    }
    assert all(isinstance(problem, made.models.ProblemDocument) for problem in found.values())
    assert all(problem.status == status and problem.title and problem.detail for status, problem in found.items())
