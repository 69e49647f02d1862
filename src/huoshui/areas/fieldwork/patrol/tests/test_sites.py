"""Construction sites near pipes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import kinds, queries, refusals, site_actions
from huoshui.areas.fieldwork.patrol.tests.conftest import NOW
from huoshui.areas.fieldwork.phone.tests.conftest import jpeg
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord

Step = kinds.SiteStep


@pytest.fixture
def site(places) -> models.ConstructionSite:
    """An excavator twelve metres north of p1, a hundred from its beginning."""
    ((lon, lat),) = places((100, 12))
    values = {"name": "Metro exit", "builder": "Builders", "lon": lon, "lat": lat, "near_m": 50.0,
              "machine": "excavator", "depth_m": 2.0, "begin_date": date(2026, 3, 1)}  # fmt: skip
    return site_actions.register_site(values=values, by_id=None)


class TestASite:
    def test_knows_the_pipes_near_it_and_how_dangerous_it_is(self, site):
        ((code, away, bore),) = site.near
        assert (code, bore) == ("p1", 200)
        assert away == pytest.approx(12, abs=0.05)
        # Excavator 1, bore under 300 none, deeper than one metre 1, within 15 m 1.
        assert (site.risk, site.visit_every_days) == ("medium", 7)
        assert site.number == "SG-2026-001"

    def test_that_moves_is_judged_anew(self, site, places):
        ((lon, lat),) = places((100, 300))
        site_actions.change_site(site.number, values={"lon": lon, "lat": lat}, by_id=None)

        site.refresh_from_db()
        assert (site.near, site.risk) == ([], "low")

    def test_is_due_for_a_visit_by_its_danger(self, site, crew):
        assert queries.visit_due_at(site) == NOW + timedelta(days=7)
        with clock.frozen(NOW + timedelta(days=3)):
            site_actions.note_at_site(site.number, Step.VISITED, by_id=crew.pk)

        site.refresh_from_db()
        assert queries.visit_due_at(site) == NOW + timedelta(days=10)

    def test_that_damaged_a_pipe_has_it_repaired_and_pays(self, site, crew):
        damage = site_actions.note_at_site(
            site.number, Step.DAMAGED, by_id=crew.pk, asset_code="p1", note="bucket hit it"
        )
        site_actions.note_at_site(site.number, Step.FINISHED, by_id=crew.pk)
        claim = site_actions.note_at_site(
            site.number, Step.CLAIMED, by_id=crew.pk, amount_yuan=12_000
        )

        assert (damage.job.kind, damage.job.priority) == ("repair", "urgent")
        assert damage.job.asset_code == "p1"
        assert claim.amount_yuan == 12_000

    def test_that_damaged_nothing_pays_nothing(self, site, leader):
        with pytest.raises(refusals.NothingDamaged):
            site_actions.note_at_site(site.number, Step.PAID, by_id=leader.pk, amount_yuan=1)

    def test_damaged_once_has_one_repair_however_often_it_is_told(self, site, crew):
        def damage(code, key):
            return site_actions.note_at_site(
                site.number, Step.DAMAGED, by_id=crew.pk, asset_code=code, key=key
            )

        first, again = damage("p1", "k"), damage("p1", "k")
        told_by_another, elsewhere = damage("p1", ""), damage("p2", "")

        assert first == again
        assert told_by_another.job == first.job
        assert elsewhere.job != first.job
        assert site.events.filter(what=Step.DAMAGED).count() == 3

    def test_that_is_finished_is_not_visited(self, site, crew):
        site_actions.note_at_site(site.number, Step.FINISHED, by_id=crew.pk)

        site.refresh_from_db()
        assert queries.visit_due_at(site) is None
        with pytest.raises(refusals.SiteOver):
            site_actions.note_at_site(site.number, Step.VISITED, by_id=crew.pk)


class TestPages:
    def test_register_a_site(self, street, browser, dispatcher, places):
        ((lon, lat),) = places((600, 3))
        given = {
            "name": "Gas pipe",
            "builder": "Gas",
            "lon": lon,
            "lat": lat,
            "near_m": 20,
            "machine": "directional_drill",
            "depth_m": 4,
            "begin_date": "2026-03-01",
        }

        answer = browser(dispatcher).post("/patrol/sites/new/", given)

        assert answer["Location"] == "/patrol/sites/SG-2026-001/"
        row = models.ConstructionSite.objects.get()
        # Drilling 3, deeper than three metres 2, within five metres 2.
        assert (row.near[0][0], row.risk) == ("p2", "critical")

    def test_let_the_place_of_a_site_be_chosen_on_the_map(self, site, browser, dispatcher):
        for url in ("/patrol/sites/new/", f"/patrol/sites/{site.number}/change/"):
            page = browser(dispatcher).get(url).content.decode()

            assert 'data-island="network/place-picker"' in page
            assert 'name="lon"' in page

    def test_show_the_pipes_only_with_the_signed_sheet(self, site, browser, crew):
        office = browser(crew)
        url = f"/patrol/sites/{site.number}/disclosed/"

        assert office.post(url, {"person": "Foreman Liu"}).status_code == 422
        sheet = SimpleUploadedFile("sheet.jpg", jpeg(), "image/jpeg")
        assert office.post(url, {"person": "Foreman Liu", "photos": sheet}).status_code == 302

        site.refresh_from_db()
        assert site.disclosed_at == NOW
        page = office.get(f"/patrol/sites/{site.number}/").content.decode()
        assert "Foreman Liu" in page
        assert "<img" in page

    def test_send_a_form_twice_and_count_it_once(self, site, browser, crew):
        office = browser(crew)
        url = f"/patrol/sites/{site.number}/visited/"
        key = office.get(url).context["form"]["key"].value()

        for _time in range(2):
            assert office.post(url, {"note": "quiet", "key": key}).status_code == 302

        assert key
        assert site.events.filter(what=Step.VISITED).count() == 1

    def test_leave_money_to_those_who_settle_it(self, site, browser, crew, leader):
        site_actions.note_at_site(site.number, Step.DAMAGED, by_id=crew.pk, asset_code="p1")
        url = f"/patrol/sites/{site.number}/"
        given = {"amount_yuan": "500"}

        assert "/money/" not in browser(crew).get(url).content.decode()
        assert browser(crew).post(f"{url}money/claimed/", given).status_code == 403
        assert browser(crew).post(f"{url}claimed/", given).status_code == 404
        assert browser(leader).post(f"{url}money/claimed/", given).status_code == 302
        assert site.events.get(what=Step.CLAIMED).amount_yuan == 500

    def test_show_the_builder_s_contact_to_those_who_work_there(self, site, browser, crew, person):
        site_actions.change_site(
            site.number, values={"contact": "Liu Feng", "phone": "13900005678"}, by_id=None
        )
        url = f"/patrol/sites/{site.number}/"

        seen = browser(crew).get(url).content.decode()
        masked = browser(person("wei", "viewer")).get(url).content.decode()

        assert "Liu Feng" in seen
        assert "13900005678" in seen
        assert "Liu Feng" not in masked
        assert "13900005678" not in masked
        assert "139****5678" in masked
        (read,) = AuditRecord.objects.filter(action="fieldwork.builder_read")
        assert (read.by_id, read.subject) == (crew.pk, f"fieldwork.site:{site.number}")

    def test_offer_a_claim_only_after_damage(self, site, browser, leader, crew):
        office = browser(leader)
        url = f"/patrol/sites/{site.number}/"
        assert "/claimed/" not in office.get(url).content.decode()

        browser(crew).post(f"{url}damaged/", {"asset_code": "p1"})

        assert "/claimed/" in office.get(url).content.decode()

    def test_mark_what_was_not_visited_in_time(self, site, browser, dispatcher):
        with clock.frozen(NOW + timedelta(days=8)):
            office = browser(dispatcher)
            assert "hs-row-alert" in office.get("/patrol/sites/").content.decode()
            assert site.number in office.get("/patrol/sites/?show=late").content.decode()
        assert site.number not in office.get("/patrol/sites/?show=late").content.decode()

    def test_answer_no_for_what_does_not_happen_at_sites(self, site, browser, crew):
        assert browser(crew).get(f"/patrol/sites/{site.number}/exploded/").status_code == 404
