"""Invented place names with their pinyin: pairs of syllables, none of them a place or a person."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_FIRST = dict(
    云="yun", 松="song", 梅="mei", 竹="zhu", 兰="lan", 桂="gui", 枫="feng", 柳="liu", 荷="he", 菱="ling", 青="qing", 翠="cui",
    碧="bi", 银="yin", 锦="jin", 玉="yu", 珠="zhu", 星="xing", 月="yue", 霞="xia", 晴="qing", 雪="xue", 春="chun", 秋="qiu",
    和="he", 安="an", 宁="ning", 康="kang", 瑞="rui", 祥="xiang", 福="fu", 嘉="jia", 文="wen", 学="xue", 书="shu", 墨="mo",
    白="bai", 石="shi", 清="qing", 澄="cheng", 沐="mu", 望="wang", 朝="zhao", 晨="chen", 景="jing", 远="yuan",
)  # fmt: skip
_SECOND = dict(
    岭="ling", 湖="hu", 溪="xi", 泉="quan", 洲="zhou", 桥="qiao", 塘="tang", 湾="wan", 浦="pu", 渡="du", 岗="gang", 坊="fang",
    苑="yuan", 庭="ting", 园="yuan", 林="lin", 峰="feng", 谷="gu", 坡="po", 台="tai", 亭="ting", 阁="ge", 里="li", 巷="xiang",
    营="ying", 集="ji", 圩="wei", 村="cun", 庄="zhuang", 田="tian", 港="gang", 城="cheng",
)  # fmt: skip


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
