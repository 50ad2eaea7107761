"""The ground of the demo city: cells without gaps or overlaps, dense in the core and its subcentres, wide outside.

Relaxed Voronoi cells of random sites. The city is the `n` sites nearest to its middle, measured in an organic
outline; the sites beyond stay as a halo, so that the outer border is made of cell edges like any other.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CENTRE = (118.78, 32.04)
"""WGS-84 degrees of the middle of the city."""
KM_PER_DEGREE = 111.32
RADIUS_KM = 34.0
LATTICE = 6
"""Vertices lie on a lattice of 1e-6 degrees (0.1 m), so that neighbours share them exactly, in files too."""
_HALO = 1.15
_WIGGLE_FROM_KM = 0.06


class Cells(NamedTuple):
    """`n` cells; `polygons` (n,) of shapely, `sites` (n, 2) km from the centre, `pairs` (m, 2) numbers of neighbours."""

    polygons: NDArray[Any]
    sites: Floats
    pairs: Ints


def cells(rng: np.random.Generator, n: int) -> Cells:
    """`n` cells around CENTRE, 60-80 km across; neighbours share identical vertices. ValueError if they would not fit."""
    outline = _Outline(rng)
    sites = _relaxed(_sites(rng, n, outline), rounds=4)
    order = np.argsort(outline.level(sites), kind="stable")
    sites = sites[order]
    mesh = _Mesh(shapely.get_parts(_voronoi(sites)))
    polygons = _wiggled(rng, mesh)
    pairs = mesh.pairs()
    return Cells(polygons[:n], sites[:n], pairs[(pairs < n).all(axis=1)])


def to_degrees(km: Floats) -> Floats:
    """(n, 2) kilometres east and north of CENTRE to (n, 2) longitude and latitude on the lattice."""
    scale = np.array([KM_PER_DEGREE * np.cos(np.radians(CENTRE[1])), KM_PER_DEGREE])
    degrees: Floats = np.round(km / scale + np.array(CENTRE), LATTICE)
    return degrees


class _Outline:
    """A wavy circle; `level` is 1 on it, less inside, more outside."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.waves = np.arange(2, 8)
        self.height = rng.uniform(0.25, 0.45, 6) / self.waves / 2
        self.phase = rng.uniform(0, 2 * np.pi, 6)

    def radius(self, angle: Floats) -> Floats:
        wave = self.height * np.cos(np.multiply.outer(angle, self.waves) + self.phase)
        radius: Floats = RADIUS_KM * (1 + wave.sum(axis=-1))
        return radius

    def level(self, xy: Floats) -> Floats:
        level: Floats = np.hypot(xy[:, 0], xy[:, 1]) / self.radius(np.arctan2(xy[:, 1], xy[:, 0]))
        return level


