"""The course of one simulated case: its events from report to closing, allowed by the workflow `grid` (DOMAIN.md 2)."""

from __future__ import annotations

from typing import Any

from dashboard.simulate.envelope import RANDOM_DIGITS, event, rfc3339, uuid7
from dashboard.simulate.report import CHANNELS, GAPS, VOIDED, Reports
from dashboard.simulate.scene import ITEMS, Scene

_FOUND = ["网格员巡查发现", "市民来电反映", "市民随手拍上报", "视频巡查发现"]
_WHERE = ["附近", "门前", "路口", "南侧", "北侧", "小区入口", "公交站旁", "巷内"]
_RESULT = {
    "01": "隐患已排除", "02": "已修复", "03": "已清理整改", "04": "已排水疏通", "05": "已恢复秩序",
    "06": "已养护", "07": "已调解", "08": "已办理答复", "09": "已责令整改",
}  # fmt: skip
_VOID = ["重复上报", "不属于受理范围", "现场未发现问题", "信息不全无法核实"]
_HOUR = 3_600_000
_RETURNED, _REWORKED, _FILED = VOIDED + 0.03, 0.04, 0.5


class _Case:
    """Collects (time, type, data); `unit` is who has the case."""

    def __init__(self, scene: Scene, reports: Reports, i: int) -> None:
        self.scene = scene
        self.grid = scene.grids[int(reports.grid[i])].code
        self.item = ITEMS[int(reports.item[i])]
        self.channel = int(reports.channel[i])
        self.total = int(reports.total[i])
        self.gap = dict(zip(GAPS, reports.gaps[i].tolist(), strict=True))
        self.chance: list[float] = reports.chance[i].tolist()
        self.place: list[float] = reports.place[i].tolist()
        self.crs = "gcj02" if reports.shifted[i] else "wgs84"
        self.start = self.time = int(reports.time[i])
        self.steps: list[tuple[int, str, dict[str, Any]]] = []
        self.unit = ""

    def go(self, gap: int, type_: str, data: dict[str, Any]) -> None:
        """`gap` ms after the step before."""
        self.time += gap
        self.steps.append((self.time, type_, data))

    def aside(self, time: int, type_: str, data: dict[str, Any]) -> None:
        """At `time`, without moving the case on."""
        self.steps.append((time, type_, data))

    def dispatch(self, gap: int, unit: str) -> None:
        self.unit = unit
        self.go(gap, "case.dispatched", {"to": unit, "by": self.seat(1)})

    def sign(self, gap: int) -> None:
        self.go(gap, "case.signed", {"unit": self.unit})

    def seat(self, which: int) -> str:
        """A seat or post, never a person."""
        return f"seat-{int(self.chance[which] * 24) + 1:02d}"


def course(scene: Scene, reports: Reports, i: int) -> list[tuple[int, bytes]]:
    """All events of report number `i` of the day as (time ms, bytes), in time order."""
    case = _Case(scene, reports, i)
    case.go(0, "case.reported", _report(case))
    if case.chance[0] < VOIDED:
        _void(case)
    else:
        _intake(case)
        _hand_down(case)
        _finish(case)
    return _encoded(case, _subject(reports, i), reports.random[i].tobytes().hex())


def _subject(reports: Reports, i: int) -> str:
    """The seed is part of it: the same date of another seed has other cases."""
    return f"GC{rfc3339(int(reports.time[i]))[:10].replace('-', '')}-{reports.seed % 100:02d}{i + 1:05d}"


def _encoded(case: _Case, subject: str, digits: str) -> list[tuple[int, bytes]]:
    source = CHANNELS[case.channel][1]
    case.steps.sort(key=lambda step: step[0])
    return [
        (time, event(uuid7(time, digits[k * RANDOM_DIGITS :]), source, type_, subject, rfc3339(time), data))
        for k, (time, type_, data) in enumerate(case.steps)
    ]


def _report(case: _Case) -> dict[str, Any]:
    names, number = case.scene.name, int(case.chance[2] * 300) + 1
    road = case.scene.road(case.grid, int(case.chance[3] * 1000))
    spot = f"{road}{number}号{_WHERE[number % len(_WHERE)]}"
    district, street = names[case.grid[:6].ljust(12, "0")], names[case.grid[:9].ljust(12, "0")]
    severity = "urgent" if case.item.severity == "normal" and case.chance[4] < 0.03 else case.item.severity
    place = {"lon": case.place[0], "lat": case.place[1], "crs": case.crs, "grid": case.grid, "address": f"{district}{street}{spot}"}
    return {
        "category": case.item.code,
        "channel": CHANNELS[case.channel][0],
        "severity": severity,
        "place": place,
        "title": f"{spot}{case.item.zh}",
        "text": f"{_FOUND[case.channel]}：{spot}存在{case.item.zh}问题，请及时处理。",
        "workflow": "grid",
    }


