"""Photos that come in pieces, and the list on which both sides agree at the end of the day."""

from __future__ import annotations

import os

import pytest

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.phone.models import PhonePhoto, PhoneReckoning
from huoshui.areas.fieldwork.phone.tests.conftest import NOW, jpeg, sha
from huoshui.kernel.files.models import StoredFile


def photo_entry(phone, job, content):
    return phone.entry(
        "photo", job.number, shows="damage", hash=sha(content), size=len(content)
    )  # fmt: skip


class TestPhotos:
    def test_go_on_where_the_line_broke(self, phone, job):
        content = jpeg()
        phone.put(content, piece=100)

        there = phone.client.get(f"/api/v1/fieldwork/phone/photos/{sha(content)}").json()
        whole = phone.put(content, offset=there["received_bytes"]).json()

        assert there == {"hash": sha(content), "received_bytes": 100, "is_kept": False}
        assert whole["is_kept"]
        assert PhonePhoto.objects.get().size_bytes == len(content)

    def test_sent_twice_are_kept_once(self, phone, job):
        content = jpeg()

        answers = [phone.put(content).json() for _ in range(2)]

        assert [one["is_kept"] for one in answers] == [True, True]
        assert PhonePhoto.objects.count() == StoredFile.objects.count() == 1

    def test_a_piece_that_joins_nothing_changes_nothing(self, phone, job):
        content = jpeg()

        answer = phone.put(content, offset=200, piece=50).json()

        assert (answer["received_bytes"], answer["is_kept"]) == (0, False)

    def test_with_other_bytes_than_announced_are_thrown_away(self, phone, job, home):
        content = jpeg()

        answer = phone.put(content, named=sha(b"something else"))

        assert (answer.status_code, answer.json()["code"]) == (409, "fieldwork.photo_differs")
        assert not list((home / "phone").iterdir())

    def test_whose_upload_was_given_up_a_month_ago_are_cleared_away(self, phone, job, home):
        old = home / "phone" / "1-old.part"
        phone.put(jpeg("red"), piece=100)
        old.write_bytes(b"x")
        month_ago = NOW.timestamp() - 31 * 86_400
        os.utime(old, (month_ago, month_ago))
        (begun,) = (one for one in old.parent.iterdir() if one != old)
        os.utime(begun, (NOW.timestamp(), NOW.timestamp()))

        phone.put(jpeg())

        assert list(old.parent.iterdir()) == [begun]

    def test_that_are_no_photos_are_refused(self, phone, job):
        assert phone.put(b"not a picture").status_code == 422

    @pytest.mark.parametrize("name", ["..", "A" * 64, "a" * 63])
    def test_are_named_by_a_hash_only(self, phone, job, name):
        answer = phone.client.get(f"/api/v1/fieldwork/phone/photos/{name}")

        assert answer.status_code in {404, 422}

    @pytest.mark.parametrize("photo_first", [True, False])
    def test_join_the_report_whichever_came_first(self, phone, job, photo_first):
        content = jpeg()
        entries = [
            photo_entry(phone, job, content),
            phone.entry("finish", job.number, found="no_leak_found"),
        ]
        if photo_first:
            phone.put(content)
        phone.send(*entries)
        if not photo_first:
            phone.put(content)

        assert models.JobReport.objects.get().photos.count() == 1

    def test_still_on_the_phone_are_said_on_the_page_of_the_job(
        self, phone, job, dispatcher, browser
    ):
        content = jpeg()
        phone.send(photo_entry(phone, job, content))
        url = f"/fieldwork/jobs/{job.number}/"

        before = browser(dispatcher).get(url).content.decode()
        phone.put(content)
        after = browser(dispatcher).get(url).content.decode()

        assert "still on the phone" in before
        assert "still on the phone" not in after
        assert PhonePhoto.objects.get().file.url in after


