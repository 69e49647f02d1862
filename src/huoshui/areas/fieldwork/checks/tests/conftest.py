"""The cast of fieldwork's tests, with a list for pipe ends and a daily round to two of them.

R1 ---- p1 ---- n1 ---- p2 ---- n2        what is looked at: n1 and n2
"""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks import actions, rules
from huoshui.areas.fieldwork.checks.kinds import ItemKind
from huoshui.areas.fieldwork.phone.tests.conftest import (  # noqa: F401
    NOW,
    browser,
    crew,
    dispatcher,
    home,
    leader,
    now,
    person,
    phone,
    phone_of,
    real_clock,
    street,
)

ITEMS = (
    rules.Item("leak", "无渗漏", "No leak", ItemKind.OK),
    rules.Item("heat", "轴承温度", "Bearing temperature", ItemKind.NUMBER, "°C", None, 75.0,
               wants_job=True),
    rules.Item("words", "备注", "Remark", ItemKind.TEXT, is_needed=False),
    rules.Item("photo", "照片", "Photo", ItemKind.PHOTO, is_needed=False),
)  # fmt: skip
GOOD = {"leak": True, "heat": 60.5}
HOT = {"leak": True, "heat": 82}
LEAKING = {"leak": False, "heat": 60}


@pytest.fixture
def nodes(street) -> models.CheckList:  # noqa: F811
    return actions.keep_list(
        "JC-01", name_zh="节点检查", name_en="Nodes", asset_kind="junction", items=ITEMS, by_id=None
    )


@pytest.fixture
def daily(nodes) -> models.PatrolRound:
    """Since 27 February, four days before NOW."""
    return actions.keep_round(
        "SB-01", values={"name": "Pump hall", "every_days": 1, "begin_date": date(2026, 2, 27)},
        asset_codes=actions.assets_chosen(codes=["n1", "n2"]), by_id=None, is_new=True,
    )  # fmt: skip
