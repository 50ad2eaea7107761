"""Invented place names with their pinyin: pairs of syllables, none of them a place or a person."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


def _table(hanzi: str, pinyin: str) -> dict[str, str]:
    return dict(zip(hanzi, pinyin.split(), strict=True))


_FIRST = _table(
    "云松梅竹兰桂枫柳荷菱青翠碧银锦玉珠星月霞晴雪春秋和安宁康瑞祥福嘉文学书墨白石清澄沐望朝晨景远",
    "yun song mei zhu lan gui feng liu he ling qing cui bi yin jin yu zhu xing yue xia qing xue chun qiu he an ning "
    "kang rui xiang fu jia wen xue shu mo bai shi qing cheng mu wang zhao chen jing yuan",
)
_SECOND = _table(
    "岭湖溪泉洲桥塘湾浦渡岗坊苑庭园林峰谷坡台亭阁里巷营集圩村庄田港城",
    "ling hu xi quan zhou qiao tang wan pu du gang fang yuan ting yuan lin feng gu po tai ting ge li xiang ying ji "
    "wei cun zhuang tian gang cheng",
)


class Name(NamedTuple):
    """`zh` 云岭, `en` Yunling, `initials` yl."""

    zh: str
    en: str
    initials: str


def names(rng: np.random.Generator, count: int) -> list[Name]:
    """`count` different names in a random order. ValueError when there are not that many."""
    first, second = list(_FIRST.items()), list(_SECOND.items())
    if count > len(first) * len(second):
        raise ValueError(f"only {len(first) * len(second)} names can be made, {count} were asked for")
    picks = rng.permutation(len(first) * len(second))[:count].tolist()
    return [_name(first[i // len(second)], second[i % len(second)]) for i in picks]


def _name(a: tuple[str, str], b: tuple[str, str]) -> Name:
    return Name(a[0] + b[0], (a[1] + b[1]).capitalize(), a[1][0] + b[1][0])