class TestTheEndOfTheDay:
    def test_is_agreed_when_both_sides_have_the_same(self, phone, job):
        photos = [jpeg("brown"), jpeg("blue")]
        entries = [photo_entry(phone, job, one) for one in photos]
        phone.send(*entries)
        for one in photos:
            phone.put(one)

        found = phone.reckon(entries, photos)

        assert found["agreed_at"]
        agreed = PhoneReckoning.objects.get()
        assert (agreed.entries, agreed.photos) == (2, 2)

    def test_names_what_is_missing_on_either_side(self, phone, job):
        photos = [jpeg("brown"), jpeg("blue")]
        entries = [photo_entry(phone, job, one) for one in photos]
        phone.send(entries[0])
        phone.put(photos[0])
        forgotten = phone.entry("note", job.number, text="x")
        phone.send(forgotten)

        found = phone.reckon(entries, photos)

        assert found["missing"] == [entries[1]["id"]]
        assert found["photos_missing"] == [sha(photos[1])]
        assert [one["id"] for one in found["only_here"]] == [forgotten["id"]]
        assert found["agreed_at"] is None
        assert not PhoneReckoning.objects.exists()


class TestTheDay:
    def test_holds_jobs_steps_and_choices_for_a_shift(self, phone, job):
        day = phone.client.get("/api/v1/fieldwork/phone/day").json()

        (carried,) = day["jobs"]
        assert carried["number"] == job.number
        assert [step["code"] for step in carried["steps"]] == ["safe", "listen", "photo"]
        assert {one["code"] for one in day["choices"]["shows"]} >= {"before", "after"}
        assert day["tiles"]["url"].startswith("/tiles/network/")
        assert day["csrf_token"]

    @pytest.mark.parametrize(("chosen", "language"), [("zh-hans", "zh"), ("en", "en")])
    def test_says_its_language_so_that_a_kept_page_can_follow(self, phone, job, chosen, language):
        phone.client.post("/pages/language/", {"language": chosen})

        day = phone.client.get("/api/v1/fieldwork/phone/day").json()

        assert day["language"] == language

    def test_shows_nobody_elses_jobs(self, phone_of, person, job):
        other = phone_of(person("zhao", "crew"))

        assert other.client.get("/api/v1/fieldwork/phone/day").json()["jobs"] == []

    def test_holds_the_steps_and_the_kit_of_the_type_of_job(self, phone, job):
        kind = models.JobType.objects.create(
            code="meter_exchange", name_zh="换表", name_en="Exchange a meter", kind="other",
            priority="normal", usual_minutes=30, steps_zh="关阀\n换表", steps_en="Shut\nExchange",
            exchanges_meter=True,
        )  # fmt: skip
        part = models.Part.objects.create(
            code="meter15", name_zh="水表", name_en="Meter DN15", unit="pcs"
        )
        models.KitLine.objects.create(job_type=kind, part=part, quantity=1)
        models.Job.objects.filter(pk=job.pk).update(job_type=kind)

        (carried,) = phone.client.get("/api/v1/fieldwork/phone/day").json()["jobs"]

        assert [one["label"] for one in carried["steps"]] == ["Shut", "Exchange"]
        assert carried["parts"] == ["1 × Meter DN15"]
        assert carried["exchanges_meter"]

    def test_holds_the_jobs_of_the_whole_crew(self, phone_of, person, job):
        mate = person("zhao", "crew")
        crew = models.Crew.objects.create(code="C1", name="One")
        models.CrewMember.objects.create(crew=crew, user=mate, from_at=NOW)
        models.Job.objects.filter(pk=job.pk).update(crew=crew)
        phone = phone_of(mate)

        (carried,) = phone.client.get("/api/v1/fieldwork/phone/day").json()["jobs"]
        (receipt,) = phone.send(phone.entry("finish", job.number, found="no_leak_found"))

        assert carried["number"] == job.number
        assert (receipt["outcome"], receipt["code"]) == ("taken", "")
