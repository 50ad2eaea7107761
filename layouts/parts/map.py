"""The shell of the map. What is on it is drawn by assets/map/map.js, which finds the shell by `data-gc-map`."""

from __future__ import annotations

from typing import Any, Literal

import dash_leaflet as dl
from dash import html
from dash.development.base_component import Component


def city_map(id: str, kind: Literal["desk", "wall"] = "desk", scope: str = "") -> Component:
    """A map that fills its parent; the map itself has the id `id`, its frame `id` + "-frame".

    `kind` "wall" draws type and marks larger and takes no pointer; `scope` is the unit whose outline is fitted at first
    ("" = the city). No tiles, no attribution, no request to any other host. The page must not make the frame (or
    anything above it) the output of a callback: the map would be built anew, and the view lost.
    """
    wall = kind == "wall"
    shell = dl.Map(
        id=id,
        center={"lat": 0, "lng": 0},
        zoom=3,
        minZoom=3,
        maxZoom=19,
        zoomSnap=0 if wall else 0.25,
        zoomDelta=0.5,
        wheelPxPerZoomLevel=120,
        inertia=True,
        preferCanvas=True,
        attributionControl=False,
        zoomControl=False,
        boxZoom=False,
        keyboard=not wall,
        dragging=True,
        trackViewport=False,
        style={"width": "100%", "height": "100%", "background": "var(--gc-bg, #0B1016)"},
    )
    frame: dict[str, Any] = {"data-gc-map": kind, "data-gc-scope": scope}
    return html.Div(shell, id=f"{id}-frame", className="gc-map", style={"position": "relative", "width": "100%", "height": "100%"}, **frame)
