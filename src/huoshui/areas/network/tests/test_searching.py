"""What the search of the map finds, and what is remembered of a revision."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huoshui.areas.network import facade, queries, remembered, searching
from huoshui.areas.network.contracts import Attributes, ZoneDeclaration
from huoshui.areas.network.models import Asset, Connection, Zone
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(db):
    """Codes that begin with, hold, and only by their name hold what is looked for.

    Junctions n1, n10, xn1, and N2 named 泵站 n1.
    """
    places = {"lon": 113.6, "lat": 34.75, "kind": "junction"}
    for code, name in (("xn1", ""), ("n10", ""), ("n1", ""), ("N2", "泵站 n1")):
        Asset.objects.create(code=code, name=name, **places)
    Asset.objects.create(code="n11", name="no place", kind="junction")
    Connection.objects.create(
        code="C1", customer_code="K77", address="建设路 1 号", lon=113.6, lat=34.75
    )


@pytest.mark.usefixtures("city")
class TestAssets:
    def codes(self, text: str) -> list[str]:
        return [one["code"] for one in searching.assets(text)]

    def test_puts_the_same_first_then_by_beginning_then_by_any_part(self):
        assert self.codes("n1") == ["n1", "n10", "xn1", "N2"]

    def test_minds_no_capitals(self):
        assert self.codes("N1")[:2] == ["n1", "n10"]
        assert self.codes("n2") == ["N2"]

    def test_finds_by_a_part_of_a_chinese_name(self):
        assert self.codes("泵") == ["N2"]

    def test_leaves_out_what_has_no_place(self):
        assert "n11" not in self.codes("n1")

    def test_finds_the_same_code_among_very_many_hits(self, monkeypatch):
        monkeypatch.setattr(searching, "LOOKED_AT", 1)

        assert self.codes("xn1") == ["xn1"]

    def test_finds_nothing_for_nothing(self):
        assert self.codes("  ") == []


@pytest.mark.usefixtures("city")
class TestConnections:
    @pytest.mark.parametrize("text", ["C1", "c1", "K77", "建设", "7"])
    def test_are_found_by_code_customer_and_address(self, text: str):
        assert [one["code"] for one in searching.connections(text)] == ["C1"]


class TestZoneRows:
    def test_count_assets_pipes_and_connections_each_once(self, l_town):
        zone = ZoneDeclaration(code="AB", name="城区", assets=("n1", "n2", "p5", "p227"))
        facade.assign_zones([zone], by_id=None)
        row = Zone.objects.get(code="AB")
        for code in ("C1", "C2"):
            Connection.objects.create(code=code, zone=row)
        found = queries.zone_rows("AB")

        assert found == [one for one in queries.zone_rows() if one["code"] == "AB"]
        lengths = Asset.objects.filter(code__in=("p5", "p227")).values_list("length_m", flat=True)
        assert (found[0]["assets_count"], found[0]["pipes_count"]) == (4, 2)
        assert found[0]["connections_count"] == 2
        assert found[0]["pipes_length_m"] == pytest.approx(sum(lengths))

    def test_of_an_empty_zone_count_nothing(self):
        Zone.objects.create(code="Z", name="空")

        assert [(one["assets_count"], one["connections_count"]) for one in queries.zone_rows()] == [
            (0, 0)
        ]


class TestRemembered:
    def test_counts_once_for_each_revision(self, l_town):
        counted = []

        def count() -> int:
            counted.append(1)
            return len(counted)

        assert [remembered.of_revision("x", count) for _ in range(3)] == [1, 1, 1]
        facade.set_attributes({"p1": Attributes(laid_year=1977)}, by_id=None)
        assert remembered.of_revision("x", count) == 2

    def test_remembers_nothing_before_the_first_import(self):
        counted = iter((1, 2))

        assert [remembered.of_revision("x", lambda: next(counted)) for _ in range(2)] == [1, 2]


@pytest.mark.usefixtures("city")
class TestCustomers:
    @pytest.mark.parametrize(("post", "found"), [("dispatcher", ["C1"]), ("viewer", [])])
    def test_are_found_by_those_only_who_may_see_them(self, client, post, found):
        user, _password = accounts.add_user("somebody", "Somebody", posts=(post,))
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(reverse("api:network-search"), {"q": "建设路"})

        assert [one["code"] for one in answer.json()] == found
        page = client.get(reverse("network:connection", args=["C1"]))
        assert page.status_code == (200 if found else 403)
        read = AuditRecord.objects.filter(action="network.connection_read")
        assert read.count() == len(found)
