"""Addresses with a code in them are those that Django itself would give."""

from __future__ import annotations

import pytest
from django.urls import reverse, set_script_prefix

from huoshui.areas.network.web import shown

CODES = ("P1", "泵房 3/甲", "a?b#c%d", "x+y&z=1", 'q"uote', "ü~:@!$'()*,;")


@pytest.mark.parametrize("code", CODES)
def test_names_the_page_of_any_code(code: str) -> None:
    assert shown.asset_url(code) == reverse("network:asset", args=[code])
    assert shown.zone_url(code) == reverse("network:zone", args=[code])
    assert shown.connection_url(code) == reverse("network:connection", args=[code])


def test_follows_the_folder_that_the_product_is_served_under() -> None:
    plain = shown.asset_url("P1")
    try:
        set_script_prefix("/water/")
        assert shown.asset_url("P1") == f"/water{plain}"
    finally:
        set_script_prefix("/")
