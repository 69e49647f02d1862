"""The code printed on an asset: its address, which cannot be guessed, and its picture."""

from __future__ import annotations

import io

import segno
from django.utils.crypto import constant_time_compare, salted_hmac

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SIGN_LENGTH = 12


def token_of(asset_id: int) -> str:
    """Return what stands in the address of an asset's public page; the same for ever."""
    number, left = "", asset_id
    while left or not number:
        left, digit = divmod(left, 36)
        number = DIGITS[digit] + number
    return f"{number}-{_sign(number)}"


def asset_of(token: str) -> int | None:
    """Return the number of the asset that a token was made for; None for a token we never made."""
    number, _dash, sign = token.partition("-")
    if not number or set(number) - set(DIGITS) or len(number) > 12:
        return None
    return int(number, 36) if constant_time_compare(sign, _sign(number)) else None


def _sign(number: str) -> str:
    return salted_hmac("network.label", number, algorithm="sha256").hexdigest()[:SIGN_LENGTH]


def picture(address: str) -> str:
    """Return the code of an address as SVG, readable with a quarter of it scratched away."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, scale=4, omitsize=True
    )
    return out.getvalue().decode()
