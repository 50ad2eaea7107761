"""Every reader, one a subject (port Reader). They share one pool of connections."""

from __future__ import annotations

from sqlalchemy import Engine

from data_access.board_reader import SqlBoardReader
from data_access.case_reader import SqlCaseReader
from data_access.place_reader import SqlPlaceReader
from data_access.rule_reader import SqlRuleReader
from data_access.video_reader import SqlVideoReader


class SqlReader:
    """`zone` is the city's, for the times that people read."""

    def __init__(self, engine: Engine, zone: str = "UTC") -> None:
        self.places, self.board, self.rules = SqlPlaceReader(engine), SqlBoardReader(engine), SqlRuleReader(engine, zone)
        self.cases, self.video = SqlCaseReader(engine, zone, self.rules), SqlVideoReader(engine, self.places)
