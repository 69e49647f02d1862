"""What is true of customers because our law, our contracts and our promises say so."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

CODE_LENGTH_MAX = 40
CODE = re.compile(r"[A-Za-z0-9_-]+")

CARE_VISIT_VALID = timedelta(days=30)
"""A customer in special care may be cut off only this long after somebody went there."""

CARE_VISIT_EVERY = timedelta(days=90)
"""Everybody in special care is visited at least this often."""

BOARD_VALID = timedelta(days=730)
"""A notice board is printed anew after two years, or when its specialist changes."""

REPORTS_PER_SENDER_H = 5
REPORTS_PER_GRID_H = 40
"""How many reports an hour one address may send, and one board may bring."""

FINDING_WORKING_DAYS = 15
"""A supervisor's finding is answered within so many working days."""

RESPONSE_MINUTES = 120
"""A specialist answers what a resident writes by a notice board within this time."""

KEY_USE_M3 = 20_000.0
"""Who uses this much in a year is a key account, with or without a manager of its own."""

KEY_USE_GREAT_M3 = 100_000.0
KEY_VISIT_EVERY = timedelta(days=180)
KEY_VISIT_EVERY_GREAT = timedelta(days=90)
KEY_VISIT_WORKING_DAYS = 15
KEEP_WORKING_DAYS = 10
"""A key account is visited each half-year, a great one each quarter; promises are kept soon."""

OUTREACH_EVERY = timedelta(days=365)
"""Every estate sees us with an event at least once a year."""

LOAD_SPREAD_GOOD = 1.15
"""The busiest grid has at most so many times the accounts of the mean one."""

AREA_CODES_2 = ("010", "020", "021", "022", "023", "024", "025", "027", "028", "029")
RELATIVES = (
    "社区居委会", "居委会", "监护人", "本人", "女儿", "儿子", "妻子", "丈夫", "配偶", "母亲",
    "父亲", "家属", "亲属", "社区", "物业",
)  # fmt: skip
"""Words that say who somebody is to a customer, and name nobody."""

STARS = "*"
COUNTRY = "86"


def is_code(text: str) -> bool:
    """Say whether ``text`` can be the code of a thing of ours."""
    return len(text) <= CODE_LENGTH_MAX and CODE.fullmatch(text) is not None


def phone_digits(text: str) -> str:
    """Return a telephone number as it is compared: digits only, without +86 or 0086.

    A mobile number dialled with a zero before it is the same number.
    """
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    for prefix in ("00" + COUNTRY, COUNTRY):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 10:
            digits = digits[len(prefix) :]
            break
    if len(digits) == 12 and digits.startswith("01") and digits[2] in "3456789":
        digits = digits[1:]
    return digits


def masked_name(name: str, *, is_company: bool = False) -> str:
    """Return a name of which only the ends are told: 王*国, 王*, J*** S***.

    A company's name is public and stays.
    """
    clean = name.strip()
    if is_company or not clean:
        return clean
    if " " in clean and clean.isascii():
        return " ".join(word[:1] + STARS * 3 for word in clean.split())
    if len(clean) == 1:
        return STARS
    if len(clean) == 2:
        return clean[0] + STARS
    return clean[0] + STARS * (len(clean) - 2) + clean[-1]


def masked_consent(text: str) -> str:
    """Return who gave a consent: a relation as it is, a name masked, also behind a relation."""
    clean = text.strip()
    if clean in RELATIVES:
        return clean
    for word in RELATIVES:
        if clean.startswith(word):
            return f"{word} {masked_name(clean.removeprefix(word))}"
    return masked_name(clean)


def may_be_cut_off(*, in_care: bool, visited_at: datetime | None, now: datetime) -> bool:
    """Say whether a supply may be cut off: in special care only soon after a visit."""
    return not in_care or (visited_at is not None and now - visited_at <= CARE_VISIT_VALID)


def is_visit_due(visited_at: datetime | None, since: datetime, now: datetime) -> bool:
    """Say whether somebody in special care waits too long for a visit."""
    return now - (visited_at or since) > CARE_VISIT_EVERY


def key_visit_every(use_m3_year: float | None) -> timedelta:
    """Return how often a key account is visited, by its use."""
    great = use_m3_year is not None and use_m3_year >= KEY_USE_GREAT_M3
    return KEY_VISIT_EVERY_GREAT if great else KEY_VISIT_EVERY


def is_board_valid(
    *, valid_until: date, today: date, specialist_id: int | None, shows_id: int | None
) -> bool:
    """Say whether a board tells residents the truth: not outdated, and of the right person."""
    return valid_until >= today and specialist_id is not None and specialist_id == shows_id
