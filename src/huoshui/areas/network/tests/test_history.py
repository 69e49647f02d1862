"""The network of past days, and what is said of its changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from huoshui.areas.network import actions, history, refusals
from huoshui.areas.network.contracts import ZoneDeclaration
from huoshui.areas.network.models import Asset, AssetVersion
from huoshui.areas.network.web import shown
from huoshui.kernel import clock

pytestmark = pytest.mark.usefixtures("l_town")


def pipe() -> Asset:
    return Asset.objects.get(code="p1")


class TestHistory:
    def test_gives_back_the_asset_of_any_past_day(self):
        now = clock.now()
        first, second = now - timedelta(days=20), now - timedelta(days=10)
        was_mm = pipe().diameter_mm
        actions.change_attributes(
            {"p1": {"diameter_mm": 300.0, "lining": "epoxy"}}, by_id=None, valid_from=first
        )
        actions.change_attributes({"p1": {"diameter_mm": 400.0}}, by_id=None, valid_from=second)

        def then(moment):
            (row,) = history.as_of(moment, Asset.objects.filter(code="p1"))
            return row.diameter_mm, row.details.get("lining")

        assert then(first - timedelta(days=1)) == (was_mm, None)
        assert then(first + timedelta(days=1)) == (300.0, "epoxy")
        assert then(now) == (400.0, "epoxy")

    def test_is_only_added_to_at_its_end(self):
        now = clock.now()
        actions.change_attributes({"p1": {"depth_m": 1.2}}, by_id=None, valid_from=now)

        with pytest.raises(refusals.OlderThanHistory):
            actions.change_attributes(
                {"p1": {"depth_m": 1.4}}, by_id=None, valid_from=now - timedelta(days=1)
            )

        assert pipe().details["depth_m"] == 1.2

    def test_knows_no_changes_of_days_to_come(self):
        with pytest.raises(refusals.NotYet):
            actions.change_attributes(
                {"p1": {"depth_m": 1.4}}, by_id=None, valid_from=clock.now() + timedelta(days=1)
            )

    def test_keeps_nothing_where_nothing_changed(self):
        actions.change_attributes({"p1": {"diameter_mm": pipe().diameter_mm}}, by_id=None)

        assert not AssetVersion.objects.exists()

    def test_costs_an_import_nothing(self):
        assert not AssetVersion.objects.exists()

    def test_is_told_with_old_and_new(self):
        actions.change_attributes({"p1": {"road": "Renmin Road"}}, by_id=None, why="drawing 7")

        with translation.override("en"):
            (line,) = shown.timeline(pipe())
            what = str(line.what)

        assert (what, line.old, line.new, line.why) == (
            "Road", None, "Renmin Road", "drawing 7",
        )  # fmt: skip


class TestAttributes:
    @pytest.mark.parametrize(
        ("name", "value"),
        [("turns", 12), ("depth_m", -3.0), ("lining", "gold"), ("laid_date", "soon")],
    )
    def test_that_no_pipe_can_have_are_refused(self, name, value):
        with pytest.raises(refusals.AttributesImpossible):
            actions.change_attributes({"p1": {name: value}}, by_id=None)

        assert pipe().details == {}


class TestZones:
    def test_cannot_be_part_of_themselves(self):
        actions.assign_zones(
            [ZoneDeclaration(code="X", name="X"), ZoneDeclaration(code="Y", name="Y", parent="X")],
            by_id=None,
        )

        with pytest.raises(refusals.ZonesInACircle):
            actions.assign_zones([ZoneDeclaration(code="X", name="X", parent="Y")], by_id=None)


class TestSortCodes:
    def test_put_n2_before_n10(self):
        codes = ["n10", "n2", "n1"]
        Asset.objects.bulk_create(Asset(code=f"z-{code}", kind="junction") for code in codes)

        found = Asset.objects.filter(code__startswith="z-").order_by("sort_code")

        assert [row.code for row in found] == ["z-n1", "z-n2", "z-n10"]
