"""Rounds, and what walks of them are worth; distances solved by hand on a straight street."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, kinds, queries, refusals
from huoshui.areas.fieldwork.patrol.tests.conftest import NOW
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord


def take(row, by, track, *, ago_days=0.0, key=""):
    return actions.take_walk(
        row, by=by, began_at=NOW - timedelta(days=ago_days, hours=1), track=track,
        source=kinds.Source.PHONE, key=key,
    )  # fmt: skip


class TestWhatARoundPasses:
    def test_is_every_pipe_of_its_zone(self, round_a):
        assert round_a.asset_codes == ["p1", "p2"]

    def test_is_what_lies_in_an_outline(self, street, places):
        ring = places((600, -50), (1000, -50), (1000, 50), (600, 50))

        assert actions.pipes_chosen(ring=[tuple(one) for one in ring]) == ["p2"]

    def test_must_be_in_the_network(self, street):
        with pytest.raises(refusals.UnknownAssets, match="p9"):
            actions.pipes_chosen(codes=["p1", "p9"])

    def test_must_have_a_pipe_to_walk_along(self, street):
        with pytest.raises(refusals.NothingToWalk):
            actions.pipes_chosen(codes=["n1"])

    def test_does_not_take_the_number_of_another(self, round_a):
        with pytest.raises(refusals.RoundExists):
            actions.keep_round("XJ-01", values={}, asset_codes=["p1"], by_id=None, is_new=True)


class TestAWalk:
    def test_leaves_out_what_it_did_not_pass(self, round_a, crew, track):
        walk = take(round_a, crew, track(0, 600))

        # To metre 600 and ten beyond: all of p1, 110 m of p2.
        assert walk.length_m == pytest.approx(900, abs=0.2)
        assert walk.covered_m == pytest.approx(610, abs=0.2)
        ((code, begin, end),) = walk.missed
        assert (code, begin, end) == (
            "p2",
            pytest.approx(110, abs=0.2),
            pytest.approx(400, abs=0.2),
        )
        assert walk.walked_m == pytest.approx(600, abs=0.2)
        record = AuditRecord.objects.get(action="fieldwork.walk_taken")
        assert record.subject == "fieldwork.round:XJ-01"

    def test_in_the_next_street_covers_nothing(self, round_a, crew, track):
        walk = take(round_a, crew, track(0, 900, beside=30))

        assert walk.covered_m == 0
        assert [one[0] for one in walk.missed] == ["p1", "p2"]

    def test_counts_once_under_its_key(self, round_a, crew, track):
        first = take(round_a, crew, track(0, 600), key="k")

        assert take(round_a, crew, track(0, 900), key="k") == first
        assert models.PatrolWalk.objects.count() == 1

    def test_without_a_place_is_refused(self, round_a, crew):
        with pytest.raises(refusals.TrackEmpty):
            take(round_a, crew, [[None, None, 0.0, None]])

    def test_does_not_lose_the_rest_where_the_receiver_failed(self, round_a, crew, track):
        rows = [*track(0, 300), [120.0, 30.0, 400.0, 4000.0], *track(600, 900, after=2000)]

        walk = take(round_a, crew, rows)

        assert (walk.inaccurate, walk.gaps) == (1, 1)
        # Missing from 310 to 500 of p1 and to 90 of p2: the pause is not joined.
        assert walk.covered_m == pytest.approx(900 - 190 - 90, abs=0.3)


class TestAPeriod:
    def test_counts_what_all_its_walks_passed_together(self, round_a, crew, leader, track):
        take(round_a, crew, track(0, 500))
        take(round_a, leader, track(600, 900))

        turn = queries.present_turns([round_a])[round_a.pk]

        ((code, begin, end),) = turn.missed
        assert (code, begin, end) == ("p2", pytest.approx(10, abs=0.2), pytest.approx(90, abs=0.2))
        assert turn.share_frac == pytest.approx(1 - 80 / 900, abs=0.001)
        assert turn.standing is kinds.Standing.WALKED

    def test_without_a_walk_is_missed_when_it_is_over(self, round_a, crew, track):
        # The periods began on 16 and 23 February and on 2 March, which is today.
        take(round_a, crew, track(0, 500), ago_days=10)

        standings = [(str(one.period.begin), str(one.standing)) for one in queries.turns([round_a])]

        assert standings == [
            ("2026-03-02", "due"), ("2026-02-23", "missed"), ("2026-02-16", "partly"),
        ]  # fmt: skip

    def test_that_is_over_stays_as_it_was_when_the_rhythm_changes(self, round_a, crew, track):
        # Walked in each of its weeks so far; 2 March is today.
        take(round_a, crew, track(0, 900), ago_days=10)
        take(round_a, crew, track(0, 900), ago_days=4)

        actions.keep_round("XJ-01", values={"every_days": 1}, asset_codes=None, by_id=None)
        round_a.refresh_from_db()

        found = [(str(one.period.begin), str(one.standing)) for one in queries.turns([round_a])]
        assert found == [("2026-03-02", "due"), ("2026-02-23", "walked"), ("2026-02-16", "walked")]

    def test_counts_in_the_rhythm_of_its_time_after_two_changes(self, round_a):
        for days, every in ((0, 1), (3, 30), (3, 2)):
            with clock.frozen(NOW + timedelta(days=days)):
                actions.keep_round("XJ-01", values={"every_days": every}, asset_codes=None,
                                   by_id=None)  # fmt: skip
        round_a.refresh_from_db()

        with clock.frozen(NOW + timedelta(days=5)):
            found = [
                (one.period.begin.strftime("%m-%d"), one.period.until.strftime("%m-%d"))
                for one in reversed(queries.turns([round_a]))
            ]

        # Weeks until 2 March, days until the 5th, then every second day from 16 February on.
        assert found == [
            ("02-16", "02-23"), ("02-23", "03-02"),
            ("03-02", "03-03"), ("03-03", "03-04"), ("03-04", "03-05"),
            ("03-04", "03-06"), ("03-06", "03-08"),
        ]  # fmt: skip

    def test_that_was_missed_stays_so_when_the_round_is_given_up(self, round_a, browser, leader):
        actions.keep_round("XJ-01", values={"is_retired": True}, asset_codes=None, by_id=None)
        round_a.refresh_from_db()

        with clock.frozen(NOW + timedelta(days=30)):
            begins = [str(one.period.begin) for one in queries.turns([round_a])]
            page = browser(leader).get("/patrol/rounds/missed/").content.decode()

        assert begins == ["2026-02-23", "2026-02-16"]
        assert page.count("/patrol/rounds/XJ-01/") >= 2

    def test_is_not_missed_while_the_round_was_given_up(self, round_a):
        for days, is_retired in ((0, True), (30, False)):
            with clock.frozen(NOW + timedelta(days=days)):
                actions.keep_round("XJ-01", values={"is_retired": is_retired}, asset_codes=None,
                                   by_id=None)  # fmt: skip
        round_a.refresh_from_db()

        with clock.frozen(NOW + timedelta(days=31)):
            begins = [str(one.period.begin) for one in queries.turns([round_a])]

        assert begins == ["2026-03-30", "2026-02-23", "2026-02-16"]

    def test_does_not_count_a_pipe_that_the_round_got_later(self, round_a, crew, track):
        actions.keep_round("XJ-01", values={}, asset_codes=["p1"], by_id=None)
        round_a.refresh_from_db()
        take(round_a, crew, track(0, 500))
        actions.keep_round("XJ-01", values={}, asset_codes=["p1", "p2"], by_id=None)
        round_a.refresh_from_db()
        take(round_a, crew, track(890, 900))

        turn = queries.present_turns([round_a])[round_a.pk]

        assert turn.share_frac == pytest.approx(520 / 900, abs=0.002)


class TestFindings:
    def find(self, by, lon, lat, ago_days=1.0, **more):
        return actions.take_finding(
            by=by, kind=kinds.FindingKind.COVER, lon=lon, lat=lat,
            found_at=NOW - timedelta(days=ago_days), **more,
        )  # fmt: skip

    def test_become_a_job_with_their_place(self, round_a, crew, dispatcher, places):
        ((lon, lat),) = places((100, 5))
        finding = self.find(crew, lon, lat, asset_code="p1", note="broken", row=round_a)

        job = actions.job_of_finding(finding.pk, by_id=dispatcher.pk)

        assert (job.asset_code, job.zone_code, job.description) == ("p1", "A", "broken")
        assert job.origin == f"fieldwork.finding:{finding.pk}"
        with pytest.raises(refusals.FindingHasJob):
            actions.job_of_finding(finding.pk, by_id=dispatcher.pk)

    def test_again_and_again_at_one_place_make_a_hazard_point(self, crew, places):
        for lon, lat in places((0, 0), (30, 0), (60, 0), (500, 0)):
            self.find(crew, lon, lat)
        for lon, lat in places((500, 1), (500, 2)):
            self.find(crew, lon, lat, ago_days=400)

        (hazard,) = queries.hazards()

        assert hazard.count == 3
        assert hazard.radius_m == pytest.approx(30, abs=0.1)