def _sites(rng: np.random.Generator, n: int, outline: _Outline) -> Floats:
    """About a third of the sites in the core, a third in subcentres, the rest (and the halo) spread evenly."""
    core = rng.normal(0, 5.0, (int(n * 0.33), 2))
    angle = np.arange(7) * 2 * np.pi / 7 + rng.uniform(-0.3, 0.3, 7)
    middle = (outline.radius(angle) * rng.uniform(0.38, 0.72, 7))[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    which = rng.integers(0, 7, int(n * 0.30))
    towns = middle[which] + rng.normal(0, 1, (which.size, 2)) * rng.uniform(1.6, 3.2, 7)[which][:, None]
    spread = int((n - len(core) - len(towns)) * _HALO**2)
    angle = rng.uniform(0, 2 * np.pi, spread)
    distance = np.sqrt(rng.uniform(0, 1, spread)) * _HALO * outline.radius(angle)
    return np.vstack([core, towns, np.column_stack([distance * np.cos(angle), distance * np.sin(angle)])])


def _voronoi(sites: Floats) -> Any:
    return shapely.voronoi_polygons(shapely.MultiPoint(sites), ordered=True)


def _relaxed(sites: Floats, rounds: int) -> Floats:
    """Lloyd's rounds: a few even out slivers and keep the differences in density, many would flatten them."""
    for _ in range(rounds):
        sites = shapely.get_coordinates(shapely.centroid(shapely.get_parts(_voronoi(sites))))
    return sites


class _Mesh:
    """Vertices and undirected edges that the cells share, all on the lattice."""

    def __init__(self, polygons: NDArray[Any]) -> None:
        xy, self.owner = shapely.get_coordinates(polygons, return_index=True)
        closing = np.append(self.owner[1:] != self.owner[:-1], True)
        lattice = np.round(to_degrees(xy) * 10**LATTICE).astype(np.int64)[~closing]
        self.owner = self.owner[~closing]
        keys, vertex = np.unique(lattice[:, 0] << 32 | lattice[:, 1], return_inverse=True)
        self.points = np.column_stack([keys >> 32, keys & 0xFFFFFFFF]) / 10**LATTICE
        self._link(vertex)

    def _link(self, vertex: Ints) -> None:
        last = np.append(self.owner[1:] != self.owner[:-1], True)
        first = np.append(True, last[:-1])
        following = np.roll(vertex, -1)
        following[last] = vertex[first]
        keep = vertex != following  # edges shorter than the lattice fall together in both their cells
        self.owner, self.start, end = self.owner[keep], vertex[keep], following[keep]
        low, high = np.minimum(self.start, end), np.maximum(self.start, end)
        keys, self.edge = np.unique(low << 32 | high, return_inverse=True)
        self.ends = np.column_stack([keys >> 32, keys & 0xFFFFFFFF])
        self.forward = self.start == low

    def pairs(self) -> Ints:
        """(m, 2) cells on both sides of an edge; an edge of the envelope has one side only."""
        order = np.argsort(self.edge, kind="stable")
        same = self.edge[order][1:] == self.edge[order][:-1]
        return np.unique(np.sort(np.column_stack([self.owner[order][:-1][same], self.owner[order][1:][same]]), axis=1), axis=0)

    def polygons(self, bends: Floats, bent: NDArray[np.bool_]) -> NDArray[Any]:
        """Polygons whose edges run over `bends` (edges, 2, 2) degrees where `bent` (edges,) says so."""
        middle = bends[self.edge]
        middle[~self.forward] = middle[~self.forward, ::-1]
        xy = np.concatenate([self.points[self.start][:, None], middle], axis=1)
        keep = np.column_stack([np.ones_like(self.start, dtype=bool), bent[self.edge], bent[self.edge]]).ravel()
        owner = np.repeat(self.owner, 3)[keep]
        rings = shapely.linearrings(xy.reshape(-1, 2)[keep], indices=owner)
        polygons: NDArray[Any] = shapely.orient_polygons(shapely.polygons(rings))
        return polygons


def _wiggled(rng: np.random.Generator, mesh: _Mesh) -> NDArray[Any]:
    """Bends the edges a little, as roads and ditches are; straightens the edges of a cell that bending would fold."""
    a, b = mesh.points[mesh.ends[:, 0]], mesh.points[mesh.ends[:, 1]]
    along = b - a
    across = np.column_stack([-along[:, 1], along[:, 0]])
    at = np.array([0.33, 0.67]) + rng.uniform(-0.06, 0.06, (len(a), 2))
    off = rng.uniform(-0.07, 0.07, (len(a), 2))
    bends = np.round(a[:, None] + at[..., None] * along[:, None] + off[..., None] * across[:, None], LATTICE)
    bent = np.hypot(along[:, 0], along[:, 1]) * KM_PER_DEGREE > _WIGGLE_FROM_KM
    for _ in range(4):
        polygons = mesh.polygons(bends, bent)
        folded = ~shapely.is_valid(polygons)
        if not folded.any():
            return polygons
        bent[mesh.edge[folded[mesh.owner]]] = False
    raise ValueError("cells fold over each other even with straight edges; take another seed")
