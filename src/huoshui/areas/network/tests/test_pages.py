"""Pages of the network, as people with and without the permission see them."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from huoshui.areas.network import contracts, facade, layers
from huoshui.areas.network.contracts import Attributes, Material, ZoneDeclaration
from huoshui.areas.network.models import Asset
from huoshui.kernel import clock
from huoshui.kernel.accounts import models as accounts

pytestmark = pytest.mark.django_db

READ = (
    "/map/",
    "/network/assets/",
    "/network/assets/p227/",
    "/network/zones/",
    "/network/zones/AB/",
    "/api/v1/network/assets",
    "/api/v1/network/assets/p227",
    "/api/v1/network/search?q=p2",
    "/api/v1/network/zones",
    "/api/v1/network/zone-outlines",
    "/tiles/network/14/13362/6502.mvt",
)
EDIT = ("/network/import/", "/network/export/", "/network/assets/p227/edit/")


@pytest.fixture
def zoned(l_town: None) -> None:
    """L-Town with one zone."""
    zone = ZoneDeclaration(code="AB", name="城区", assets=("n1", "n2", "n3", "p5", "p227"))
    facade.assign_zones([zone], by_id=None)


@pytest.mark.usefixtures("zoned")
class TestPermissions:
    """One import of L-Town serves all addresses of a test: it is the slow part."""

    def statuses(self, client, urls: tuple[str, ...]) -> dict[str, int]:
        return {url: client.get(url).status_code for url in urls}

    def test_every_post_may_read(self, signed_in):
        assert self.statuses(signed_in("viewer"), READ) == dict.fromkeys(READ, 200)

    def test_nobody_reads_without_a_post(self, signed_in):
        assert self.statuses(signed_in(""), READ + EDIT) == dict.fromkeys(READ + EDIT, 403)

    def test_a_viewer_changes_nothing(self, signed_in):
        assert self.statuses(signed_in("viewer"), EDIT) == dict.fromkeys(EDIT, 403)

    def test_strangers_are_sent_to_sign_in(self, client):
        assert set(self.statuses(client, READ).values()) <= {302, 401}


@pytest.mark.usefixtures("zoned")
class TestMap:
    def test_is_the_first_page(self, signed_in):
        assert signed_in("viewer").get("/").headers["Location"] == "/map/"

    def test_says_so_when_there_is_no_network(self, signed_in):
        Asset.objects.links().delete()
        Asset.objects.all().delete()

        assert b"no network yet" in signed_in("viewer").get("/map/").content

    def test_offers_only_layers_the_reader_may_see(self, signed_in, monkeypatch):
        monkeypatch.setattr(layers, "_layers", {})
        for code in ("network.read", "network.edit"):
            facade.register_map_layer(
                contracts.MapLayer(id=code, label=code, kind="points", url="/x", permission=code)
            )
        shown = signed_in("viewer").get("/map/").context["props"]["layers"]

        assert [layer["id"] for layer in shown] == ["network.read"]

    def test_refuses_a_layer_of_an_unknown_kind(self):
        with pytest.raises(ValueError, match="kind"):
            facade.register_map_layer(contracts.MapLayer(id="x", label="x", kind="3d", url="/x"))


@pytest.mark.usefixtures("zoned")
class TestAssets:
    def test_counts_what_filters_keep(self, signed_in):
        client = signed_in("viewer")

        def total(query: str) -> int:
            return client.get(f"/network/assets/?{query}").context["paging"].total

        assert total("") == 1694
        assert total("kind=valve") == 3
        assert total("zone=AB") == 5
        assert total("material=unknown") == 905
        # Counted in the file: 5 pipes of 63 and 75 mm, 705 of 100, 119 of 150 and 160, 76 of more.
        assert [total(f"kind=pipe&diameter={number}") for number in range(6)] == [
            5, 705, 119, 76, 0, 0,
        ]  # fmt: skip

    def test_costs_the_same_for_one_row_and_for_fifty(
        self, signed_in, django_assert_num_queries, django_assert_max_num_queries
    ):
        client = signed_in("viewer")
        client.get("/network/assets/")
        with django_assert_max_num_queries(8) as few:
            client.get("/network/assets/?kind=pump")
        with django_assert_num_queries(len(few)):
            client.get("/network/assets/")
        # A word asks the index twice: whether it is common, and how many hits it has.
        with django_assert_num_queries(len(few) + 2):
            client.get("/network/assets/?q=PUMP_1")

    def test_exports_excel(self, signed_in):
        response = signed_in("viewer").get("/network/assets/?kind=pipe&format=xlsx")

        assert b"".join(response.streaming_content)[:2] == b"PK"

    def test_shows_what_a_pipe_is_joined_to(self, signed_in):
        page = signed_in("viewer").get(reverse("network:asset", args=["p1"]))

        assert {one["code"] for one in page.context["connected"]} == {"n61", "n62"}

    def test_costs_the_same_for_a_node_with_many_pipes(
        self, signed_in, django_assert_num_queries, django_assert_max_num_queries
    ):
        client = signed_in("viewer")
        client.get("/network/assets/n1/")
        # n1 is the end of one pipe, n54 of two and of a pump. Panels of other areas are counted in.
        with django_assert_max_num_queries(20) as few:
            client.get("/network/assets/n1/")
        with django_assert_num_queries(len(few)):
            client.get("/network/assets/n54/")

    def test_is_not_found_under_an_unknown_code(self, signed_in):
        assert signed_in("viewer").get("/network/assets/p0/").status_code == 404


@pytest.mark.usefixtures("zoned")
class TestZones:
    def test_are_called_as_the_reader_would(self, signed_in):
        named = ZoneDeclaration(code="C", name="高岗片区", name_en="Gaogang", assets=("n9",))
        facade.assign_zones([named], by_id=None)
        client = signed_in("viewer")

        for language, wanted, other in (("en", "Gaogang", "高岗"), ("zh-hans", "高岗", "Gaogang")):
            accounts.User.objects.update(language=language)
            for url in ("/network/zones/C/", "/network/assets/n9/", "/network/assets/?zone=C"):
                page = client.get(url).content.decode()
                assert wanted in page
                assert other not in page

    def test_lists_zones_in_a_fixed_number_of_queries(
        self, signed_in, django_assert_num_queries, django_assert_max_num_queries
    ):
        client = signed_in("viewer")
        client.get("/network/zones/")
        with django_assert_max_num_queries(8) as few:
            client.get("/network/zones/")
        more = [ZoneDeclaration(code=f"Z{n}", name="z", assets=(f"n{n + 9}",)) for n in range(9)]
        facade.assign_zones(more, by_id=None)
        with django_assert_num_queries(len(few)):
            client.get("/network/zones/")


@pytest.mark.usefixtures("l_town")
class TestExport:
    def test_gives_the_network_as_a_file(self, signed_in):
        client = signed_in("manager")
        made = client.post("/network/export/", {"form": "geojson", "day": ""})
        answer = client.get(made.headers["Location"])

        assert answer.headers["Content-Disposition"].startswith('attachment; filename="network-')
        assert len(json.loads(answer.getvalue())["features"]) == 1694

    def test_shows_nobody_the_file_of_another(self, signed_in):
        made = signed_in("manager").post("/network/export/", {"form": "geojson", "day": ""})
        other = signed_in("leakage_engineer")

        assert other.get(made.headers["Location"]).status_code == 404
        assert other.get("/network/export/..%2F..%2Fhuoshui.sqlite/").status_code == 404

    def test_gives_the_network_of_a_past_day(self, signed_in):
        client = signed_in("manager")
        Asset.objects.filter(code="p1").update(valid_from=clock.now())
        made = client.post("/network/export/", {"form": "geojson", "day": "2020-01-01"})

        found = json.loads(client.get(made.headers["Location"]).getvalue())["features"]
        assert len(found) == 1693

    def test_of_a_model_says_what_epanet_says_before_it_gives_it_out(self, signed_in):
        Asset.objects.create(code="alone", kind="junction", lon=113.6, lat=34.75)
        client = signed_in("manager")

        page = client.post("/network/export/", {"form": "inp", "day": ""}, follow=True)

        text = page.content.decode()
        assert "EPANET opens the model and calculates it." in text
        assert "alone" in text
        url = page.redirect_chain[-1][0].removesuffix("about/")
        assert b"[PIPES]" in b"".join(client.get(url).streaming_content)
        other = signed_in("leakage_engineer")
        assert other.get(page.redirect_chain[-1][0]).status_code in (403, 404)

    def test_refuses_a_day_to_come(self, signed_in):
        answer = signed_in("manager").post("/network/export/", {"form": "inp", "day": "2190-01-01"})

        assert answer.status_code == 422

    def test_leads_to_the_import(self, signed_in):
        answer = signed_in("manager").get("/network/import/")

        assert answer.headers["Location"] == "/imports/new/network/"


@pytest.mark.usefixtures("l_town")
class TestEdit:
    def test_sets_and_clears(self, signed_in):
        client = signed_in("manager")
        url = "/network/assets/p1/edit/"

        client.post(url, {"name": "人民路主管", "material": "steel", "laid_year": "1999"})
        pipe = facade.asset("p1")
        assert (pipe.name, pipe.material, pipe.laid_year) == ("人民路主管", Material.STEEL, 1999)

        client.post(url, {"name": "", "material": "", "laid_year": ""})
        pipe = facade.asset("p1")
        assert (pipe.material, pipe.laid_year) == (None, None)

    def test_refuses_a_year_to_come(self, signed_in):
        response = signed_in("manager").post("/network/assets/p1/edit/", {"laid_year": "2199"})

        assert response.status_code == 422
        assert facade.asset("p1").laid_year is None


@pytest.mark.usefixtures("zoned")
class TestApi:
    def get(self, signed_in, url: str):
        return signed_in("viewer").get(f"/api/v1/network/{url}").json()

    def test_describes_an_asset(self, signed_in):
        facade.set_attributes({"p227": Attributes(material=Material.PE)}, by_id=None)
        found = self.get(signed_in, "assets/p227")

        assert found["material"] == "pe"
        assert found["url"] == "/network/assets/p227/"
        assert len(found["line"]) == 2

    def test_finds_the_same_before_the_similar(self, signed_in):
        found = [one["code"] for one in self.get(signed_in, "search?q=p22")]

        assert found[0] == "p22"
        assert found[1:] == [f"p22{number}" for number in range(10)]

    def test_finds_any_part(self, signed_in):
        assert [one["code"] for one in self.get(signed_in, "search?q=rv-2")] == ["PRV-2"]

    def test_pages_through_assets(self, signed_in):
        page = self.get(signed_in, "assets?kind=valve&limit=2&offset=2")

        assert page["count"] == 3
        assert [one["code"] for one in page["items"]] == ["PRV-3"]

    def test_outlines_zones_around_their_nodes(self, signed_in):
        import shapely

        outline = self.get(signed_in, "zone-outlines")["features"][0]
        node = facade.asset("n2")

        assert outline["properties"]["code"] == "AB"
        assert shapely.geometry.shape(outline["geometry"]).contains(
            shapely.Point(node.lon, node.lat)
        )


@pytest.mark.usefixtures("zoned")
class TestTileAddress:
    URL = "/tiles/network/14/13362/6502.mvt"

    def test_is_not_sent_twice(self, signed_in):
        client = signed_in("viewer")
        first = client.get(self.URL, headers={"accept-encoding": "gzip"})
        second = client.get(self.URL, headers={"if-none-match": first.headers["ETag"]})

        assert first.headers["Content-Encoding"] == "gzip"
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert (second.status_code, second.content) == (304, b"")

    def test_changes_with_the_network(self, signed_in):
        client = signed_in("viewer")
        first = client.get(self.URL)
        facade.set_attributes({"p227": Attributes(laid_year=1970)}, by_id=None)

        assert client.get(self.URL).headers["ETag"] != first.headers["ETag"]

    def test_is_not_found_outside_the_pyramid(self, signed_in):
        client = signed_in("viewer")
        for address in ("14/16384/0", "3/0/0", "22/0/0"):
            assert client.get(f"/tiles/network/{address}.mvt").status_code == 404
