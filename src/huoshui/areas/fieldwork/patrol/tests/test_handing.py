"""Walks and findings from phones: in pieces, in any order, once."""

from __future__ import annotations

import uuid

import pytest
from django.db.models import QuerySet

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import handing
from huoshui.areas.fieldwork.phone.tests.conftest import jpeg, sha


def written(track):
    """Write fixes as the phone does."""
    parts, before = [], (0, 0, 0)
    for lon, lat, second, accuracy in track:
        now = (round(lon * 1e6), round(lat * 1e6), round(second))
        steps = ",".join(str(one - two) for one, two in zip(now, before, strict=True))
        parts.append(f"{steps},{'' if accuracy is None else round(accuracy)}")
        before = now
    return ";".join(parts)


def pieces(phone, row, track, *, cut=30, seen=""):
    """Return the entries of one walk."""
    walk = str(uuid.uuid4())
    parts = [track[at : at + cut] for at in range(0, len(track), cut)]
    return [
        phone.entry(
            "walk", "", walk=walk, round=row.code, part=number, parts=len(parts),
            began_ago_s=3600, track=written(part), seen=seen if number == len(parts) else "",
        )
        for number, part in enumerate(parts, start=1)
    ]  # fmt: skip


class TestWritten:
    def test_tracks_are_read_as_they_were(self, track):
        fixes = track(0, 100)

        found = handing.read_track(written(fixes))

        assert [one[2:] for one in found] == [one[2:] for one in fixes]
        assert found[3][:2] == pytest.approx(fixes[3][:2], abs=1e-6)

    @pytest.mark.parametrize("text", ["1,2", "a,b,c,", "1,2,3,nan", "999000000,0,0,", "1,1,-5,2"])
    def test_tracks_that_cannot_be_are_not_read(self, text):
        assert handing.read_track(text) is None


class TestAWalkOfAPhone:
    def test_is_put_together_whatever_piece_comes_last(self, phone, round_a, crew, track):
        first, second, third, fourth = pieces(phone, round_a, track(0, 900))

        receipts = phone.send(third, first)
        assert models.PatrolWalk.objects.count() == 0
        receipts += phone.send(fourth, second)

        assert [one["outcome"] for one in receipts] == ["taken"] * 4
        walk = models.PatrolWalk.objects.get()
        assert (walk.round, walk.by) == (round_a, crew)
        assert len(walk.track) == 91
        assert walk.covered_m == pytest.approx(900, abs=0.5)
        assert (walk.ended_at - walk.began_at).total_seconds() == 900

    def test_counts_once_however_often_it_comes(self, phone, round_a, track):
        entries = pieces(phone, round_a, track(0, 900))

        assert phone.send(*entries) == phone.send(*entries)
        assert models.PatrolWalk.objects.count() == 1

    def test_is_looked_at_by_one_request_at_a_time(self, phone, round_a, track, monkeypatch):
        locked = []
        real = QuerySet.select_for_update

        def lock(rows, *given, **chosen):
            locked.append(rows.model)
            return real(rows, *given, **chosen)

        monkeypatch.setattr(QuerySet, "select_for_update", lock)

        phone.send(*pieces(phone, round_a, track(0, 100)))

        assert models.PatrolRound in locked

    def test_keeps_what_was_looked_at_on_the_round(self, phone, round_a, track):
        phone.send(*pieces(phone, round_a, track(0, 100), seen="p1\nelsewhere\np1"))

        assert models.PatrolWalk.objects.get().seen == ["p1"]

    def test_of_an_unknown_round_is_refused_and_kept(self, phone, round_a, track):
        entries = pieces(phone, round_a, track(0, 100))
        row = models.PatrolRound(code="nowhere")

        (receipt,) = phone.send(*pieces(phone, row, track(0, 100)))

        assert (receipt["outcome"], receipt["code"]) == ("refused", "fieldwork.no_such_round")
        assert "nowhere" in receipt["message"]
        assert receipt["is_kept"]
        assert entries

    def test_of_somebody_else_is_not_continued(self, phone, phone_of, leader, round_a, track):
        first, second, *_rest = pieces(phone, round_a, track(0, 900))
        phone.send(first)
        other = phone_of(leader)

        (receipt,) = other.send(second)

        assert receipt["code"] == "fieldwork.entry_differs"

    def test_without_a_place_does_not_hold_up_what_comes_behind_it(self, phone, round_a, places):
        ((lon, lat),) = places((10, 0))
        empty = phone.entry("walk", "", walk="w", round="XJ-01", part=1, parts=1, began_ago_s=9,
                            track=";")  # fmt: skip
        behind = phone.entry("finding", "", finding="leak", lon=lon, lat=lat)

        first, second = phone.send(empty, behind)

        assert (first["outcome"], first["code"]) == ("refused", "fieldwork.track_not_usable")
        assert first["message"]
        assert first["is_kept"]
        assert second["outcome"] == "taken"
        assert models.PatrolPiece.objects.count() == 0

    def test_that_cannot_be_read_names_the_track(self, phone, round_a):
        entry = phone.entry("walk", "", walk="w", round="XJ-01", part=1, parts=1,
                            began_ago_s=1, track="x")  # fmt: skip

        (receipt,) = phone.send(entry)

        assert (receipt["outcome"], receipt["code"]) == ("refused", "fieldwork.entry_not_valid")
        assert "Track" in receipt["message"]


