"""Cards of areas: who is responsible from when, and what each part of the product says.

zone N > zone N1;  zone S;  p1 and p2 in N1, p3 in S (the town of `test_units`)
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from huoshui.areas.network import actions, area_cards, refusals, teams
from huoshui.areas.network.contracts.cards import CardColumn, CardFigure, CardLines, Duty
from huoshui.areas.network.models import Asset, ZoneTeam
from huoshui.areas.network.tests.test_units import person, town
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.organisation import tree

__all__ = ["town"]

SPRING, SUMMER = date(2026, 3, 1), date(2026, 6, 1)


def give(zone, duties, unit, day=SPRING, **more):
    actions.give_team(zone, duties, unit, from_date=day, by_id=None, **more)


class TestGiveTeam:
    def test_holds_from_its_day_on_and_for_the_zones_below(self, town):
        give("N", [Duty.PATROL], town["north"])

        assert teams.by_zone(SPRING - timedelta(days=1))["N"] == {}
        assert teams.by_zone(SPRING)["N1"][Duty.PATROL].unit_id == town["north"].pk
        assert teams.by_zone(SPRING)["N1"][Duty.PATROL].of_zone == "N"
        assert teams.by_zone(SPRING)["S"] == {}

    def test_keeps_who_it_was_before(self, town):
        give("N", [Duty.PATROL, Duty.REPAIR], town["north"])
        give("N", [Duty.PATROL], town["south"], SUMMER)

        assert teams.by_zone(SUMMER - timedelta(days=1))["N"][Duty.PATROL].unit_id == (
            town["north"].pk
        )
        assert teams.by_zone(SUMMER)["N"][Duty.PATROL].unit_id == town["south"].pk
        assert teams.by_zone(SUMMER)["N"][Duty.REPAIR].unit_id == town["north"].pk
        assert [one.until_date for one in teams.history("N").filter(duty="patrol")] == [
            None, SUMMER,
        ]  # fmt: skip

    def test_without_a_unit_leaves_it_to_the_zone_above(self, town):
        give("N", [Duty.DATA], town["north"])
        give("N1", [Duty.DATA], town["south"])
        give("N1", [Duty.DATA], None, SUMMER)

        assert teams.by_zone(SUMMER)["N1"][Duty.DATA].unit_id == town["north"].pk

    def test_refuses_a_day_before_a_known_change(self, town):
        give("N", [Duty.DATA], town["north"], SUMMER)

        with pytest.raises(refusals.TeamBeforeAnother):
            give("N", [Duty.OPERATION, Duty.DATA], town["south"], SPRING)
        assert ZoneTeam.objects.count() == 1

    def test_corrects_what_began_on_the_same_day(self, town):
        give("N", [Duty.DATA], town["north"])
        give("N", [Duty.DATA], town["south"])

        assert [one.unit for one in ZoneTeam.objects.all()] == [town["south"]]

    def test_refuses_an_unknown_zone(self, town):
        with pytest.raises(refusals.NoSuchZone):
            give("X", [Duty.DATA], town["north"])

    def test_is_recorded_once_a_duty_that_changes(self, town):
        give("N", [Duty.DATA, Duty.REPAIR], town["north"])
        give("N", [Duty.DATA, Duty.REPAIR], town["north"], SUMMER)

        assert AuditRecord.objects.filter(action="network.give_team").count() == 2


class TestAreas:
    def test_an_area_is_its_zone_with_all_parts(self, town):
        assert teams.areas() == {
            "N": {"N", "N1"}, "N1": {"N1"}, "S": {"S"},
        }  # fmt: skip

    def test_own_figures_add_up_over_the_parts(self, town):
        pipes = Asset.objects.filter(zone__code="N1", kind="pipe")
        length_km = sum(one.length_m or 0.0 for one in pipes) / 1000
        found = area_cards.gather([area_cards.OWN], teams.areas())

        assert length_km > 0
        assert found["N"]["network_length"].value == pytest.approx(length_km)
        assert found["N1"]["network_length"].value == pytest.approx(length_km)
        assert found["N"]["network_lacking"].value == 100
        assert "zone=" not in found["N"]["network_length"].href
        assert "zone=N1" in found["N1"]["network_length"].href

    def test_a_key_may_be_used_once(self):
        column = CardColumn(key="same", label="Same")
        with pytest.raises(ValueError, match="twice"):
            area_cards.register(
                CardLines(id="x", label="X", columns=(column, column),
                          read=lambda areas: {}, permission="network.read")
            )  # fmt: skip


@pytest.fixture
def secret_lines(monkeypatch):
    """Lines that only those may see who may change the network."""
    lines = CardLines(
        id="test", label="Tested", columns=(CardColumn(key="n", label="Counted by a test"),),
        read=lambda areas: {code: {"n": CardFigure(value=4711)} for code in areas},
        permission="network.edit",
    )  # fmt: skip
    monkeypatch.setattr(area_cards, "_registered", {**area_cards._registered, "test": lines})


class TestAreaCard:
    def url(self, name="area", code="N1"):
        return reverse(f"network:{name}", args=[code])

    def test_shows_team_and_figures_with_the_number_as_the_post_may_see(
        self, town, signed_in, secret_lines
    ):
        worker = person("worker", "crew_leader")
        worker.phone = "13812345678"
        worker.save()
        give("N", [Duty.REPAIR], town["north"], tree.today(), person=worker)

        manager = signed_in("manager").get(self.url()).content.decode()
        viewer = signed_in("viewer").get(self.url()).content.decode()

        assert "13812345678" in manager
        assert "4,711" in manager
        assert "138****5678" in viewer
        assert "13812345678" not in viewer
        assert "Counted by a test" not in viewer
        assert AuditRecord.objects.filter(action="network.team_read").count() == 1

    def test_the_table_shows_only_lines_of_the_reader(self, town, signed_in, secret_lines):
        url = reverse("network:areas")

        assert "Counted by a test" in signed_in("manager").get(url).content.decode()
        assert "Counted by a test" not in signed_in("viewer").get(url).content.decode()

    def test_the_table_finds_an_area_by_its_team(self, town, signed_in):
        give("S", [Duty.REPAIR], town["south"], tree.today())
        page = signed_in("viewer").get(reverse("network:areas") + "?q=south").content.decode()

        assert "/network/areas/S/" in page
        assert "/network/areas/N1/" not in page

    def test_the_table_sorts_by_a_figure(self, town, signed_in):
        Asset.objects.filter(zone__code="S", kind="pipe").update(length_m=90_000)
        url = reverse("network:areas")
        page = signed_in("viewer").get(f"{url}?sort=-network_length").content.decode()

        assert page.index("/network/areas/S/") < page.index("/network/areas/N1/")

    def test_the_number_of_queries_does_not_grow_with_the_zones(
        self, town, signed_in, django_assert_max_num_queries
    ):
        from huoshui.areas.network.contracts import ZoneDeclaration

        client, url = signed_in("manager"), reverse("network:areas")
        client.get(url)
        with django_assert_max_num_queries(40) as few:
            client.get(url)
        more = [ZoneDeclaration(code=f"Z{at}", name=f"Z {at}", parent="N") for at in range(30)]
        actions.assign_zones(more, by_id=None)
        with django_assert_max_num_queries(40) as many:
            client.get(url)
        assert len(many) == len(few)

    def test_naming_a_team_by_the_form(self, town, signed_in):
        client = signed_in("manager")
        given = {"duties": ["patrol", "repair"], "unit": town["north"].pk, "person": "",
                 "from_date": "2026-03-01"}  # fmt: skip

        assert client.post(self.url("give_team"), given).status_code == 302
        assert {one.duty for one in ZoneTeam.objects.all()} == {"patrol", "repair"}

    def test_naming_a_team_is_for_those_who_may(self, town, signed_in):
        assert signed_in("viewer").get(self.url("give_team")).status_code == 403

    def test_an_unknown_zone_has_no_card(self, town, signed_in):
        assert signed_in("manager").get(self.url(code="X")).status_code == 404
