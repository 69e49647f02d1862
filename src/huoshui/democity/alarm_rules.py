"""The alarm rules of the demo city: two at work, two drafts to try on the past."""

from __future__ import annotations

from typing import Any

from huoshui.areas.telemetry import facade as telemetry

RULES: tuple[dict[str, Any], ...] = (
    {
        "code": "low_pressure",
        "name_en": "Low pressure",
        "name_zh": "压力偏低",
        "kind": "limit_low",
        "state": "live",
        "point_kind": "pressure",
        "dead_band": 0.3,
        "on_delay_s": 900,
        "off_delay_s": 900,
        "priority": "high",
        "repeat_every_s": 900,
        "escalate_after_s": 3600,
        "escalate_to": "manager",
        "may_set_min": 10.0,
        "may_set_max": 40.0,
        "advice_en": "Look at the inflow of the zone. If it has risen, send the patrol.",
        "advice_zh": "查看同区进口流量；流量上升时，派巡线班现场查看。",
    },
    {
        "code": "silent_flow",
        "name_en": "Flow meter is silent",
        "name_zh": "流量计数据中断",
        "kind": "no_data",
        "state": "live",
        "point_kind": "flow",
        "threshold": 3600.0,
        "priority": "medium",
        "must_acknowledge": False,
        "has_sound": False,
        "advice_en": "See whether the data source is connected; if so, look at the meter.",
        "advice_zh": "先看数据来源是否在线；在线则检查表计。",
    },
    {
        "code": "tank_falls_fast",
        "name_en": "Tank falls fast",
        "name_zh": "水池水位下降过快",
        "kind": "rate",
        "state": "draft",
        "point_kind": "level",
        "threshold": 0.5,
        "window_s": 1800,
        "priority": "high",
        "may_set_min": 0.2,
        "may_set_max": 1.0,
    },
    {
        "code": "stuck_flow",
        "name_en": "Flow does not change",
        "name_zh": "流量长时间不变",
        "kind": "flat",
        "state": "draft",
        "point_kind": "flow",
        "threshold": 0.0,
        "window_s": 6 * 3600,
        "priority": "low",
        "must_acknowledge": False,
        "has_sound": False,
    },
)


def set_up(by_id: int | None) -> None:
    """Make the rules once; what people change afterwards stays."""
    if telemetry.alarm_rule_codes():
        return
    for facts in RULES:
        telemetry.save_alarm_rule(facts, by_id)
