"""Tracks of handheld receivers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, tracks_in
from huoshui.areas.fieldwork.patrol.tests.conftest import NOW

HEAD = '<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">\n'


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def gpx(track, *, began=NOW - timedelta(hours=2), between=""):
    points = [
        f'<trkpt lat="{lat}" lon="{lon}"><ele>110</ele>'
        f"<time>{began + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}</time></trkpt>"
        for lon, lat, second, _accuracy in track
    ]
    rows = "\n".join([*points[:5], *([between] if between else []), *points[5:]])
    return f"{HEAD}<trk><trkseg>\n{rows}\n</trkseg></trk></gpx>".encode()


class TestTake:
    def test_makes_a_walk_of_a_track(self, round_a, crew, leader, track):
        taken = tracks_in.take(round_a, gpx(track(0, 900)), walker=crew, by_id=leader.pk)

        (walk,) = taken.walks
        assert taken.problems == []
        assert (walk.by, walk.source, walk.began_at) == (crew, "file", NOW - timedelta(hours=2))
        assert walk.covered_m == pytest.approx(900, abs=0.5)

    def test_counts_the_same_file_once(self, round_a, crew, leader, track):
        for _time in range(2):
            tracks_in.take(round_a, gpx(track(0, 900)), walker=crew, by_id=leader.pk)

        assert models.PatrolWalk.objects.count() == 1

    def test_counts_a_file_for_each_round_that_it_is_brought_for(
        self, round_a, crew, leader, track
    ):
        other = actions.keep_round(
            "XJ-02", values={"name": "The same way", "every_days": 7}, is_new=True, by_id=None,
            asset_codes=["p1"],
        )  # fmt: skip
        content = gpx(track(0, 900))

        taken = [
            tracks_in.take(row, content, walker=crew, by_id=leader.pk)
            for row in (round_a, other, other)
        ]

        assert [one.walks[0].round for one in taken] == [round_a, other, other]
        assert [one.known for one in taken] == [0, 0, 1]

    def test_says_on_the_page_that_a_file_was_here(self, round_a, crew, leader, browser, track):
        tracks_in.take(round_a, gpx(track(0, 900)), walker=crew, by_id=leader.pk)
        upload = SimpleUploadedFile("walk.gpx", gpx(track(0, 900)))
        given = {"file": upload, "walker": crew.pk}

        page = browser(leader).post("/patrol/rounds/XJ-01/track/", given, follow=True)

        assert "1 walk of this file was here already." in page.content.decode()
        assert "walk was taken" not in page.content.decode()

    def test_names_the_line_of_what_it_leaves_out(self, round_a, crew, leader, track):
        bad = (
            '<trkpt lat="34.75" lon="113.6"></trkpt>',
            '<trkpt lat="x" lon="113.6"></trkpt>',
            '<trkpt lat="91" lon="113.6"></trkpt>',
            '<trkpt lat="34.75" lon="113.6"><time>noon</time></trkpt>',
            '<trkpt lat="34.75" lon="113.6"><time>2099-01-01T08:00:00Z</time></trkpt>',
        )
        content = gpx(track(0, 100), between="\n".join(bad))

        taken = tracks_in.take(round_a, content, walker=crew, by_id=leader.pk)

        # Two lines of head, one of the track, five places: the bad ones are lines 9 to 13.
        assert taken.problems == [
            "line 9: a place without a time",
            'line 10: no place on earth (lat="x", lon="113.6")',
            'line 11: no place on earth (lat="91", lon="113.6")',
            "line 12: “noon” is no time",
            "line 13: 2099-01-01T08:00:00Z lies in the future; is the receiver's clock right?",
        ]
        assert len(taken.walks[0].track) == 11

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"not xml at all", "line 1"),
            (b'<!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>', "document type"),
            (f"{HEAD}</gpx>".encode(), "no track"),
            (f'{HEAD}<trk><trkseg><trkpt lat="1" lon="1"/></trkseg></trk></gpx>'.encode(),
             "without a time"),
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_track(self, round_a, crew, leader, content, why):
        with pytest.raises(tracks_in.NotATrack, match=why):
            tracks_in.take(round_a, content, walker=crew, by_id=leader.pk)

    def test_leaves_out_what_lies_in_the_future(self, round_a, crew, leader, track):
        content = gpx(track(0, 100), began=NOW + timedelta(seconds=1))

        with pytest.raises(tracks_in.NotATrack, match="future"):
            tracks_in.take(round_a, content, walker=crew, by_id=leader.pk)

    def test_says_where_a_track_is_longer_than_is_kept(
        self, round_a, crew, leader, track, monkeypatch
    ):
        monkeypatch.setattr(tracks_in.rules, "TRACK_FIXES_MAX", 5)

        taken = tracks_in.take(round_a, gpx(track(0, 100)), walker=crew, by_id=leader.pk)

        assert len(taken.walks[0].track) == 5
        assert taken.problems == ["track 1 has more than 5 places; the later ones were left out"]

    def test_is_offered_on_the_page_of_a_round(self, round_a, crew, leader, browser, track):
        office = browser(leader)
        upload = SimpleUploadedFile("walk.gpx", gpx(track(0, 900)))

        answer = office.post("/patrol/rounds/XJ-01/track/", {"file": upload, "walker": crew.pk})

        assert (answer.status_code, answer["Location"]) == (302, "/patrol/rounds/XJ-01/")
        assert models.PatrolWalk.objects.count() == 1