class TestAFindingOfAPhone:
    def entry(self, phone, places, **more):
        ((lon, lat),) = places((100, 0))
        body = {"finding": "leak", "lon": lon, "lat": lat, "round": "XJ-01", "note": "wet", **more}
        return phone.entry("finding", "", **body)

    def test_becomes_a_job_where_the_patroller_says_so(self, phone, round_a, places):
        (receipt,) = phone.send(self.entry(phone, places, wants_job=True, asset_code="p1"))

        assert receipt["outcome"] == "taken"
        job = models.PatrolFinding.objects.get().job
        assert (job.kind, job.priority, job.asset_code) == ("leak_search", "high", "p1")

    def test_waits_for_the_office_otherwise(self, phone, round_a, places):
        phone.send(self.entry(phone, places))

        assert models.PatrolFinding.objects.get().job is None

    def test_belongs_to_its_walk_whichever_comes_first(self, phone, round_a, places, track):
        entries = pieces(phone, round_a, track(0, 100))
        walk = entries[0]["payload"].split('"walk": "')[1].split('"')[0]
        phone.send(self.entry(phone, places, walk=walk))
        phone.send(*entries)
        phone.send(self.entry(phone, places, walk=walk))

        found = models.PatrolFinding.objects.values_list("walk__key", flat=True)
        assert list(found) == [walk, walk]

    def test_shows_its_photo_when_it_has_come(self, phone, round_a, places, browser, dispatcher):
        photo = jpeg()
        phone.send(self.entry(phone, places, hash=sha(photo), size=len(photo)))
        url = f"/patrol/findings/{models.PatrolFinding.objects.get().pk}/"
        office = browser(dispatcher)

        assert "still on the phone" in office.get(url).content.decode()
        assert phone.put(photo).status_code == 200
        assert "<img" in office.get(url).content.decode()

    def test_at_an_unknown_asset_is_refused_with_its_number(self, phone, round_a, places):
        (receipt,) = phone.send(self.entry(phone, places, asset_code="p77"))

        assert receipt["code"] == "fieldwork.unknown_place"
        assert "p77" in receipt["message"]
        assert models.PatrolFinding.objects.count() == 0

    def test_of_an_unknown_kind_is_refused(self, phone, round_a, places):
        (receipt,) = phone.send(self.entry(phone, places, finding="dragon"))

        assert receipt["code"] == "fieldwork.entry_not_valid"
