"""The first day of the cold wave, 7 January from 06:00 to 17:00, played in the real parts.

Goal: what the product counts at 17:00 is what the script says happened and what its records hold.
Method: more than a thousand calls as the telephone system tells them, noted by agents, sent to
forty crews of a hundred people, written down on phones, closed by a second person. The clock
stands at each deed; nothing is written past the doors that people use.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from huoshui.areas.customers import facade as customers
from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.fieldwork.models import Job, JobEvent, JobWait, Stock, StockMovement
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.hotline.models import Call, IncidentCall
from huoshui.areas.surge import facade as surge
from huoshui.areas.surge.models import SurgeReport
from huoshui.democity.cold_wave import town, truth
from huoshui.democity.cold_wave.script import MORNING_S, Cure, Why
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts.models import User
from huoshui.kernel.cases.models import Case
from tests.journeys import wave

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
# The stage lets what recurs happen every ten minutes, and a dispatcher looks every two.
LOOKED_AFTER = timedelta(minutes=20)


@pytest.fixture(scope="module")
def day(django_db_setup, django_db_blocker, tmp_path_factory):
    """The whole day, played once for all tests of this module and then undone."""
    with wave.played(MORNING_S, django_db_blocker, tmp_path_factory) as found:
        yield found


def seen(address: str, username: str = "zhangmin", **query: str) -> str:
    """Return a page as somebody sees it."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def stretches_without_crew() -> list[tuple[Job, datetime, datetime]]:
    """Return when each job had no crew, by the steps of its history; the last may go on now."""
    found, since = [], {}
    for step in JobEvent.objects.select_related("job").order_by("at", "id"):
        if step.what in ("requested", "taken_back"):
            since[step.job] = step.at
        elif step.what in ("assigned", "cancelled") and step.job in since:
            found.append((step.job, since.pop(step.job), step.at))
    return found + [(job, at, clock.now()) for job, at in since.items()]


def cases_of(day: SimpleNamespace) -> set[str]:
    """Return the numbers of the repair cases of calls that began until 17:00."""
    calls = Call.objects.filter(began_at__lt=day.until, kind="repair").exclude(case_number="")
    return set(calls.values_list("case_number", flat=True))


class TestTheCast:
    def test_is_a_hundred_people_in_forty_crews(self, day):
        assert (len(fieldwork.crew_codes()), fieldwork.crew_people()) == (40, 100)

    def test_answered_the_call_up(self, day):
        assert surge.figures(day.surge, day.until)["crews_acknowledged"] == 40

    def test_was_refused_nothing(self, day):
        assert not day.ledger.refused, day.ledger.examples

    def test_phones_had_every_entry_taken(self, day):
        assert {one.split(": ")[1] for one in day.ledger.receipts} == {"taken"}


class TestTheCalls:
    def test_are_all_there_and_sorted_as_they_were_meant(self, day):
        figures = hotline.figures(day.from_at, day.until)

        assert figures["all"] == day.truth.calls
        assert figures["enquiry"] == day.truth.enquiries
        assert figures["repair"] == day.truth.repairs
        assert figures["complaint"] == day.truth.complaints
        assert figures["abandoned"] == day.truth.given_up
        assert figures["wrong_number"] == day.truth.wrong_numbers
        assert figures["unsorted"] == 0

    def test_stand_so_in_the_report_of_17_oclock(self, day):
        page = seen(reverse("hotline:report"), "wuqiang", day="2026-01-07", until="17:00")
        lines = dict(re.findall(r"<dt>([^<]+)</dt><dd><a href=\"[^\"]*\">(\d+)</a>", page))

        assert int(lines["Calls in all"]) == day.truth.calls
        assert int(lines["Enquiries"]) == day.truth.enquiries
        assert int(lines["Repairs"]) == day.truth.repairs

    def test_come_from_as_many_estates_as_the_script_names(self, day):
        rows = Call.objects.filter(began_at__lt=day.until, kind="repair")

        assert len(set(rows.values_list("estate_code", flat=True))) == day.truth.estates > 30

    def test_about_the_same_thing_are_folded(self, day):
        members = IncidentCall.objects.filter(
            call__began_at__lt=day.until, unfolded_at__isnull=True
        )
        beyond_the_first = members.count() - members.values("incident").distinct().count()

        assert beyond_the_first == day.truth.folded
        assert len(cases_of(day)) == day.truth.troubles

    def test_find_what_they_are_about_among_the_three_that_the_desk_shows(self, day):
        assert day.ledger.not_proposed == []

    def test_that_ask_something_are_no_repairs(self, day):
        asked = Call.objects.filter(kind="enquiry").values("case_number")
        opened = Case.objects.filter(number__in=asked).values_list("type_code", flat=True)

        assert set(opened) == {"hotline.enquiry"}
        origins = {
            f"hotline.case:{number}" for number in asked.values_list("case_number", flat=True)
        }
        assert not Job.objects.filter(origin__in=origins).exists()