def _void(case: _Case) -> None:
    if case.chance[1] < 0.5:
        case.go(case.gap["accept"], "case.accepted", {"by": case.seat(1)})
    reason = _VOID[int(case.chance[2] * len(_VOID))]
    case.go(case.gap["file"] + case.gap["dispatch"], "case.voided", {"reason": reason, "by": case.seat(1)})


def _intake(case: _Case) -> None:
    case.go(case.gap["accept"], "case.accepted", {"by": case.seat(1)})
    if case.chance[5] < _FILED:
        case.go(case.gap["file"], "case.filed", {"by": "duty-chief"})


def _hand_down(case: _Case) -> None:
    """To the sub-centre, which handles small things itself or hands them to a department; or to a department at once."""
    centre, department = case.scene.subcentre(case.grid), case.scene.department(case.grid, case.item.code)
    first, other = (centre, department) if case.chance[6] < 0.8 else (department, centre)
    case.dispatch(case.gap["dispatch"], first)
    if case.chance[0] < _RETURNED:
        _return(case, other)
    case.sign(case.gap["sign"])
    if 0.25 < case.chance[6] < 0.8 and case.unit == centre:
        case.dispatch(case.gap["down"], department)
        case.sign(case.gap["sign_again"])


def _return(case: _Case, other: str) -> None:
    reason = "不属于本单位职责范围"
    case.go(case.gap["ask_return"], "case.return_requested", {"reason": reason, "unit": case.unit})
    case.go(case.gap["approve_return"], "case.return_approved", {"reason": reason, "unit": case.unit, "by": case.seat(1)})
    case.dispatch(case.gap["dispatch"], other)


def _finish(case: _Case) -> None:
    """Shares what is left of the total among handling, check and closing; a failed check takes a second round."""
    left = case.start + case.total - case.time
    tail = 0.06 + 0.14 * case.chance[7]
    _asides(case, left)
    if case.chance[4] > 1 - _REWORKED:
        _round(case, int(left * 0.45), int(left * 0.08), passed=False)
        case.sign(int(left * 0.03))
        left = int(left * 0.44)
    _round(case, int(left * (1 - tail)), int(left * tail * 0.8), passed=True)
    case.go(case.start + case.total - case.time, "case.closed", _closing(case))


def _round(case: _Case, handle: int, check: int, *, passed: bool) -> None:
    """Handling for `handle` ms, then a check of `check` ms by somebody else than the handler."""
    handled = {"unit": case.unit, "result": _RESULT[case.item.code[:2]], "evidence": [f"photo-{case.time:x}"]}
    case.go(handle, "case.handled", handled)
    case.go(max(check // 10, 1), "case.check_requested", {"by": case.seat(1)})
    checked: dict[str, Any] = {"passed": passed, "by": "checker-" + case.grid[:9]}
    if not passed:
        checked["note"] = "现场仍有遗留问题"
    case.go(max(check - check // 10, 1), "case.checked", checked)


def _asides(case: _Case, left: int) -> None:
    """Urges, supervision and extensions while the unit handles the case; long cases only."""
    if case.total > 4 * _HOUR and case.chance[2] < 0.03:
        case.aside(case.time + int(left * 0.3), "case.urged", {"to": case.unit, "reason": "临近时限", "by": case.seat(3)})
    if case.total > 12 * _HOUR and case.chance[3] < 0.006:
        reply = rfc3339(case.time + int(left * 0.35) + 4 * _HOUR)
        data = {"to": case.unit, "reason": "群众再次反映", "by": "supervisor", "reply_due": reply}
        case.aside(case.time + int(left * 0.35), "case.supervised", data)
    if case.total > 12 * _HOUR and case.chance[1] > 0.985:
        more: dict[str, Any] = {"hours": 24, "mode": "24x7", "reason": "需协调施工", "by": case.seat(2)}
        case.aside(case.time + int(left * 0.4), "case.extended", more)


def _closing(case: _Case) -> dict[str, Any]:
    """Callers and citizens are asked afterwards; most answer."""
    data: dict[str, Any] = {"disposition": "已办结", "by": case.seat(2)}
    if case.channel in (1, 2) and case.chance[7] < 0.8:
        data["satisfaction"] = "satisfied" if case.chance[3] < 0.94 else "unsatisfied"
    return data
