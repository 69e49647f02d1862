"""Posts that are limited to a unit: its rounds and construction sites and no others.

Both pipes of the street are zone A, of unit North; zone B belongs to South.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, kinds, site_actions, tracks_in
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts import permissions
from huoshui.kernel.organisation import actions as organisation

SITE = {
    "name": "Metro line 4", "builder": "Railway One", "contact": "Zhao Gang",
    "phone": "13900001234", "permit": "", "lon": 113.6, "lat": 34.75, "near_m": 50.0,
    "machine": "excavator", "depth_m": 2.0, "begin_date": date(2026, 3, 1), "end_date": None,
}  # fmt: skip
FAR = {**SITE, "lon": 113.9, "lat": 34.95}
GPX = b"<gpx><trk><trkseg></trkseg></trk></gpx>"


@pytest.fixture
def limited(person, street):
    """Return somebody with a post in one unit only."""
    network.assign_zones([network_contracts.ZoneDeclaration(code="B", name="B")], by_id=None)
    units = {}
    for code, zone in (("north", "A"), ("south", "B")):
        units[code] = organisation.add_unit(code, name_zh=code, from_date=date(2020, 1, 1))
        network.give_zone(zone, units[code], by_id=None)

    def make(post: str, unit: str):
        user = person(f"{post}-{unit}")
        accounts.give_post(user, post, unit=units[unit])
        return user

    return make


def allowed(deed) -> bool:
    try:
        deed()
    except permissions.NotAllowedHere:
        return False
    return True


@pytest.mark.parametrize(("unit", "expected"), [("north", True), ("south", False)])
class TestLimitedPosts:
    def test_keep_rounds_of_their_own_pipes_only(self, limited, round_a, unit, expected):
        by = limited("crew_leader", unit)

        def keep():
            actions.keep_round("XJ-01", values={"every_days": 9}, asset_codes=None, by_id=by.pk)

        assert allowed(keep) is expected
        round_a.refresh_from_db()
        assert round_a.every_days == (9 if expected else 7)

    def test_bring_no_track_to_the_round_of_another(self, limited, round_a, unit, expected):
        by = limited("crew_leader", unit)

        def take():
            with pytest.raises(tracks_in.NotATrack):  # there is nothing in it
                tracks_in.take(round_a, GPX, walker=by, by_id=by.pk)

        assert allowed(take) is expected

    def test_register_and_change_sites_at_their_own_pipes_only(self, limited, unit, expected):
        by = limited("crew_leader", unit)
        site = site_actions.register_site(values=SITE, by_id=None)

        assert expected is allowed(lambda: site_actions.register_site(values=SITE, by_id=by.pk))
        change = {"values": {"depth_m": 3.0}, "by_id": by.pk}
        assert expected is allowed(lambda: site_actions.change_site(site.number, **change))
        # Where no pipe is near, nobody knows whose it is.
        assert not allowed(lambda: site_actions.register_site(values=FAR, by_id=by.pk))
        assert models.ConstructionSite.objects.count() == 1 + expected

    @pytest.mark.parametrize("what", [kinds.SiteStep.VISITED, kinds.SiteStep.CLAIMED])
    def test_note_what_happens_at_their_own_sites_only(self, limited, unit, expected, what):
        by = limited("crew_leader", unit)
        site = site_actions.register_site(values=SITE, by_id=None)
        site_actions.note_at_site(site.number, kinds.SiteStep.DAMAGED, by_id=None, asset_code="p1")

        done = allowed(lambda: site_actions.note_at_site(site.number, what, by_id=by.pk))

        assert done is expected

    def test_see_whom_to_call_and_buttons_at_their_own_sites_only(
        self, limited, browser, unit, expected
    ):
        page = browser(limited("crew_leader", unit))
        site = site_actions.register_site(values=SITE, by_id=None)

        text = page.get(reverse("patrol:site", args=[site.number])).content.decode()
        form = page.get(reverse("patrol:change-site", args=[site.number]))

        assert ("13900001234" in text) is expected
        assert ("Zhao Gang" in text) is expected
        assert (reverse("patrol:change-site", args=[site.number]) in text) is expected
        assert form.status_code == (200 if expected else 403)