class TestTheCrews:
    def test_have_every_repair(self, day):
        asked = set(Job.objects.values_list("origin", flat=True))

        assert not [one for one in cases_of(day) if hotline.job_origin(one) not in asked]

    def test_are_kept_from_a_job_by_what_the_board_says_of_each_of_them(self, day):
        """What is kept for each waiting job is what the board says of all crews, one by one."""
        fieldwork.look_for_crews()
        waiting = Job.objects.filter(state=fieldwork_contracts.JobState.REQUESTED)
        kept = fieldwork.waits()

        assert set(kept) == set(waiting.values_list("number", flat=True))
        for number, one in kept.items():
            first = fieldwork.able_crews(number)[0]
            assert (one.crew_code, one.faults, one.lacking) == (
                first.code, first.faults, first.lacking,
            )  # fmt: skip

    def test_left_no_job_waiting_without_a_reason(self, day):
        """From twenty minutes after it was asked for until a crew had it, whenever that was."""
        stretches = stretches_without_crew()
        waited = [one for one in stretches if one[2] - one[1] > LOOKED_AFTER]

        assert {job.number for job, _since, _until in stretches} == set(
            Job.objects.values_list("number", flat=True)
        )
        for job, since, until in waited:
            reasons = list(job.waits.order_by("id").values_list("from_at", "until"))
            assert reasons, job.number
            assert reasons[0][0] <= since + LOOKED_AFTER
            ends = [end or clock.now() for _begin, end in reasons]
            assert all(begin <= end for (begin, _), end in zip(reasons[1:], ends, strict=False))
            assert ends[-1] >= until
        assert not JobWait.objects.filter(until=None).exclude(job__state="requested").exists()

    def test_were_given_what_they_could_do_soon(self, day):
        for one in JobWait.objects.filter(faults=[]):
            assert (one.until or clock.now()) - one.from_at <= LOOKED_AFTER, one.job.number

    def test_did_what_their_phones_say(self, day):
        reported = Job.objects.filter(
            state__in=("done", "closed"), reports__reported_at__lt=day.until
        )
        found = Counter(reported.values_list("reports__found", flat=True))

        for name, cure in (("meter_exchanged", Cure.EXCHANGE), ("thawed", Cure.THAW),
                           ("repaired", Cure.REPAIR)):  # fmt: skip
            assert found[name] == day.ledger.cured(cure, MORNING_S) > 0

    def test_say_on_the_case_what_was_found(self, day):
        for job in Job.objects.filter(state="closed").prefetch_related("reports")[:60]:
            case = cases.case(job.origin.removeprefix("hotline.case:"))
            assert case.fields["result"] == job.reports.get().found
            assert case.state in ("call_back", "closed")

    def test_exchanged_meters_stand_in_the_register(self, day):
        told = customers.meter_exchanges(since=day.from_at, until=day.until)

        assert len(told) == day.ledger.cured(Cure.EXCHANGE, MORNING_S)
        assert all(one.is_in_register for one in told)
        for one in told[:20]:
            meters = [meter.number for meter in customers.account(one.account_code).meters]
            assert (one.new_number in meters, one.old_number in meters) == (True, False)


class TestTheStock:
    def test_was_never_short_in_the_books(self, day):
        assert not StockMovement.objects.filter(is_difference=True).exists()
        assert not Stock.objects.filter(quantity__lt=0).exists()

    def test_lost_as_many_meters_as_crews_exchanged(self, day):
        used = StockMovement.objects.filter(part__code="meter_dn15", why="issued")

        assert sum(used.values_list("quantity", flat=True)) == day.ledger.cured(Cure.EXCHANGE)

    def test_was_warned_of_before_it_ran_out(self, day):
        (first, *_more) = [
            one for one in fieldwork.stock_warnings(since=day.from_at)
            if one.part_code == "meter_dn15"
        ]  # fmt: skip

        assert first.lying > 0
        assert first.began_at < day.until
        assert first.runs_out_at is None or first.runs_out_at > first.began_at
        assert day.wave.keeper.orders


