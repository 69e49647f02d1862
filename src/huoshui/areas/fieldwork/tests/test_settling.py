"""Two people reported one job and say different things; who closes it decides, field by field."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.fieldwork import actions, contracts, models, refusals
from huoshui.areas.fieldwork.queries import differing
from huoshui.areas.fieldwork.tests.conftest import NOW
from huoshui.kernel import events

Made = contracts.ReportMadeBy


@pytest.fixture
def job(street, dispatcher, crew, person, place):
    """A job that Chen and Zhao reported; Zhao later, and so by the rule what counts."""
    row = actions.request_job(place=place, by_id=dispatcher.pk)
    row.state = contracts.JobState.DONE
    row.save()
    chen = {
        "found": "leak_repaired",
        "found_asset_code": "p1",
        "found_size_m3h": 4.0,
        "note": "Clamp set.",
    }
    zhao = {"found": "leak_repaired", "found_asset_code": "p2", "found_size_m3h": None, "note": ""}
    by = {"chen": crew, "zhao": person("zhao", "crew")}
    put = {
        "found": "leak_repaired",
        "found_asset_code": "p2",
        "found_size_m3h": 4.0,
        "note": "Clamp set.",
    }
    for minutes, who, made_by, said in (
        (30, "chen", Made.PERSON, chen), (10, "zhao", Made.PERSON, zhao),
        (10, "zhao", Made.RULE, put),
    ):  # fmt: skip
        models.JobReport.objects.create(
            job=row, reported_at=NOW - timedelta(minutes=minutes), reported_by=by[who],
            made_by=made_by, **said,
        )  # fmt: skip
    return row


class TestDiffering:
    def test_names_who_said_what_where_they_disagree(self, job):
        (one,) = differing.of_job(job.pk)

        assert one.field == "found_asset_code"
        assert [(v.by, v.value) for v in one.versions] == [("Chen", "p1"), ("Zhao", "p2")]
        assert one.counts == one.versions[1].report_id

    def test_is_nothing_for_one_report(self, job):
        models.JobReport.objects.exclude(reported_by__username="chen").delete()

        assert differing.of_job(job.pk) == []

    def test_forgets_what_was_sent_back(self, job, dispatcher):
        actions.return_job(number=job.number, by_id=dispatcher.pk, reason="Look again.")

        assert differing.of_job(job.pk) == []


class TestClose:
    def test_keeps_the_chosen_version_as_a_further_report(self, job, dispatcher, monkeypatch):
        told = []
        monkeypatch.setattr(events, "publish", told.append)
        (one,) = differing.of_job(job.pk)

        actions.close_job(
            number=job.number, by_id=dispatcher.pk,
            chosen={"found_asset_code": one.versions[0].report_id},
        )  # fmt: skip

        rows = models.JobReport.objects.order_by("id")
        assert [row.made_by for row in rows] == ["person", "person", "rule", "choice"]
        assert (rows[3].found_asset_code, rows[3].found_size_m3h) == ("p1", 4.0)
        assert told[0].found_asset_code == "p1"
        assert differing.of_job(job.pk) == []

    def test_has_no_place_of_a_leak_where_the_closer_follows_who_found_none(self, job, dispatcher):
        zhao = models.JobReport.objects.filter(reported_by__username="zhao", made_by="person")
        zhao.update(found="no_leak_found", found_asset_code="")
        none = zhao.get()

        actions.close_job(number=job.number, by_id=dispatcher.pk, chosen={"found": none.pk})

        last = models.JobReport.objects.order_by("id").last()
        assert (last.found, last.found_asset_code, last.found_size_m3h) == (
            "no_leak_found", "", None,
        )  # fmt: skip

    def test_takes_what_the_rule_put_together_where_nothing_is_chosen(self, job, dispatcher):
        actions.close_job(number=job.number, by_id=dispatcher.pk)

        assert models.JobReport.objects.count() == 3

    def test_refuses_a_report_that_is_not_of_this_difference(self, job, dispatcher):
        with pytest.raises(refusals.NoSuch):
            actions.close_job(number=job.number, by_id=dispatcher.pk, chosen={"found": 1})

    def test_refuses_whoever_reported_it_before_anything_is_kept(self, job, crew):
        with pytest.raises(refusals.SamePersonMayNotClose):
            actions.close_job(number=job.number, by_id=crew.pk, chosen={"found": 1})


class TestPages:
    def test_show_both_versions_and_let_the_closer_choose(self, browser, dispatcher, job):
        client = browser(dispatcher)
        page = client.get(reverse("fieldwork:job", args=[job.number])).content.decode()
        assert "The reports differ" in page
        assert "counts now" in page

        url = reverse("fieldwork:close", args=[job.number])
        form = client.get(url).content.decode()
        (one,) = differing.of_job(job.pk)
        for version in one.versions:
            assert f'<option value="{version.report_id}"' in form
        assert client.post(url, {"note": ""}).status_code == 422

        first = one.versions[0].report_id
        assert client.post(url, {"found_asset_code": first}).status_code == 302
        page = client.get(reverse("fieldwork:job", args=[job.number])).content.decode()
        assert "Chosen from the reports" in page
        assert "The reports differ" not in page
