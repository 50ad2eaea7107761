"""Grouping places into connected groups: grids into communities, communities into streets, streets into districts."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def grouped(rng: np.random.Generator, xy: Floats, pairs: Ints, k: int) -> Ints:
    """(n,) group numbers 0..k-1 of places at `xy` (n, 2), each group connected over `pairs` (m, 2) of neighbours.

    No group is empty. ValueError when some place cannot be reached from any other.
    """
    return _grown(xy, _neighbours(len(xy), pairs), _seeds(rng, xy, k))


def lifted(pairs: Ints, group: Ints) -> Ints:
    """(m, 2) neighbours among the groups, from the neighbours among their members."""
    above = np.sort(group[pairs], axis=1)
    return np.unique(above[above[:, 0] != above[:, 1]], axis=0)


def means(xy: Floats, group: Ints) -> Floats:
    """(k, 2) mean position of each group's members."""
    count = np.maximum(np.bincount(group), 1)
    return np.column_stack([np.bincount(group, xy[:, i]) / count for i in range(2)])


def _neighbours(n: int, pairs: Ints) -> list[list[int]]:
    out: list[list[int]] = [[] for _ in range(n)]
    for a, b in pairs.tolist():
        out[a].append(b)
        out[b].append(a)
    return out


def _squared(xy: Floats, centres: Floats) -> Floats:
    out: Floats = (xy**2).sum(axis=1)[:, None] - 2 * xy @ centres.T + (centres**2).sum(axis=1)
    return out


def _seeds(rng: np.random.Generator, xy: Floats, k: int) -> Ints:
    """`k` different places, spread by a few rounds of k-means."""
    seeds = rng.choice(len(xy), k, replace=False)
    for _ in range(2):
        label = _squared(xy, xy[seeds]).argmin(axis=1)
        middle = means(xy, label)[label]
        order = np.lexsort((((xy - middle) ** 2).sum(axis=1), label))
        _, first = np.unique(label[order], return_index=True)
        nearest = order[first]
        spare = np.setdiff1d(seeds, nearest)  # a seed that shares its place with another may lose all members
        seeds = np.concatenate([nearest, spare])[:k]
    return seeds


def _grown(xy: Floats, neighbours: list[list[int]], seeds: Ints) -> Ints:
    """Every group grows from its seed over neighbours, the place nearest to its seed first: so it stays connected."""
    group = [-1] * len(xy)
    x, y = xy[:, 0].tolist(), xy[:, 1].tolist()
    starts = seeds.tolist()
    heap = [(0.0, place, number) for number, place in enumerate(starts)]
    heapify(heap)
    while heap:
        _, place, number = heappop(heap)
        if group[place] >= 0:
            continue
        group[place] = number
        sx, sy = x[starts[number]], y[starts[number]]
        for other in neighbours[place]:
            if group[other] < 0:
                heappush(heap, ((x[other] - sx) ** 2 + (y[other] - sy) ** 2, other, number))
    if -1 in group:
        raise ValueError(f"{group.count(-1)} places are cut off from all seeds")
    return np.array(group, dtype=np.int64)
