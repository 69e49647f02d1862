"""Filters and orders of the list of assets give the same rows, whatever index leads to them."""

from __future__ import annotations

import itertools

import pytest

from huoshui.areas.network.models import Asset
from huoshui.areas.network.web import assets as pages
from huoshui.kernel.pages.kit import walking

pytestmark = pytest.mark.django_db

SORTS = ("sort_code", "-sort_code", "laid_year", "-diameter_mm", "kind")
FILTERS = ({"kind": "pipe"}, {"material": "pe"}, {"kind": "pipe", "material": ""})


@pytest.fixture(autouse=True)
def some_assets() -> None:
    nodes = [
        Asset.objects.create(code=f"J{n}", sort_code=f"J{n}", kind="junction") for n in range(4)
    ]
    for n, (material, diameter) in enumerate(
        itertools.product(("pe", "", "steel"), (80.0, 300.0, None))
    ):
        Asset.objects.create(
            code=f"P{n}", sort_code=f"P{n}", kind="pipe", material=material, diameter_mm=diameter,
            laid_year=2000 - n if n % 2 else None, start=nodes[n % 4], end=nodes[(n + 1) % 4],
        )  # fmt: skip


@pytest.mark.parametrize("sort", ["laid_year", "-laid_year"])
def test_what_is_not_known_comes_last_and_is_led_as_well(sort: str) -> None:
    rows = Asset.objects.present().filter(kind="pipe")
    plain = rows.order_by(walking.known_first(rows, sort), "pk")
    years = list(plain.values_list("laid_year", flat=True))
    known = [year for year in years if year is not None]
    assert years == known + [None] * 5
    assert known == sorted(known, reverse=sort.startswith("-"))
    for total in (1, walking.FEW + 1):
        assert list(walking.led(plain, total=total)) == list(plain)
    assert "asset_list_year" in walking.led(plain, total=walking.FEW + 1).explain()


@pytest.mark.parametrize("total", [1, walking.FEW + 1])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("wanted", FILTERS)
def test_leads_to_the_same_rows(wanted: dict[str, str], sort: str, total: int) -> None:
    plain = Asset.objects.present().filter(**wanted).order_by(sort, "pk")
    led = walking.led(plain, total=total)
    assert list(led.values_list("code", flat=True)) == list(plain.values_list("code", flat=True))
    assert len(plain) > 1


def test_leads_to_the_same_rows_of_a_range() -> None:
    plain = pages.in_diameter_class(Asset.objects.present(), "2").order_by("sort_code", "pk")
    for total in (1, walking.FEW + 1):
        assert list(walking.led(plain, total=total)) == list(plain)


def test_many_rows_are_met_in_their_order_and_few_are_sorted() -> None:
    plain = Asset.objects.present().filter(length_m__gt=100).order_by("sort_code", "pk")
    many = walking.led(plain, total=walking.FEW + 1).explain()
    few = walking.led(plain, total=1).explain()
    assert "asset_list_code" in many
    assert "TEMP B-TREE" not in many
    assert "asset_list_length" in few
    assert "TEMP B-TREE" in few


def test_what_has_an_index_of_filter_and_order_keeps_it() -> None:
    plain = Asset.objects.present().filter(material="pe").order_by("laid_year", "pk")
    assert "asset_list_material_year" in walking.led(plain, total=walking.FEW + 1).explain()


def test_what_has_a_diameter_is_walked_without_what_has_none() -> None:
    plain = pages.in_diameter_class(Asset.objects.present(), "2").order_by("sort_code", "pk")
    plan = walking.led(plain, total=walking.FEW + 1).explain()
    assert "asset_list_sized" in plan
    assert "TEMP B-TREE" not in plan
