"""What the water company of the demo announced: texts to begin with, a freeze, tonight's outage.

All channels to people outside are off, as in every new installation: staff are told in the product,
and there is a poster and a public page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from huoshui.areas.announcements import contracts
from huoshui.areas.announcements import facade as announcements
from huoshui.areas.network import facade as network
from huoshui.kernel import clock

ESTATE = "XQ-02"
ESTATE_NAME = "明湖雅苑"
DESK = ("service_manager", "hotline_agent", "dispatcher", "grid_specialist")
KIND, WAY = contracts.Kind, contracts.Way
# Kind, name, title and text in Chinese, title and text in English.
TEXTS = (
    (KIND.PLANNED_OUTAGE, "计划停水通知", "{place}计划停水",
     "因供水设施维护，{place}将于{from}至{until}停水，约{hours}小时。请提前储水，恢复供水后先放水数分钟。"
     "不便之处，敬请谅解。客服热线96568。",
     "Planned interruption: {place}",
     "Water is off from {from} until {until}. Please store some water. Hotline 96568."),
    (KIND.BURST, "爆管抢修通知", "{place}管道抢修",
     "{place}因管道破损紧急抢修，自{from}起停水，预计{until}恢复。恢复情况请关注公告或拨打96568。",
     "Burst pipe: {place}", "Water is off from {from}, probably until {until}. Hotline 96568."),
    (KIND.FREEZE, "防冻提醒", "寒潮来临，请防冻保温",
     "{from}起气温骤降，请包好水表和明管、关严门窗；夜间可保留细流。冻住后请用温毛巾化冻，切勿用火烤。"
     "客服热线96568。",
     "Cold wave: protect your pipes",
     "Wrap meters and pipes, close windows, and never thaw them with fire. Hotline 96568."),
    (KIND.WATER_QUALITY, "水质提醒", "{place}水质提醒",
     "{place}自来水可能短时发黄，正在排放冲洗，预计{until}恢复。饮用前请先放水至清澈。客服热线96568。",
     "Water quality: {place}", "Let the water run until it is clear. Hotline 96568."),
    (KIND.TARIFF, "水价调整公告", "水价调整公告",
     "自{from}起执行新的居民阶梯水价，详情见公众号或营业厅公告。客服热线96568。", "", ""),
)  # fmt: skip


def set_up(people: Mapping[str, int]) -> None:
    """Keep the texts and announce, once."""
    if announcements.texts():
        return
    by_id = people["service_manager"]
    for kind, name, title_zh, text_zh, title_en, text_en in TEXTS:
        announcements.keep_text(
            kind=kind, name=name, title_zh=title_zh, text_zh=text_zh, title_en=title_en,
            text_en=text_en, by_id=by_id,
        )  # fmt: skip
    now = clock.now()
    with clock.frozen(_at(now, -6, 9)):
        _freeze(by_id, _at(now, -5, 18), _at(now, -3, 10))
    with clock.frozen(_at(now, -1, 10)):
        _outage(by_id, _at(now, 0, 22), _at(now, 1, 4))


def _at(now: datetime, days: int, hour: int) -> datetime:
    day = clock.local(now).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), tzinfo=clock.local_zone())


def _say(kind: contracts.Kind, **given: object) -> None:
    text = next(one for one in TEXTS if one[0] == kind)
    number = announcements.compose(
        kind=kind, title_zh=text[2], text_zh=text[3], title_en=text[4], text_en=text[5],
        ways=(WAY.IN_APP, WAY.POSTER), staff_posts=DESK, **given,  # type: ignore[arg-type]
    )  # fmt: skip
    announcements.submit(number, by_id=given["by_id"])  # type: ignore[arg-type]


def _freeze(by_id: int, from_at: datetime, until_at: datetime) -> None:
    _say(KIND.FREEZE, by_id=by_id, place="全市", from_at=from_at, until_at=until_at, everyone=True)


def _outage(by_id: int, from_at: datetime, until_at: datetime) -> None:
    bounds = network.zone_bounds(ESTATE)
    corners: tuple[tuple[float, float], ...] = ()
    if bounds:
        west, south, east, north = bounds
        corners = ((west, south), (east, south), (east, north), (west, north))
    _say(
        KIND.PLANNED_OUTAGE, by_id=by_id, place=f"{ESTATE_NAME}全部楼栋", from_at=from_at,
        until_at=until_at, polygon=corners, zones=(ESTATE,) if bounds else (),
    )  # fmt: skip
