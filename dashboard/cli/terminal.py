"""What a command says to the person at the terminal. Every command begins with it, so it imports nothing heavy."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dashboard.ports.away import MEND

if TYPE_CHECKING:
    from dashboard.places.finding import Finding

FINDINGS_SHOWN = 50
"""Lines of an import's findings; the page has the rest."""


def tell(message: str) -> None:
    print(f"gridcommand: {message}", file=sys.stderr, flush=True)


def fail(message: str, code: int = MEND) -> int:
    """The one line with which a command ends that did not do what it should, and its exit code (dashboard/ports/away.py)."""
    tell(message)
    return code


def list_findings(findings: Sequence[Finding]) -> None:
    from dashboard.places.finding import sentence

    for f in findings[:FINDINGS_SHOWN]:
        print(sentence(f), file=sys.stderr)


class ProgressBar:
    """A determinate progress bar on stderr: `progress(done)` with the same unit as `total`."""

    def __init__(self, total: int, title: str) -> None:
        from tqdm import tqdm

        form = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
        self._bar = tqdm(total=max(1, total), desc=title, bar_format=form, mininterval=0.5, dynamic_ncols=True)

    def __enter__(self) -> Callable[[int], None]:
        return lambda done: self._bar.update(max(0, min(done, self._bar.total) - self._bar.n)) and None

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._bar.update(self._bar.total - self._bar.n)
        self._bar.close()
