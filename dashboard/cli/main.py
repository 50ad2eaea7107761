"""From the arguments to an exit code. It imports nothing heavy: Ctrl-C is silent from the first moment on."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dashboard.cli.parser import IMPORTS, parser
from dashboard.cli.terminal import fail
from dashboard.ports.away import Away, NotReady
from dashboard.settings import BadSetting, Settings, load

if TYPE_CHECKING:
    from dashboard.cli.adapter import Adapters


def main(make: Callable[[Settings], Adapters], argv: Sequence[str] | None = None) -> int:
    """Runs one command; `make` gives it what is outside of the business."""
    with quiet_interrupt():
        args = parser().parse_args(argv)
        given: dict[str, Any] = {name: getattr(args, name, None) for name in ("data_dir", "clock", "port", "demo")}
        try:
            settings = load(**given)
        except BadSetting as e:
            return fail(str(e))
        return run(args, make(settings))


@contextmanager
def quiet_interrupt() -> Iterator[None]:
    """Ctrl-C ends the process at once and without a word, also where a KeyboardInterrupt would come out as another error (in a C library's
    import). What was not committed is rolled back by the database. Services replace this when their work begins."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def run(args: argparse.Namespace, adapters: Adapters) -> int:
    """The command's exit code; where what it needs cannot be had, one line says what to do."""
    module, _, function = (args.run or IMPORTS[args.what]).partition(".")
    command = getattr(importlib.import_module(f"dashboard.cli.{module}"), function)
    try:
        return int(command(args, adapters.settings, adapters))
    except NotReady as e:
        return fail(str(e), e.code)
    except Away as e:
        why = adapters.of_away(e)
        return fail(str(why), why.code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read this has gone; nothing is left to say
        return 1
    except OSError as e:
        line = adapters.of_file(e)
        if line is None:
            raise
        return fail(line)
