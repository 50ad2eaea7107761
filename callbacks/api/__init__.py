"""The HTTP API `/api/v1` and the health pages (CONTRACT.md), one file a subject. Errors are problem+json."""

from __future__ import annotations

import dash
from fastapi import FastAPI

from callbacks import problem
from callbacks.api import cases, commands, handovers, health, me, snapshot, undo, units
from callbacks.api.document import document
from callbacks.services import Services

SUBJECTS = (health, cases, commands, units, snapshot, me, undo, handovers)
OPERATIONS = tuple(operation for subject in SUBJECTS for operation in subject.OPERATIONS)


def register(app: dash.Dash, services: Services) -> None:
    server: FastAPI = app.server
    problem.register(server)
    described = document(OPERATIONS)
    server.openapi = lambda: described  # type: ignore[method-assign]  # its own would describe Dash's routes, and none of ours
    for subject in SUBJECTS:
        subject.register(server, services)
