"""What the command line is given: every connection is made when a command asks for it (app.py)."""

from __future__ import annotations

from collections.abc import Callable
from socket import socket
from typing import Protocol

from dashboard.ports.account import Accounts
from dashboard.ports.away import Away, NotReady
from dashboard.ports.dead_letter import DeadLetters
from dashboard.ports.reader import Reader
from dashboard.ports.registry import Registry
from dashboard.ports.scenario import Scenarios
from dashboard.ports.stream import Inbox
from dashboard.process.backoff import Works
from dashboard.process.heartbeat import Heartbeat
from dashboard.process.supervise import Child
from dashboard.settings import Settings


class Adapters(Protocol):
    """The outside of one data folder. What cannot be had raises NotReady, or Away where it was there before."""

    @property
    def settings(self) -> Settings: ...
    def make_folder(self) -> None:
        """The data folder, which can be written to and belongs to its owner only."""

    def prepare(self, service: bool = False) -> None:
        """Data folder and newest schema. A service waits for a database that is not there yet, a command says so."""

    def need_redis(self, service: bool = False) -> None:
        """Redis answers. A service waits for it, a command says that it does not."""

    def accounts(self) -> Accounts: ...
    def dead_letters(self) -> DeadLetters: ...
    def reader(self) -> Reader: ...
    def registry(self) -> Registry: ...
    def inbox(self) -> Inbox:
        """Needs Redis."""

    def scenarios(self) -> Scenarios:
        """Needs Redis."""

    def engine(self, heartbeat: Heartbeat) -> Works:
        """The engine of partition 0."""

    def listen(self, seconds: float = 0.0) -> socket:
        """The web's port, bound. OSError when it is still in use after so many seconds."""

    def serve(self, bound: socket, beat: Callable[[], None]) -> None:
        """The web workers, until told to stop."""

    def valkey(self, env: dict[str, str]) -> Child:
        """The embedded server as a child of `up`."""

    def wait_for_valkey(self, child: Child) -> None: ...
    def of_away(self, away: Away) -> NotReady:
        """The one line for something that cannot be had."""

    def of_file(self, error: OSError) -> str | None:
        """The one line for a file system's no; None where it is no operator's to mend."""
