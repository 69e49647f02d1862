"""A small town of customers for the tests of this area."""

from __future__ import annotations

import pytest

from huoshui.areas.customers import actions, placing
from huoshui.areas.customers.models import Estate
from huoshui.areas.customers.stating import Row
from huoshui.kernel.accounts import actions as accounts

ESTATES = (
    ("XQ-01", "光明小区", 117.01, 36.66),
    ("XQ-02", "光明花园", 117.02, 36.66),
    ("XQ-03", "泉水花园", 117.03, 36.67),
    ("XQ-04", "重庆家园", 117.04, 36.67),
)
ROWS = (
    Row("A1001", name="张伟", phones=("13800138001",), estate="XQ-01", building="3号楼",
        unit="2单元", room="501", meter="M100001", connection="10001", lon=117.0101, lat=36.6601,
        balance_cents=3560),
    Row("A1002", name="王建国", phones=("13800138002", "053188881234"), estate="XQ-01",
        building="3", unit="2", room="502", meter="M100002", connection="10001",
        lon=117.0101, lat=36.6601),
    Row("A1003", name="曾丽", phones=("13900139003",), estate="XQ-01", building="21", unit="1",
        room="101", meter="M100003"),
    Row("A1004", name="张威", phones=("13900139004",), estate="XQ-02", building="3", unit="2",
        room="501", meter="M100004", lon=117.0201, lat=36.6601),
    Row("A1005", name="单小芳", phones=("13900139005",), estate="XQ-03", building="A座",
        room="1201", meter="M100005"),
    Row("A1006", name="清泉纺织印染厂", kind="company", phones=("053186660001",), street="人民路",
        number="12号", meter="M200006"),
    Row("A1007", name="李四", phones=("13900139007",), street="二环东路", number="7", meter="M7"),
    Row("A1008", name="张伟", phones=("13800138001",), estate="XQ-04", building="1", unit="1",
        room="102", meter="M100008"),
    Row("A1009", name="老胡", phones=("13900139009",), address="西郊果园东头", meter="M100009"),
)  # fmt: skip


def build() -> None:
    """Make the estates and accounts."""
    made = Estate.objects.bulk_create(
        Estate(code=code, name=name, lon=lon, lat=lat, zone_code=f"Z-{code}")
        for code, name, lon, lat in ESTATES
    )
    placing.keep_keys(estates=made)
    actions.keep_accounts(ROWS, by_id=None)


@pytest.fixture
def town(db):
    """Nine accounts in four estates and three streets."""
    build()


@pytest.fixture
def agent(db):
    """Somebody who may see personal data."""
    return accounts.add_user("mei", "Mei", posts=("hotline_agent",))[0]


@pytest.fixture
def dispatcher(db):
    """Somebody who sees customers masked."""
    return accounts.add_user("dan", "Dan", posts=("dispatcher",))[0]
