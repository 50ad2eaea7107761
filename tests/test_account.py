"""Accounts from the command line, the demo's people, and who may read the data folder."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from app import Adapters, main
from dashboard.access.role import User
from dashboard.clock import DAY
from dashboard.ports.away import Away
from dashboard.settings import Settings
from dashboard.simulate import demo
from data_access import account
from data_access import table as t
from data_access.account import SqlAccounts
from data_access.database import connect, url_of
from data_access.folder import keep_to_owner
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from tests.made import UNITS


class Folder:
    """A data folder with the tests' units, and its command line."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings, self._capsys = Settings(data_dir=str(folder), demo=True), capsys
        Adapters(self.settings).prepare()
        self.db = connect(url_of("", folder))
        self.reader, self.registry, self.accounts = SqlReader(self.db), SqlRegistry(self.db), SqlAccounts(self.db)
        self.registry.replace_places(UNITS, [], [])

    def user(self, *line: str) -> tuple[int, str]:
        """(exit code, what was said)."""
        code = main(["user", *line, "--data", str(self.settings.folder)])
        said = self._capsys.readouterr()
        return code, (said.out + said.err).strip()


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    for name in ("GRIDCOMMAND_DATABASE_URL", "GRIDCOMMAND_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return Folder(tmp_path, capsys)


def test_a_token_changes_no_account(folder: Folder) -> None:
    _, first = folder.user("token", "lee", "--role", "wall", "--unit", "d1")
    assert folder.accounts.user_of_token(first) == User("lee", "lee", "wall", "d1")
    code, second = folder.user("token", "lee")
    assert code == 0 and folder.accounts.user_of_token(second) == folder.accounts.user_of_token(first) == User("lee", "lee", "wall", "d1")
    for more in (["--role", "commander"], ["--unit", "c"]):
        code, said = folder.user("token", "lee", *more)
        assert code == 2 and "user add lee" in said
    assert folder.accounts.user_of_token(first) == User("lee", "lee", "wall", "d1")
    assert folder.user("token", "lee", "--role", "wall", "--unit", "d1")[0] == 0


def test_a_token_enables_nobody_and_add_does_without_the_old_tokens(folder: Folder) -> None:
    _, token = folder.user("token", "lee", "--role", "dispatcher")
    session = folder.accounts.begin_session("lee", DAY)
    folder.user("disable", "lee")
    code, said = folder.user("token", "lee")
    assert code == 2 and "disabled" in said and folder.accounts.user_of_token(token) is None
    code, new = folder.user("add", "lee")
    assert code == 0 and folder.accounts.user_of_token(new) == User("lee", "lee", "dispatcher", "c")
    assert folder.accounts.user_of_token(token) is None and folder.accounts.user_of_session(session) is None
    folder.user("add", "lee", "--role", "supervisor")
    assert folder.accounts.user_of_token(new) == User("lee", "lee", "supervisor", "c"), "add changes who is there; tokens stay"


def test_the_demo_s_people_are_nobody_without_the_demo(folder: Folder) -> None:
    folder.accounts.add_account(User("chief-1", "chief-1", "duty_chief", "c"))  # an operator's, under one of the demo's names
    own = folder.accounts.add_account(User("chief-1", "chief-1", "duty_chief", "c"))
    demo.seed(folder.reader, folder.registry, folder.accounts, folder.settings.folder)
    people = {p["name"]: p["token"] for p in demo.people_of(folder.settings.folder)}
    assert len(people) == len(demo.PEOPLE) - 1 and folder.accounts.user_of_token(own), "the operator's is left as it is"
    session = folder.accounts.begin_session("dispatcher-1", DAY)
    assert demo.end(folder.accounts, folder.settings) == 0
    assert all(folder.accounts.user_of_token(x) for x in people.values()) and folder.accounts.user_of_session(session)
    demo.end(folder.accounts, Settings(data_dir=folder.settings.data_dir))
    assert not any(folder.accounts.user_of_token(x) for x in people.values()) and folder.accounts.user_of_session(session) is None
    assert not (folder.settings.folder / "demo-accounts.json").exists()
    assert folder.accounts.user_of_token(own) is not None
    demo.seed(folder.reader, folder.registry, folder.accounts, folder.settings.folder)
    assert all(folder.accounts.user_of_token(p["token"]) for p in demo.people_of(folder.settings.folder))


def test_sessions_end_by_name_age_and_number(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "SESSIONS", 3)
    accounts = SqlAccounts(database)
    token = accounts.add_account(User("a", "a", "wall", "c"))
    now = [1_700_000_000_000]
    monkeypatch.setattr(account, "wall_ms", lambda: now[0])
    made = []
    for _ in range(5):
        now[0] += 1000
        made.append(accounts.begin_session("a", DAY))
    assert [accounts.user_of_session(s) is not None for s in made] == [False, False, True, True, True]
    accounts.end_session(made[3])
    assert accounts.user_of_session(made[3]) is None and accounts.user_of_session(made[4]) is not None
    assert accounts.user_of_token(made[4]) is None and accounts.user_of_session(token) is None, "neither passes for the other"
    now[0] += DAY + 1
    accounts.begin_session("a", DAY)
    with database.connect() as c:
        assert c.execute(select(func.count()).select_from(t.token)).scalar() == 2
    assert accounts.user_of_token(token) is not None


def test_the_folder_and_what_is_in_it_are_the_owner_s(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    for name in (
        "gridcommand.sqlite",
        "gridcommand.sqlite-wal",
        "gridcommand.sqlite-shm",
        "board.npz",
        "secret",
        "demo-accounts.json",
        "simulate.json",
    ):
        (folder / name).touch()
        (folder / name).chmod(0o644)
    stranger = folder / "notes.txt"
    stranger.touch()
    stranger.chmod(0o644)
    keep_to_owner(folder)
    (folder / "new").touch()
    modes = {f.name: stat.S_IMODE(f.stat().st_mode) for f in folder.iterdir()}
    assert modes.pop("notes.txt") == 0o644, "only our own files are touched"
    assert set(modes.values()) == {0o600} and stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_signing_in_does_not_wait_for_who_writes_for_long(folder: Folder) -> None:
    """It waited for 30 s: six people who tried to sign in held every thread of a worker, and nobody else was known any more."""
    accounts = SqlAccounts(folder.db, account.WAIT_MS)
    assert accounts._write.get_execution_options()["wait_ms"] <= 3_000
    with folder.db.execution_options(write=True).begin(), pytest.raises(Away):
        accounts.begin_session("a", DAY)
