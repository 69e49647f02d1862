"""What somebody states of one account, before it is compared with what is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from huoshui.areas.customers import contracts, rules

COMPANY_WORDS = (
    "公司", "厂", "店", "院", "学校", "中学", "小学", "大学", "中心", "局", "银行", "酒店", "宾馆",
    "超市", "物业", "委员会", "站", "馆", "集团", "社区", "幼儿园", "果园", "苗圃",
)  # fmt: skip


@dataclass
class Row:
    """One account as somebody states it; None is what they do not say."""

    code: str
    name: str | None = None
    kind: str | None = None
    phones: tuple[str, ...] | None = None
    wechat_openid: str | None = None
    email: str | None = None
    premises: str | None = None
    address: str | None = None
    district: str | None = None
    street: str | None = None
    number: str | None = None
    estate: str | None = None
    building: str | None = None
    unit: str | None = None
    floor: int | None = None
    room: str | None = None
    lon: float | None = None
    lat: float | None = None
    connection: str | None = None
    meter: str | None = None
    diameter_mm: float | None = None
    reading_m3: float | None = None
    reading_date: date | None = None
    exposed: bool | None = None
    use_m3_year: float | None = None
    state: str | None = None
    tariff: str | None = None
    balance_cents: int | None = None
    balance_as_of: datetime | None = None
    opened_date: date | None = None


def kind_of(name: str) -> str:
    """Return what a name most likely is, where the file does not say: people have short ones."""
    is_company = len(name) > 4 or (len(name) > 2 and name.endswith(COMPANY_WORDS))
    return str(contracts.PersonKind.COMPANY if is_company else contracts.PersonKind.PERSON)


def phones_of(text: str) -> tuple[str, ...]:
    """Return the telephone numbers in a cell: several stand apart by a comma, slash or blank."""
    parts = re.split(r"[,，、;；/|\s]+", text)
    found = (rules.phone_digits(one) for one in parts)
    return tuple(dict.fromkeys(one[:20] for one in found if len(one) >= 5))