class TestTheReportOf17:
    def test_counts_what_the_script_says(self, day):
        figures, said = day.report.figures, day.truth

        assert figures["calls"] == said.calls
        assert figures["abandoned"] == said.given_up
        assert figures["estates"] == said.estates
        assert figures["repeated_callers"] == said.callers_again
        # Whoever was on the line at 17:00 is noted after it, and stands apart until then.
        open_calls = figures["unsorted"]
        assert open_calls <= town.SEATS
        sorts = {
            "enquiries": said.enquiries, "repairs": said.repairs, "complaints": said.complaints,
            "wrong_numbers": said.wrong_numbers,
        }  # fmt: skip
        assert sum(sorts.values()) - sum(figures[one] for one in sorts) == open_calls
        assert all(0 <= sorts[one] - figures[one] <= open_calls for one in sorts)
        assert 0 <= said.troubles - figures["cases"] <= open_calls
        assert 0 <= said.folded - figures["folded"] <= open_calls

    def test_counts_what_the_records_hold(self, day):
        figures = day.report.figures
        exchanged = customers.meter_exchanges(since=day.from_at, until=day.until)

        assert figures["meters_exchanged"] == len(exchanged)
        assert figures["meters_exchanged"] == day.ledger.cured(Cure.EXCHANGE, MORNING_S)
        assert figures["cases"] == figures["jobs"]
        assert figures["jobs"] == figures["jobs_given"] + figures["jobs_waiting"]

    def test_gives_a_reason_for_each_job_without_a_crew(self, day):
        rows = SurgeReport.objects.get(number=day.report.number).rows
        waiting = [rows[key] for key in day.report.keys["jobs_waiting"]]

        assert len(waiting) == day.report.figures["jobs_waiting"]
        for row in waiting:
            asked_at = datetime.fromisoformat(row["at"])
            assert "faults" in row or asked_at > day.until - LOOKED_AFTER, row["case"]

    def test_says_the_same_when_it_is_opened(self, day):
        page = seen(reverse("surge:report", args=[day.report.number]), "liwei")

        for figure in ("calls", "enquiries", "repairs", "meters_exchanged"):
            assert re.search(rf"\b{day.report.figures[figure]:,.0f}\b", page), figure

    def test_compares_the_warned_with_those_whom_nobody_told(self, day):
        said = truth.exposed(day.script, MORNING_S)
        found = surge.compare(day.surge, day.until).at_risk

        assert (found.warned.accounts, found.warned.hit) == (said.warned, said.warned_frozen)
        assert (found.others.accounts, found.others.hit) == (
            said.not_warned, said.not_warned_frozen,
        )  # fmt: skip
        share, other = said.warned_frozen / said.warned, said.not_warned_frozen / said.not_warned
        assert found.ratio == pytest.approx(share / other)
        assert found.ratio_min < found.ratio < found.ratio_max


class TestThePeople:
    def test_who_called_twice_are_known_by_their_number(self, day):
        calls = Counter(
            Call.objects.filter(began_at__lt=day.until).values_list("caller_key", flat=True)
        )

        assert sum(times > 1 for times in calls.values()) == day.truth.callers_again

    def test_are_called_back_one_by_one_also_of_an_incident(self, day):
        over = Case.objects.filter(type_code="hotline.repair", state="closed")
        members = IncidentCall.objects.filter(incident__case_number__in=over.values("number"))

        assert over.exists()
        assert not members.filter(called_back_at__isnull=True).exists()

    def test_were_warned_or_not_as_the_register_says(self, day):
        exposed = set(customers.exposed_accounts())
        said = {one.account for one in day.script.homes if one.is_exposed}
        frozen = {
            one.home.account for one in day.script.calls
            if one.why is Why.FIRST and one.topic == "frozen_meter" and one.at_s < MORNING_S
        }  # fmt: skip
        rows = Call.objects.filter(began_at__lt=day.until, topic__code="frozen_meter")

        assert exposed == said
        assert frozen <= set(rows.values_list("account_code", flat=True))
