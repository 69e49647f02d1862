"""What phones hand in: once, in its place, and never thrown away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError

from huoshui.areas.fieldwork import actions, contracts, models
from huoshui.areas.fieldwork.phone import actions as actions_of_phones
from huoshui.areas.fieldwork.phone.models import PhoneEntry
from huoshui.areas.fieldwork.phone.tests.conftest import NOW, NOW_MS, Phone, sha
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.notices.models import Notice

FINISHED = {"found": "leak_repaired", "found_asset_code": "p2", "found_size_m3h": 6.5}


class TestEntries:
    def test_count_once_however_often_they_come(self, phone, job):
        entry = phone.entry("finish", job.number, **FINISHED)

        first, second = phone.send(entry), phone.send(entry)

        assert first == second
        assert first[0]["outcome"] == "taken"
        assert models.JobReport.objects.count() == PhoneEntry.objects.count() == 1
        assert AuditRecord.objects.filter(action="fieldwork.phone_entry").count() == 1

    def test_tell_every_phone_of_the_crew_how_far_it_has_come(self, phone, job, dispatcher, crew):
        def come():
            day = phone.client.get("/api/v1/fieldwork/phone/day").json()
            return day["jobs"][0]["come"]

        assert come() == ""
        phone.send(phone.entry("accept", job.number))
        assert come() == "accepted"
        phone.send(phone.entry("arrive", job.number))
        assert come() == "arrived"

        with clock.frozen(NOW + timedelta(hours=1)):
            actions.assign_job(number=job.number, to=crew, by_id=dispatcher.pk)
            assert come() == ""

    def test_are_not_exchanged_under_the_same_key(self, phone, job):
        entry = phone.entry("note", job.number, text="dry")
        phone.send(entry)
        other = phone.entry("note", job.number, text="wet")

        (receipt,) = phone.send({**other, "id": entry["id"]})

        assert (receipt["code"], receipt["is_kept"]) == ("fieldwork.entry_differs", False)
        assert "dry" in PhoneEntry.objects.get().payload

    def test_damaged_on_the_way_are_asked_for_again(self, phone, job):
        entry = phone.entry("note", job.number, text="dry")

        (receipt,) = phone.send({**entry, "payload": entry["payload"].replace("dry", "wet")})

        assert (receipt["code"], receipt["is_kept"]) == ("fieldwork.entry_damaged", False)
        assert phone.send(entry)[0]["outcome"] == "taken"

    def test_that_our_own_error_stops_are_kept_and_hold_up_nothing(
        self, phone, job, monkeypatch, caplog
    ):
        def break_down(*_given):
            raise ZeroDivisionError

        monkeypatch.setattr(actions_of_phones.finishing, "finish", break_down)
        entry = phone.entry("finish", job.number, **FINISHED)

        first, second = phone.send(entry, phone.entry("note", job.number, text="dry"))

        assert (first["code"], first["is_kept"]) == ("fieldwork.entry_failed", True)
        assert first["message"]
        assert second["outcome"] == "taken"
        assert phone.send(entry) == [first]
        assert "ZeroDivisionError" in caplog.text

    def test_that_two_requests_wrote_at_once_go_again(self, phone, job, monkeypatch):
        real, calls = actions_of_phones.finishing.finish, []

        def collide_once(*given):
            calls.append(given)
            if len(calls) == 1:
                raise IntegrityError
            real(*given)

        monkeypatch.setattr(actions_of_phones.finishing, "finish", collide_once)

        (receipt,) = phone.send(phone.entry("finish", job.number, **FINISHED))

        assert receipt["outcome"] == "taken"
        assert models.JobReport.objects.count() == 1

    def test_are_sent_again_whole_while_the_database_is_away(self, phone, job, monkeypatch):
        def away(*_given):
            raise OperationalError("no line")

        monkeypatch.setattr(actions_of_phones.finishing, "finish", away)
        entry = phone.entry("finish", job.number, **FINISHED)
        handed = actions_of_phones.Handed(entry["id"], entry["payload"], entry["payload_hash"])
        crew = job.assigned_to

        with pytest.raises(OperationalError):
            actions_of_phones.receive(phone_id=phone.id, sent_ms=NOW_MS, entries=[handed], by=crew)
        assert PhoneEntry.objects.count() == 0

    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            (lambda one: "[" * 19_000, "fieldwork.entry_failed"),
            (lambda one: one["payload"] + " " * 20_000, "fieldwork.entry_too_long"),
            (lambda one: one["payload"].replace('"note"', '"\\ud800"'), "fieldwork.entry_failed"),
        ],
        ids=["no end of brackets", "too long", "half a character as its kind"],
    )
    def test_that_nobody_can_take_hold_up_nothing(self, phone, job, spoil, code):
        entry = phone.entry("note", job.number, text="wet")
        payload = spoil(entry)
        bad = {**entry, "payload": payload, "payload_hash": sha(payload.encode())}

        first, second = phone.send(bad, phone.entry("note", job.number, text="dry"))

        assert (first["outcome"], first["code"]) == ("refused", code)
        assert first["message"]
        assert second["outcome"] == "taken"

    @pytest.mark.parametrize(
        ("kind", "body", "names"),
        [
            ("note", {"text": " "}, "Note"),
            ("reading", {"what": "pressure_mpa", "value": "high"}, "Value"),
            ("reading", {"what": "smell", "value": 1}, "What was read"),
            (
                "meter",
                {"old_number": "M1", "old_reading_m3": 12, "new_number": "M1",
                 "start_reading_m3": 0},
                "Number of the new meter",
            ),
            ("meter", {"old_number": "M1", "old_reading_m3": -1, "new_number": "M2",
                       "start_reading_m3": 0}, "Last reading of the old meter [m³]"),
        ],
    )  # fmt: skip
    def test_with_wrong_values_are_refused_with_their_names_and_still_kept(
        self, phone, job, kind, body, names
    ):
        (receipt,) = phone.send(phone.entry(kind, job.number, **body))

        assert receipt["outcome"] == "refused"
        assert names in receipt["message"]
        assert receipt["next_step"]
        assert receipt["is_kept"]

    def test_write_arrival_meter_and_material_on_the_page_of_the_job(
        self, phone, job, dispatcher, browser
    ):
        phone.send(
            phone.entry("accept", job.number),
            phone.entry("arrive", job.number),
            phone.entry("step", job.number, step="safe", done=True),
            phone.entry(
                "meter", job.number, old_number="M100", old_reading_m3=1234.5, new_number="M200",
                start_reading_m3=0,
            ),
            phone.entry("material", job.number, name="Coupling DN150", amount=2, unit="pcs"),
        )  # fmt: skip

        page = browser(dispatcher).get(f"/fieldwork/jobs/{job.number}/").content.decode()

        for words in ("Accepted by the crew", "Crew arrived", "M100", "M200", "Coupling DN150 × 2"):
            assert words in page
        assert "Make the place safe" in page

    def test_of_somebody_who_never_had_the_job_are_refused(self, job, phone_of, person):
        stranger = phone_of(person("wu", "crew"))

        (receipt,) = stranger.send(stranger.entry("note", job.number, text="x"))

        assert (receipt["outcome"], receipt["code"]) == ("refused", "fieldwork.not_your_job")

    def test_of_no_job_are_refused(self, phone, street):
        (receipt,) = phone.send(phone.entry("note", "J-1", text="x"))

        assert (receipt["outcome"], receipt["code"]) == ("refused", "fieldwork.no_such_job")

    def test_need_the_permission(self, browser, dispatcher):
        answer = browser(dispatcher).get("/api/v1/fieldwork/phone/day")

        assert answer.status_code == 403


class TestConflicts:
    def test_two_reports_of_one_job_are_put_together(
        self, job, phone_of, crew, dispatcher, person, browser
    ):
        other = person("zhao", "crew")
        first = phone_of(crew)
        written = first.entry(
            "finish", job.number, ago_s=600, found="no_leak_found", note="Dry at the valve."
        )
        actions.assign_job(number=job.number, to=other, by_id=dispatcher.pk)
        second = phone_of(other)

        one = second.send(second.entry("finish", job.number, ago_s=300, **FINISHED, note="Joint."))
        two = first.send(written)

        assert [one[0]["outcome"], two[0]["outcome"]] == ["taken", "kept"]
        assert two[0]["code"] == "fieldwork.already_reported"
        report = models.JobReport.objects.order_by("-reported_at", "-id").first()
        assert (report.found, report.found_asset_code, report.found_size_m3h) == (
            "leak_repaired", "p2", 6.5,
        )  # fmt: skip
        assert report.note == "Dry at the valve.\nJoint."
        # Both as they were said, and what counts of them.
        made_by = models.JobReport.objects.order_by("id").values_list("made_by", flat=True)
        assert list(made_by) == ["person", "person", "rule"]
        assert Notice.objects.filter(title_en__contains="differ").count() == 1
        page = browser(dispatcher).get(f"/fieldwork/jobs/{job.number}/").content.decode()
        assert "“No leak found” before, “Leak found and repaired” now" in page

    def test_a_job_given_away_is_done_by_who_did_it(
        self, job, phone, dispatcher, person
    ):  # fmt: skip
        other = person("zhao", "crew")
        actions.assign_job(number=job.number, to=other, by_id=dispatcher.pk)

        (receipt,) = phone.send(phone.entry("finish", job.number, **FINISHED))

        assert (receipt["outcome"], receipt["code"]) == ("taken", "fieldwork.reported_for_another")
        job.refresh_from_db()
        assert job.state == contracts.JobState.DONE
        assert Notice.objects.get(title_en__contains="you need not go").receipts.get().user == other

    def test_a_job_cancelled_meanwhile_keeps_what_was_done(self, job, phone, dispatcher, browser):
        actions.cancel_job(number=job.number, by_id=dispatcher.pk, reason="Wrong address")

        receipts = phone.send(
            phone.entry("note", job.number, text="Opened the pit."),
            phone.entry("finish", job.number, **FINISHED),
        )

        assert {one["code"] for one in receipts} == {"fieldwork.cancelled_meanwhile"}
        assert {one["outcome"] for one in receipts} == {"kept"}
        job.refresh_from_db()
        assert job.state == contracts.JobState.CANCELLED
        page = browser(dispatcher).get(f"/fieldwork/jobs/{job.number}/").content.decode()
        assert "Opened the pit." in page
        assert Notice.objects.filter(title_en__contains="was over already").count() == 1

    def test_a_job_closed_meanwhile_keeps_its_report(self, job, phone, leader, dispatcher):
        actions.report_job(number=job.number, by=leader, found=contracts.Found.NO_LEAK_FOUND)
        actions.close_job(number=job.number, by_id=dispatcher.pk)

        (receipt,) = phone.send(phone.entry("finish", job.number, **FINISHED))

        assert (receipt["outcome"], receipt["code"]) == ("kept", "fieldwork.closed_meanwhile")
        assert models.JobReport.objects.get().found == "no_leak_found"

    def test_a_leak_at_an_unknown_place_can_be_corrected_and_sent_again(self, job, phone):
        (receipt,) = phone.send(
            phone.entry("finish", job.number, found="leak_repaired", found_asset_code="p99")
        )
        assert (receipt["outcome"], receipt["code"]) == ("refused", "fieldwork.unknown_place")

        assert phone.send(phone.entry("finish", job.number, **FINISHED))[0]["outcome"] == "taken"


class TestWrongClocks:
    @pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=-400)])
    def test_are_corrected_by_what_the_phone_says_its_clock_shows(self, job, phone_of, crew, ahead):
        phone: Phone = phone_of(crew, ahead=ahead)

        (receipt,) = phone.send(phone.entry("arrive", job.number, ago_s=1800))

        row = PhoneEntry.objects.get()
        assert row.done_at == NOW - timedelta(minutes=30)
        assert row.clock_off_s == ahead.total_seconds() == receipt["clock_off_s"]
        assert not row.is_clock_doubted

    def test_that_were_put_right_meanwhile_are_corrected_by_the_offset_known_then(self, job, phone):
        entry = phone.entry("arrive", job.number, ago_s=-7200 + 600, behind_ms=-7_200_000)

        phone.send(entry)

        row = PhoneEntry.objects.get()
        assert row.done_at == NOW - timedelta(minutes=10)
        assert row.is_clock_doubted

    def test_never_put_a_deed_into_the_future_or_before_the_one_before_it(self, job, phone):
        phone.send(phone.entry("arrive", job.number, ago_s=600))
        phone.send(
            phone.entry("note", job.number, ago_s=9000, text="x"),
            phone.entry("note", job.number, ago_s=-9000, text="y"),
        )

        rows = PhoneEntry.objects.order_by("number_on_phone")
        before = NOW - timedelta(minutes=10)
        assert [row.done_at for row in rows] == [before, before, NOW]
        assert [row.is_clock_doubted for row in rows] == [False, True, True]

    def test_are_said_on_the_page_of_the_job(self, job, phone_of, crew, dispatcher, browser):
        phone: Phone = phone_of(crew, ahead=timedelta(hours=2))
        phone.send(phone.entry("arrive", job.number))

        page = browser(dispatcher).get(f"/fieldwork/jobs/{job.number}/").content.decode()

        assert "clock was 120 min fast; corrected." in page
