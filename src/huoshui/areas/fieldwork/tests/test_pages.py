"""The pages of jobs as people with different posts meet them."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from huoshui.areas.fieldwork import actions, contracts, models
from huoshui.areas.fieldwork.actions import giving
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User

JobState = contracts.JobState

# A page costs the same number of queries for one job as for fifty.
QUERIES_OF_THE_LIST = 9


@pytest.fixture
def job(street, dispatcher, place):
    return actions.request_job(place=place, by_id=dispatcher.pk, kind=contracts.JobKind.LEAK_SEARCH)


@pytest.fixture
def given(job, dispatcher, crew):
    return actions.assign_job(number=job.number, to=crew, by_id=dispatcher.pk)


def address(name: str, job: models.Job) -> str:
    return reverse(f"fieldwork:{name}", args=[job.number])


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "brown").save(out, "JPEG")
    return SimpleUploadedFile("pit.jpg", out.getvalue(), content_type="image/jpeg")


class TestJobs:
    def test_shows_number_place_and_state_in_words(self, browser, given, crew):
        page = browser(crew).get(reverse("fieldwork:jobs")).content.decode()

        assert given.number in page
        assert "Find a leak: p2 (Old town)" in page
        assert "Assigned" in page

    def test_names_the_customer_where_the_job_is_at_a_home(self, browser, street, dispatcher):
        home = contracts.Place(zone_code="A", lon=113.6, lat=34.75, account_code="600010")
        actions.request_job(place=home, title="Exchange", by_id=dispatcher.pk)

        page = browser(dispatcher).get(reverse("fieldwork:jobs")).content.decode()

        assert "Customer 600010 (Old town)" in page

    @pytest.mark.parametrize(("show", "seen"), [("mine", True), ("overdue", False)])
    def test_narrows_to_what_the_reader_asks_for(self, browser, given, crew, show, seen):
        page = browser(crew).get(reverse("fieldwork:jobs"), {"show": show}).content.decode()

        assert (given.number in page) is seen

    def test_shows_nobody_elses_jobs_as_mine(self, browser, given, leader):
        page = browser(leader).get(reverse("fieldwork:jobs"), {"show": "mine"}).content.decode()

        assert given.number not in page

    def test_narrows_by_zone(self, browser, given, crew):
        page = browser(crew).get(reverse("fieldwork:jobs"), {"zone": "A"}).content.decode()

        assert given.number in page

    def test_can_be_taken_away_as_excel(self, browser, given, crew):
        answer = browser(crew).get(reverse("fieldwork:jobs"), {"format": "xlsx"})

        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert content.startswith(b"PK")

    def test_costs_the_same_for_many_jobs(
        self, browser, street, place, dispatcher, django_assert_max_num_queries
    ):
        for _number in range(20):
            actions.request_job(place=place, by_id=dispatcher.pk)
        client = browser(dispatcher)
        client.get(reverse("fieldwork:jobs"))

        with django_assert_max_num_queries(QUERIES_OF_THE_LIST):
            client.get(reverse("fieldwork:jobs"))

    def test_is_refused_without_a_post(self, browser, person, street):
        answer = browser(person("nobody")).get(reverse("fieldwork:jobs"))

        assert answer.status_code == 403

    def test_speaks_chinese(self, browser, given, crew):
        User.objects.filter(pk=crew.pk).update(language="zh-hans")
        crew.refresh_from_db()

        page = browser(crew).get(reverse("fieldwork:jobs")).content.decode()

        assert "工单" in page
        assert "Assigned" not in page


class TestJobPage:
    def test_offers_the_report_to_the_one_who_has_the_job(self, browser, given, crew):
        page = browser(crew).get(address("job", given)).content.decode()

        assert address("report", given) in page
        assert address("cancel", given) not in page

    def test_is_given_once_by_a_double_click(self, browser, given, leader, dispatcher):
        page = browser(dispatcher)
        before = given.events.filter(what="assigned").count()

        for _ in range(2):
            answer = page.post(
                address("assign", given), {"to": leader.pk, "form_key": "a"}
            )  # fmt: skip
            assert answer.status_code == 302

        assert given.events.filter(what="assigned").count() == before + 1

    def test_offers_nothing_to_a_viewer(self, browser, given, person):
        page = browser(person("wei", "viewer")).get(address("job", given)).content.decode()

        assert given.number in page
        for step in ("assign", "report", "close", "return", "cancel"):
            assert address(step, given) not in page

    @pytest.mark.parametrize(
        ("where", "shown"),
        [
            (contracts.Place(asset_code="p2"), "&quot;code&quot;: &quot;p2&quot;"),
            (contracts.Place(zone_code="A"), "&quot;zone&quot;: &quot;A&quot;"),
            (contracts.Place(lon=113.61, lat=34.75), "&quot;spot&quot;: [113.61, 34.75]"),
        ],
    )
    def test_shows_on_a_map_where_the_job_is(self, browser, street, crew, where, shown):
        job = actions.request_job(place=where, by_id=None)

        page = browser(crew).get(address("job", job)).content.decode()

        assert 'data-island="network/asset-map"' in page
        assert shown in page

    def test_answers_404_for_a_number_nobody_gave(self, browser, street, crew):
        answer = browser(crew).get(reverse("fieldwork:job", args=["J-20200101-001"]))

        assert answer.status_code == 404


class TestNewJob:
    def test_asks_for_a_job_and_shows_it(self, browser, street, dispatcher):
        answer = browser(dispatcher).post(
            reverse("fieldwork:new-job"),
            {"kind": "repair", "asset_code": "p1", "priority": "urgent", "title": "Wet road"},
        )

        job = models.Job.objects.get()
        assert answer.status_code == 302
        assert answer.url == address("job", job)
        assert (job.title, job.zone_code, job.requested_by) == ("Wet road", "A", dispatcher)

    def test_starts_with_the_place_it_was_asked_from(self, browser, street, dispatcher):
        page = browser(dispatcher).get(reverse("fieldwork:new-job"), {"asset": "p2"})

        assert 'value="p2"' in page.content.decode()

    def test_keeps_what_was_typed_when_refused(self, browser, street, dispatcher):
        answer = browser(dispatcher).post(
            reverse("fieldwork:new-job"),
            {"kind": "repair", "asset_code": "p99", "priority": "low", "title": "Wet road"},
        )

        assert answer.status_code == 422
        assert "Wet road" in answer.content.decode()
        assert "The network has nothing called p99." in answer.content.decode()

    def test_is_refused_to_a_crew_member(self, browser, street, crew):
        assert browser(crew).get(reverse("fieldwork:new-job")).status_code == 403


class TestWholePath:
    def test_goes_from_a_crew_with_photos_to_a_second_person(self, browser, job, dispatcher, crew):
        browser(dispatcher).post(address("assign", job), {"to": crew.pk})
        answer = browser(crew).post(
            address("report", job),
            {
                "found": "leak_repaired",
                "found_asset_code": "p2",
                "found_size_m3h": "6.5",
                "note": "Joint packed anew.",
                "photos": [photo(), photo()],
            },
        )
        assert answer.status_code == 302, answer.content.decode()

        page = browser(dispatcher).get(address("job", job)).content.decode()
        assert page.count("<img") == 2
        assert "Leak found and repaired" in page
        assert "Joint packed anew." in page

        browser(dispatcher).post(address("close", job), {"note": ""})
        job.refresh_from_db()
        assert job.state == JobState.CLOSED

    def test_refuses_the_second_step_to_the_first_person(self, browser, given, leader):
        client = browser(leader)
        client.post(address("report", given), {"found": "no_leak_found"})

        answer = client.post(address("close", given), {"note": ""})

        assert answer.status_code == 409
        assert "a second person must check it" in answer.content.decode()

    def test_offers_the_second_step_to_the_second_person_only(
        self, browser, given, leader, dispatcher
    ):
        browser(leader).post(address("report", given), {"found": "no_leak_found"})

        offered = [
            address("close", given) in browser(who).get(address("job", given)).content.decode()
            for who in (leader, dispatcher)
        ]

        assert offered == [False, True]

    def test_offers_no_second_step_to_anybody_who_reported(
        self, browser, given, leader, crew, dispatcher
    ):
        """Two of a crew may report the same job; neither checks what they wrote themselves."""
        browser(leader).post(address("report", given), {"found": "no_leak_found"})
        models.JobReport.objects.create(
            job=given, found="no_leak_found", reported_by=crew, reported_at=clock.now()
        )

        page = browser(leader).get(address("job", given)).content.decode()
        assert address("close", given) not in page
        answer = browser(leader).post(address("close", given), {"note": ""})
        assert answer.status_code == 409
        given.refresh_from_db()
        assert given.state == JobState.DONE

    def test_is_offered_to_everybody_of_the_crew_that_has_it(
        self, browser, job, dispatcher, make_crew, person
    ):
        make_crew("a")
        giving.give_to_crew(job.number, crew_code="a", by_id=dispatcher.pk)
        theirs = browser(User.objects.get(username="la"))

        assert address("report", job) in theirs.get(address("job", job)).content.decode()
        stranger = browser(person("nobody_of_a", "crew"))
        assert address("report", job) not in stranger.get(address("job", job)).content.decode()

    def test_asks_where_a_leak_was(self, browser, given, crew):
        answer = browser(crew).post(
            address("report", given), {"found": "leak_repaired", "found_asset_code": ""}
        )

        assert answer.status_code == 422
        assert "Please say at which asset the leak was." in answer.content.decode()

    def test_asks_for_the_photos_again_when_something_else_is_missing(self, browser, given, crew):
        answer = browser(crew).post(
            address("report", given),
            {"found": "leak_repaired", "found_asset_code": "", "photos": [photo()]},
        )

        assert "Please choose the files again" in answer.content.decode()

    def test_that_is_sent_twice_is_taken_once_and_thanked_for(self, browser, given, crew):
        page = browser(crew)
        assert 'name="form_key"' in page.get(address("report", given)).content.decode()
        said = {"found": "no_leak_found", "form_key": "a"}

        answers = [page.post(address("report", given), said) for _ in range(2)]

        assert [one.status_code for one in answers] == [302, 302]
        assert models.JobReport.objects.count() == 1

    def test_keeps_no_photo_of_a_refused_report(self, browser, given, person):
        from huoshui.kernel.files.models import StoredFile

        other = browser(person("zhao", "crew"))
        answer = other.post(
            address("report", given), {"found": "no_leak_found", "photos": [photo()]}
        )

        assert answer.status_code == 403
        assert not StoredFile.objects.exists()

    @pytest.mark.parametrize("step", ["assign", "close", "return", "cancel"])
    def test_refuses_steps_that_a_post_does_not_have(self, browser, given, crew, step):
        assert browser(crew).post(address(step, given), {}).status_code == 403


class TestPanels:
    def test_show_jobs_on_the_page_of_their_asset(self, browser, given, crew):
        page = browser(crew).get(reverse("network:asset", args=["p2"])).content.decode()

        assert address("job", given) in page

    def test_show_jobs_on_the_page_of_their_zone(self, browser, given, dispatcher):
        page = browser(dispatcher).get(reverse("network:zone", args=["A"])).content.decode()

        assert address("job", given) in page
        assert f"{reverse('fieldwork:new-job')}?zone=A" in page
