"""The words of the screen: one JSON file a language, the same keys in each; zh is the first language and the fallback."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

FALLBACK = "zh"
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Words:
    """Tables of words by language, as `load` read them."""

    tables: dict[str, dict[str, str]]

    def __call__(self, lang: str, key: str, **values: object) -> str:
        """The words for `key`, `{name}` filled from values. KeyError if even zh lacks the key: a mistake in the code."""
        text = self.tables.get(lang, {}).get(key)
        if text is None:
            text = self.tables[FALLBACK][key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        """Whether the first language knows `key`; for codes that come with the data (an event type, a flag)."""
        return key in self.tables[FALLBACK]

    def speaker(self, lang: str | None) -> Say:
        """These words in one language; an unknown language speaks zh."""
        return Say(self, lang if lang in self.tables and lang else FALLBACK)


@dataclass(frozen=True)
class Say:
    """Words bound to the language of one visitor."""

    words: Words
    lang: str

    def __call__(self, key: str, **values: object) -> str:
        return self.words(self.lang, key, **values)


def load(folder: Path) -> Words:
    """Reads `zh.json`, `en.json` (flat objects, key -> text) from `folder`. OSError or msgspec.DecodeError if unreadable."""
    read = {lang: (folder / f"{lang}.json").read_bytes() for lang in LANGUAGES}
    return Words({lang: msgspec.json.decode(raw, type=dict[str, str]) for lang, raw in read.items()})
