"""Pinyin initials of a name, by which a unit is found from the keyboard: 新街口 is xjk."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin


def initials(name: str) -> str:
    """Lower case; what is not Chinese stays as it is, at most 64 characters in all."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:64]
