"""H6: a list page costs what was agreed, and the same for few rows and for many.

Goal: no list asks the database once for each row. Method: a small world with several rows of most
kinds is built through the façades; every list page of the product is opened as the administrator,
and its queries are compared with the `query_counts.json` in the tests of the app that owns it.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from huoshui.kernel.pages import kit
from tests.house.checks import tree
from tests.house.test_views import patterns


def list_pages() -> list[type[kit.ListPage]]:
    """Return every list page that has an address."""
    views = (getattr(e.callback, "view_class", None) for _, e in patterns(get_resolver()))
    found = {v for v in views if isinstance(v, type) and issubclass(v, kit.ListPage)}
    return sorted(found, key=lambda page: page.url_name)


def agreement(page: type[kit.ListPage]) -> Path:
    """Return the file that says what a list page may cost: in the tests of its app."""
    parts = Path(inspect.getfile(page)).relative_to(tree.SOURCE).parts
    return tree.SOURCE.joinpath(*parts[:2], "tests", "query_counts.json")


def agreed() -> dict[str, int]:
    """Return what all list pages may cost, by the name of their address."""
    counts: dict[str, int] = {}
    for path in {agreement(page) for page in list_pages()}:
        if path.is_file():
            counts |= json.loads(path.read_text(encoding="utf-8"))
    return counts


@pytest.fixture
def town(db, tmp_path, client):
    """Three zones, their points, jobs and people; the administrator is signed in."""
    from huoshui.areas.fieldwork import contracts as fieldwork_contracts
    from huoshui.areas.fieldwork import facade as fieldwork
    from huoshui.areas.network import facade as network
    from huoshui.areas.telemetry import contracts as telemetry_contracts
    from huoshui.areas.telemetry import facade as telemetry
    from huoshui.democity import worlds
    from huoshui.kernel.accounts import actions as accounts

    user, _ = accounts.add_user("ada", "Ada", posts=("administrator",))
    for name in ("bea", "cai", "dan"):
        accounts.add_user(name, name, posts=("crew", "viewer"))
    world = worlds.three_zones()
    path = tmp_path / "three-zones.inp"
    path.write_text(world.inp_text, encoding="utf-8")
    network.import_inp(path, crs=network.local_grid(lon=world.lon, lat=world.lat), by_id=user.pk)
    network.assign_zones(world.zones, by_id=user.pk)
    telemetry.declare_points(
        [
            telemetry_contracts.PointDeclaration(
                code=f"{node}.pressure",
                name_en=node,
                name_zh=node,
                kind="pressure",
                asset_code=node,
            )
            for node in world.pressure_nodes
        ],
        user.pk,
    )
    for node in world.pressure_nodes:
        place = fieldwork_contracts.Place(asset_code=node)
        fieldwork.request_job(place=place, by_id=user.pk)
    client.force_login(user)
    return client


class TestListPages:
    @pytest.mark.parametrize("page", list_pages(), ids=lambda page: page.url_name)
    def test_keep_to_what_was_agreed(self, page, town):
        name = page.url_name
        assert name in agreed(), f"say in {tree.place(agreement(page))} what {name} may cost"
        town.get(reverse(name))  # the first look fills caches that live as long as the process

        with CaptureQueriesContext(
            connection,
        ) as asked:
            response = town.get(reverse(name))

        assert response.status_code == 200
        # Once a second, whatever the page, the clock looks whether somebody has changed it.
        queries = [one["sql"][:160] for one in asked if "clock_clocksetting" not in one["sql"]]
        said = "\n".join(queries)
        assert len(queries) <= agreed()[name], f"{name} asked {len(queries)} times:\n{said}"

    def test_are_all_still_there(self):
        assert set(agreed()) == {page.url_name for page in list_pages()}
