"""The pages, panels and API of leakage, as people with different posts meet them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.leakage import actions, facade, models
from huoshui.areas.leakage.tests.conftest import TODAY
from huoshui.areas.telemetry import facade as telemetry
from huoshui.kernel.accounts.models import User

API = "/api/v1/leakage"
# Session, person, posts, zones, setups, their points, nights, suspicions, savings, sums.
QUERIES_OF_THE_OVERVIEW = 14


@pytest.fixture
def leak(nights) -> models.SuspectedLeak:
    nights(60, TODAY, leaking=3, extra_m3h=6.0)
    return models.SuspectedLeak.objects.get()


@pytest.fixture
def viewer(person) -> User:
    return person("wei", "viewer")


def address(name: str, leak: models.SuspectedLeak) -> str:
    return reverse(f"leakage:{name}", args=[leak.pk])


class TestZones:
    def test_show_tonight_against_the_band_and_what_it_costs(self, browser, leak, viewer):
        page = browser(viewer).get(reverse("leakage:zones")).content.decode()

        assert "Old town" in page
        assert "Higher than expected" in page
        assert address("leak", leak) in page
        assert "leakage/night-flow-chart" in page

    def test_say_what_to_do_while_no_zone_is_watched(self, browser, viewer):
        page = browser(viewer).get(reverse("leakage:zones")).content.decode()

        assert "No zone is watched yet." in page

    def test_cost_a_fixed_number_of_queries(
        self, browser, leak, viewer, django_assert_max_num_queries
    ):
        client = browser(viewer)
        client.get(reverse("leakage:zones"))

        with django_assert_max_num_queries(QUERIES_OF_THE_OVERVIEW):
            client.get(reverse("leakage:zones"))

    def test_are_refused_without_a_post(self, browser, person, leak):
        assert browser(person("nobody")).get(reverse("leakage:zones")).status_code == 403


class TestZonePage:
    def test_explains_how_the_number_is_made(self, browser, leak, viewer):
        page = browser(viewer).get(reverse("leakage:zone", args=["A"])).content.decode()

        assert "How this number is made" in page
        assert "02:00–04:00" in page
        assert "night-flow 2" in page

    def test_says_that_a_zone_is_not_watched(self, browser, street, viewer):
        answer = browser(viewer).get(reverse("leakage:zone", args=["Z"]))

        assert answer.status_code == 404
        assert "not watched" in answer.content.decode()


class TestLeakPages:
    def test_list_sizes_and_states(self, browser, leak, viewer):
        page = browser(viewer).get(reverse("leakage:leaks")).content.decode()

        assert address("leak", leak) in page
        assert "Open" in page

    def test_tell_size_interval_and_cost(self, browser, leak, viewer):
        page = browser(viewer).get(address("leak", leak)).content.decode()

        assert "95 % interval" in page
        assert "Detected by the night flow" in page
        assert "sum of each night" in page

    def test_are_reached_from_the_alarm_they_raised(self, browser, leak, person):
        (alarm,) = telemetry.standing_alarms()
        page = browser(person("wang", "dispatcher")).get(
            reverse("telemetry:alarm", args=[alarm.id])
        )

        assert address("leak", leak) in page.content.decode()

    def test_speak_chinese_without_a_word_of_english(self, browser, leak, viewer):
        viewer.language = "zh-hans"
        viewer.save()

        page = browser(viewer).get(address("leak", leak)).content.decode()

        assert "疑似漏损" in page
        assert "95 % 置信区间" in page
        for english in ("Suspected leak ", "interval", "Detected", "Estimate"):
            assert english not in page

    def test_offer_nothing_to_a_viewer(self, browser, leak, viewer):
        page = browser(viewer).get(address("leak", leak)).content.decode()

        assert address("make-job", leak) not in page
        assert address("dismiss", leak) not in page

    @pytest.mark.parametrize("post", ["leakage_engineer", "dispatcher", "manager"])
    def test_make_a_job_by_one_click(self, browser, leak, person, post):
        client = browser(person("somebody", post))
        assert address("make-job", leak) in client.get(address("leak", leak)).content.decode()

        answer = client.post(address("make-job", leak))

        leak.refresh_from_db()
        assert answer.url == reverse("fieldwork:job", args=[leak.job_number])
        job_page = client.get(answer.url).content.decode()
        assert "Why this job" in job_page

    @pytest.mark.parametrize("post", ["viewer", "crew"])
    def test_refuse_a_job_to_others(self, browser, leak, person, post):
        assert browser(person("x", post)).post(address("make-job", leak)).status_code == 403

    def test_do_nothing_when_only_looked_at(self, browser, leak, engineer):
        assert browser(engineer).get(address("make-job", leak)).status_code == 405

    def test_dismiss_with_a_reason(self, browser, leak, engineer):
        client = browser(engineer)
        assert client.post(address("dismiss", leak), {"reason": ""}).status_code == 422

        client.post(address("dismiss", leak), {"reason": "Street washing."})

        leak.refresh_from_db()
        assert (leak.state, leak.reason) == ("dismissed", "Street washing.")

    def test_refuse_dismissal_to_a_dispatcher(self, browser, leak, dispatcher):
        assert browser(dispatcher).get(address("dismiss", leak)).status_code == 403


class TestPanel:
    def test_shows_the_night_flow_on_the_page_of_the_zone(self, browser, leak, viewer):
        page = browser(viewer).get(reverse("network:zone", args=["A"])).content.decode()

        assert address("leak", leak) in page


class TestApi:
    def test_gives_zones_nights_and_leaks(self, browser, leak, viewer):
        client = browser(viewer)

        (zone,) = client.get(f"{API}/zones").json()
        nights = client.get(f"{API}/zones/A/nights", {"period": "month"}).json()
        (one,) = client.get(f"{API}/leaks", {"zone": "A"}).json()

        assert (zone["zone_code"], zone["suspected_leak"]) == ("A", leak.pk)
        assert len(nights["columns"]["date"]) == 31
        assert nights["leaks"][0]["since"] == (TODAY - timedelta(days=2)).isoformat()
        assert one["state"] == "open"
        assert client.get(f"{API}/leaks/{leak.pk}").json() == one

    def test_puts_the_leak_on_the_map(self, browser, leak, viewer):
        (feature,) = browser(viewer).get(f"{API}/map").json()["features"]

        assert feature["properties"]["sign"] == "leak"
        assert 0 < feature["properties"]["size"] <= 1
        assert feature["geometry"]["coordinates"][0] == pytest.approx(113.605, abs=0.001)

    def test_makes_a_job(self, browser, leak, engineer):
        answer = browser(engineer).post(f"{API}/leaks/{leak.pk}/job")

        assert answer.status_code == 201
        assert fieldwork.job(answer.json()["job_number"]) is not None

    def test_refuses_with_code_and_next_step(self, browser, leak, engineer):
        actions.make_job(leak_id=leak.pk, by_id=engineer.pk)

        answer = browser(engineer).post(
            f"{API}/leaks/{leak.pk}/dismiss",
            {"reason": "Flushing."},
            content_type="application/json",
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "leakage.job_running")
        assert answer.json()["next_step"]

    @pytest.mark.parametrize(("step", "body"), [("job", {}), ("dismiss", {"reason": "x"})])
    def test_refuses_deeds_to_a_viewer(self, browser, leak, viewer, step, body):
        answer = browser(viewer).post(
            f"{API}/leaks/{leak.pk}/{step}", body, content_type="application/json"
        )

        assert answer.status_code == 403


class TestSetUpZone:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"zone_code": "Z"}, "leakage.unknown_zone"),
            ({"inlets": []}, "leakage.no_inlet"),
            ({"inlets": ["p9.flow"]}, "leakage.unknown_points"),
            ({"inlets": ["T1.level"]}, "leakage.wrong_kind"),
        ],
    )
    def test_refuses_what_cannot_be_measured(self, street, changes, code):
        from huoshui.kernel import errors

        wanted = {"zone_code": "A", "inlets": ["p1.flow"], **changes}
        with pytest.raises(errors.Refused) as refused:
            facade.set_up_zone(wanted.pop("zone_code"), **wanted)

        assert refused.value.code == code

    def test_is_done_on_a_page(self, browser, street, engineer):
        client = browser(engineer)
        zone_page = client.get(reverse("network:zone", args=["A"])).content.decode()
        url = reverse("leakage:set-up", args=["A"])
        assert url in zone_page

        answer = client.post(
            url,
            {
                "inlets": "p1.flow",
                "outlets": "",
                "level_point": "T1.level",
                "tank_area_m2": "50",
                "meters": "n1.use, n2.use",
                "price_yuan": "2.80",
            },
        )

        assert answer.status_code == 302, answer.content.decode()
        setup = models.ZoneSetup.objects.get()
        assert (setup.price_cents_per_m3, setup.tank_area_m2) == (280, 50.0)
        assert setup.points.count() == 4
        assert "n1.use, n2.use" in client.get(url).content.decode()

    def test_keeps_the_form_when_a_point_is_unknown(self, browser, street, engineer):
        answer = browser(engineer).post(
            reverse("leakage:set-up", args=["A"]), {"inlets": "p9.flow", "price_yuan": "3"}
        )

        assert answer.status_code == 422
        assert "These measuring points are not known: p9.flow." in answer.content.decode()

    @pytest.mark.parametrize("post", ["viewer", "dispatcher"])
    def test_is_refused_to_others(self, browser, street, person, post):
        answer = browser(person("x", post)).get(reverse("leakage:set-up", args=["A"]))

        assert answer.status_code == 403

    def test_changes_nothing_the_second_time(self, zone):
        from huoshui.kernel.audit.models import AuditRecord

        facade.set_up_zone("A", inlets=["p1.flow"], price_cents_per_m3=300)

        zone.refresh_from_db()
        assert zone.watched_since == TODAY - timedelta(days=365)
        assert AuditRecord.objects.filter(action="leakage.zone_set_up").count() == 1
