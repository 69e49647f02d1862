"""Photos of cases: through the API, seen by those who see the case, read before anything waits."""

import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from huoshui.kernel import cases, files, settings
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.cases import refusals
from huoshui.kernel.cases.models import CasePhoto
from huoshui.kernel.cases.tests.conftest import NOW
from huoshui.kernel.cases.web import pictures
from huoshui.kernel.files.models import StoredFile
from huoshui.kernel.organisation.models import Unit, UnitPeriod

API = "/api/v1/cases/cases"


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    """Keep files in a folder of the test."""
    found = settings.get().model_copy(update={"home": tmp_path, "photo_bytes_max": 200_000})
    monkeypatch.setattr(settings, "get", lambda: found)


def photo(colour="red", name="key.png"):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


@pytest.fixture
def caller():
    """Return what makes the client of a person."""

    def of(person):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return of


@pytest.fixture
def units(people, opened):
    """Return a case of one unit and a reader of another."""
    for code in ("NORTH", "SOUTH"):
        unit = Unit.objects.create(code=code, created_at=NOW)
        UnitPeriod.objects.create(
            unit=unit, name_zh=code, name_en=code, kind="team", from_date=NOW.date()
        )
    north, south = Unit.objects.get(code="NORTH"), Unit.objects.get(code="SOUTH")
    return SimpleNamespace(
        case=opened(unit="SOUTH"),
        stranger=people.add("stranger", "dispatcher", north),
        reader=people.add("reader", "viewer", south),
    )


def send(client, case, *photos, **more):
    return client.post(f"{API}/{case.number}/photos", {"photos": list(photos), **more})


def test_are_handed_in_listed_and_read(people, caller, opened):
    case, desk = opened(), caller(people.desk)

    answer = send(desk, case, photo(), photo("blue"), note="At the door")

    assert answer.status_code == 201, answer.content
    assert desk.get(f"{API}/{case.number}/photos").json() == answer.json()
    first = answer.json()[0]
    assert (first["by"], first["step"], first["width_px"]) == ("desk", "noted", 60)
    shown = desk.get(f"{API}/{case.number}/photos/{first['key']}")
    assert Image.open(io.BytesIO(b"".join(shown.streaming_content))).size == (60, 40)
    assert AuditRecord.objects.filter(action="cases.case_noted").count() == 1


def test_sent_twice_are_kept_once(people, caller, opened):
    case, desk = opened(), caller(people.desk)
    send(desk, case, photo())

    again = send(desk, case, photo(name="other.png"), photo())

    assert len(again.json()) == 1
    assert StoredFile.objects.count() == 1


def test_are_refused_where_they_are_too_many_too_large_or_none(people, caller, opened):
    case, desk = opened(), caller(people.desk)
    words = SimpleUploadedFile("key.png", b"<script>", content_type="image/png")
    large = SimpleUploadedFile("key.png", b"x" * 200_001, content_type="image/png")

    assert send(desk, case, words).json()["code"] == "files.not_a_photo"
    assert send(desk, case, large).status_code == 413
    assert send(desk, case, *[photo() for _n in range(13)]).json()["code"] == "cases.not_usable"
    assert not CasePhoto.objects.exists()


def test_are_refused_to_those_who_only_read_and_hidden_from_strangers(caller, people, units):
    reader, stranger = caller(units.reader), caller(units.stranger)
    there = send(caller(people.desk), units.case, photo()).json()[0]

    assert reader.get(f"{API}/{units.case.number}/photos").json() == [there]
    assert send(reader, units.case, photo("blue")).status_code == 403
    assert send(stranger, units.case, photo("blue")).status_code == 404
    assert stranger.get(f"{API}/{units.case.number}/photos").status_code == 404
    assert stranger.get(f"{API}/{units.case.number}/photos/{there['key']}").status_code == 404


def test_are_shown_to_readers_of_the_unit_of_the_case_only(caller, people, units):
    send(caller(people.desk), units.case, photo())
    url = StoredFile.objects.get().url

    shown = caller(units.reader).get(url)
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8")
    assert caller(units.stranger).get(url).status_code == 404


def test_are_not_taken_over_from_a_case_of_others(people, caller, keys, units, opened):
    send(caller(people.desk), units.case, photo())
    theirs = StoredFile.objects.get()
    other = opened("Other", unit="NORTH")

    with pytest.raises(refusals.NotUsable):
        cases.note(other.number, "Look", by_id=units.stranger.pk, photos=[theirs.pk])


def test_are_read_before_the_case_is_locked(people, caller, opened, monkeypatch):
    case, desk = opened(), caller(people.desk)
    within = len(connection.savepoint_ids)
    seen = []
    read = files.read

    def watched(upload, kind):
        seen.append(len(connection.savepoint_ids))
        return read(upload, kind)

    monkeypatch.setattr(pictures.files, "read", watched)
    answer = desk.post(f"/cases/{case.number}/note/", {"note": "See", "photos": [photo()]})

    assert answer.status_code == 302, answer.content
    assert seen == [within]
    assert CasePhoto.objects.count() == 1
