"""What is wrong with places: in a file that was to be imported, or on the map as it is (DOMAIN.md 1)."""

from __future__ import annotations

import msgspec

REFUSED = (
    "bad_file", "bad_cell", "bad_code", "twice", "unknown_parent", "no_parent", "wrong_level", "empty", "not_closed", "crosses_itself",
    "bad_crs", "overlap", "gap", "outside_area", "too_early",
)  # fmt: skip
"""Kinds that stop an import, in the order of their explanation in docs/operations.md."""
TOLD = ("put_under_root",)
"""Kinds that an import says and goes on."""
QUALITY = (
    "outside_city", "outside_claimed_grid", "no_place", "unknown_grid", "crowded", "crowded_reported", "no_full_time", "gap", "overlap",
    "duplicate",
)  # fmt: skip
"""Kinds of the data-quality list (quality.py)."""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One fact that somebody has to look at. What a kind does not need is None or empty."""

    kind: str
    where: str = ""
    """Where in the file: `row 12, column parent` or `feature 3`."""
    code: str = ""
    """Unit, grid or case."""
    other: str = ""
    """The second one, where two are concerned."""
    value: float | None = None
    """Square metres, residents, or metres apart, after the kind."""
    detail: str = ""
    """What was found, as it came."""
    lon: float | None = None
    lat: float | None = None

    @property
    def stops(self) -> bool:
        return self.kind in REFUSED


def sentence(f: Finding) -> str:
    """One line for the command line: where, what, and what to do."""
    place = f" at {f.lat:.5f} N {f.lon:.5f} E" if f.lon is not None and f.lat is not None else ""
    head = f"{f.where}: " if f.where else ""
    return head + SENTENCES[f.kind].format(code=f.code, other=f.other, detail=f.detail, value=f.value or 0.0) + place


SENTENCES = {
    "bad_file": "the file {detail}",
    "bad_cell": "{detail}",
    "bad_code": "code {detail!r} is not 1-64 letters, digits or . : _ -; keep codes as text, so that no zero is lost",
    "twice": "code {code} is there twice",
    "unknown_parent": "{code} names parent {other!r}, which is neither in the file nor known; import it first, or use --under CODE",
    "no_parent": "{code} names no parent and its code does not begin with one that is known",
    "wrong_level": "{code} lies in a circle of parents",
    "empty": "{code} has no area; give it a polygon of at least three corners",
    "not_closed": "the border of {code} is not closed; repeat its first point at the end",
    "crosses_itself": "the border of {code} crosses itself ({detail}); mend it in the drawing",
    "bad_crs": "{detail}",
    "overlap": "{code} and {other} lie over each other by {value:,.0f} m²; draw their border once, or raise --tolerance",
    "gap": "{value:,.0f} m² between {code} and its neighbours belong to nobody; draw the border once, or raise --tolerance",
    "outside_area": "{code} does not lie in {other}; leave it out, or give the --area that holds the whole file",
    "too_early": "{code} has a version from {detail}, which is not before this one; choose a later --valid-from",
    "put_under_root": "{value:.0f} units name parents that the file does not have ({detail}); they are put under {other}",
}
"""English sentences of the kinds that an import can find; the screen has its own words."""
