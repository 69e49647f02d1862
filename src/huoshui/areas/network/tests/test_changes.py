"""Sets of changes: drawn, approved by another person, applied as one, undone by another set.

R --p1-- a --p2-- b --p3-- c        on a line of latitude, 100 m each
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from huoshui.areas.network import actions, checking, facade, history, refusals
from huoshui.areas.network.contracts import ChangeDeed, ChangeState
from huoshui.areas.network.models import Asset, ChangeSet, Connection, Zone
from huoshui.areas.network.tests.conftest import GRID
from huoshui.kernel import clock
from huoshui.kernel.events.models import Event

INP = """
[OPTIONS]
 UNITS CMH
[RESERVOIRS]
 R 50
[JUNCTIONS]
 a 10
 b 20
 c 30
[PIPES]
 p1 R a 100 200 120
 p2 a b 250 200 120
 p3 b c 100 200 120
[COORDINATES]
 R 0 0
 a 100 0
 b 200 0
 c 300 0
"""


@pytest.fixture
def people(db):
    from huoshui.kernel.accounts.models import User

    return [
        User.objects.create(username=name, name=name, created_at=clock.now())
        for name in ("drawer", "approver")
    ]


@pytest.fixture
def town(people, tmp_path: Path):
    path = tmp_path / "town.inp"
    path.write_text(INP)
    assert facade.import_inp(path, crs=GRID, by_id=None).ok


def place_along(code: str, frac: float) -> dict[str, float]:
    (lon1, lat1), (lon2, lat2) = Asset.objects.get(code=code).line
    return {"lon": lon1 + frac * (lon2 - lon1), "lat": lat1 + frac * (lat2 - lat1)}


def asset(code: str) -> Asset:
    return Asset.objects.select_related("start", "end").get(code=code)


def apply(people, *steps) -> ChangeSet:
    drawer, approver = people
    change = actions.make_change("as built", by_id=drawer.pk, why="drawing 12")
    for deed, code, wanted in steps:
        actions.add_step(change.pk, ChangeDeed(deed), code, wanted, by_id=drawer.pk)
    actions.submit_change(change.pk, by_id=drawer.pk)
    return actions.approve_change(change.pk, by_id=approver.pk)


def problems_of(people, *steps) -> list[str]:
    change = actions.make_change("try", by_id=people[0].pk)
    for deed, code, wanted in steps:
        actions.add_step(change.pk, ChangeDeed(deed), code, wanted, by_id=people[0].pk)
    return [problem.code for problem in actions.draft_of(change).problems]


@pytest.mark.usefixtures("town")
class TestSplitting:
    def test_shares_the_stated_length_by_the_course(self, people):
        """p2 is drawn 100 m and stated 250 m: a cut at 40 % gives 100 m and 150 m."""
        apply(people, ("split", "p2", place_along("p2", 0.4)))

        assert asset("p2").length_m == pytest.approx(100.0, abs=0.5)
        assert asset("p2-1").length_m == pytest.approx(150.0, abs=0.5)
        assert asset("p2").end.code == asset("p2-1").start.code == "p2-N-1"
        assert asset("p2-1").end.code == "b"

    def test_gives_the_new_node_a_height_between(self, people):
        apply(people, ("split", "p2", place_along("p2", 0.4)))

        assert asset("p2-N-1").elevation_m == pytest.approx(14.0, abs=0.1)

    def test_moves_connections_to_the_part_they_are_tapped_into(self, people):
        place = place_along("p2", 0.8)
        Connection.objects.create(code="C1", lon=place["lon"], lat=place["lat"])
        actions.connect(by_id=None)
        assert Connection.objects.get().pipe.code == "p2"

        apply(people, ("split", "p2", place_along("p2", 0.4)))

        assert Connection.objects.get().pipe.code == "p2-1"
        assert Connection.objects.get().along_m == pytest.approx(40.0, abs=1)

    def test_is_the_opposite_of_joining(self, people):
        was = asset("p2")
        apply(people, ("split", "p2", place_along("p2", 0.4)))
        apply(people, ("join", "p2-N-1", {"keep": "p2"}))

        now = asset("p2")
        assert (now.end.code, now.length_m) == ("b", pytest.approx(was.length_m))
        assert asset("p2-1").retired_at is not None
        assert asset("p2-N-1").retired_at is not None


@pytest.mark.usefixtures("town")
class TestDrawing:
    def test_keeps_a_typed_length(self, people):
        apply(
            people,
            ("create", "d", {"kind": "junction", "lon": 113.61, "lat": 34.75}),
            (
                "create",
                "p4",
                {
                    "kind": "pipe",
                    "start": "c",
                    "end": "d",
                    "attributes": {"length_m": 77.0, "diameter_mm": 100.0, "lining": "epoxy"},
                },
            ),
        )

        pipe = asset("p4")
        assert (pipe.length_m, pipe.diameter_mm, pipe.details) == (77.0, 100.0, {"lining": "epoxy"})
        assert len(pipe.line) == 2

    def test_a_moved_node_takes_its_pipes_along(self, people):
        node = asset("b")
        apply(people, ("move", "b", {"lon": node.lon, "lat": node.lat + 0.001}))

        assert asset("p2").line[-1] == asset("p3").line[0] == [asset("b").lon, asset("b").lat]
        assert asset("p3").length_m > 120  # it followed the drawing, which became longer
        assert asset("p2").length_m == 250.0  # it was typed, so it stays

    def test_names_every_problem(self, people):
        assert problems_of(
            people,
            ("modify", "nothing", {"attributes": {"name": "x"}}),
            ("create", "a", {"kind": "junction", "lon": 1, "lat": 1}),
            ("retire", "b", {}),
            ("modify", "p1", {"attributes": {"diameter_mm": -4}}),
            ("create", "z", {"kind": "junction"}),
            ("join", "a", {"keep": "p9"}),
        ) == [
            "unknown", "code_taken", "still_joined", "impossible", "incomplete",
            "not_between_two_pipes",
        ]  # fmt: skip

    def test_undoes_and_redoes_steps(self, people):
        drawer = people[0].pk
        change = actions.make_change("try", by_id=drawer)
        actions.add_step(change.pk, ChangeDeed.RETIRE, "p3", {}, by_id=drawer)
        actions.undo_step(change.pk, by_id=drawer)
        assert actions.draft_of(change).changed == []

        actions.redo_step(change.pk, by_id=drawer)
        assert actions.draft_of(change).changed == ["p3"]

        actions.undo_step(change.pk, by_id=drawer)
        actions.add_step(
            change.pk, ChangeDeed.MODIFY, "p1", {"attributes": {"name": "x"}}, by_id=drawer
        )
        actions.redo_step(change.pk, by_id=drawer)
        assert actions.draft_of(change).changed == ["p1"]


@pytest.mark.usefixtures("town")
class TestApproval:
    def test_is_not_for_whoever_drew_it(self, people):
        drawer = people[0].pk
        change = actions.make_change("try", by_id=drawer)
        actions.add_step(change.pk, ChangeDeed.RETIRE, "p3", {}, by_id=drawer)
        actions.submit_change(change.pk, by_id=drawer)

        with pytest.raises(refusals.OwnChange):
            actions.approve_change(change.pk, by_id=drawer)

        assert asset("p3").retired_at is None

    def test_changes_nothing_when_one_step_became_impossible(self, people):
        drawer, approver = people
        change = actions.make_change("try", by_id=drawer.pk)
        actions.add_step(
            change.pk, ChangeDeed.MODIFY, "p1", {"attributes": {"name": "x"}}, by_id=drawer.pk
        )
        actions.add_step(change.pk, ChangeDeed.RETIRE, "p3", {}, by_id=drawer.pk)
        actions.submit_change(change.pk, by_id=drawer.pk)
        Asset.objects.filter(code="p3").update(retired_at=clock.now())

        with pytest.raises(refusals.ChangeHasProblems):
            actions.approve_change(change.pk, by_id=approver.pk)

        assert asset("p1").name == ""
        assert ChangeSet.objects.get().state == ChangeState.SUBMITTED

    def test_keeps_the_network_of_before(self, people):
        before = clock.now()
        apply(people, ("split", "p2", place_along("p2", 0.4)), ("retire", "p3", {}))

        then = {row.code: row for row in history.as_of(before, Asset.objects.all())}

        assert set(then) == {"R", "a", "b", "c", "p1", "p2", "p3"}
        assert then["p2"].length_m == 250.0
        given = {one.code: one for one in facade.network_at(before)}
        assert (given["p2"].end, given["p2"].length_m) == ("b", 250.0)
        assert "p2-1" not in given

    def test_tells_others(self, people):
        apply(people, ("retire", "p3", {}))

        told = Event.objects.filter(kind__endswith="NetworkChanged").get()
        assert told.payload["codes"] == ["p3"]

    def test_lets_whoever_drew_it_know(self, people):
        from huoshui.kernel.notices.models import Receipt

        change = apply(people, ("retire", "p3", {}))

        receipt = Receipt.objects.get(user=people[0])
        assert receipt.notice.url == f"/network/changes/{change.pk}/"

    def test_refuses_an_empty_set(self, people):
        change = actions.make_change("nothing", by_id=people[0].pk)

        with pytest.raises(refusals.ChangeIsEmpty):
            actions.submit_change(change.pk, by_id=people[0].pk)


@pytest.mark.usefixtures("town")
class TestUndoingAnAppliedSet:
    def undo(self, people, change: ChangeSet) -> None:
        drawer, approver = people
        inverse = actions.undo_change(change.pk, by_id=drawer.pk)
        actions.submit_change(inverse.pk, by_id=drawer.pk)
        actions.approve_change(inverse.pk, by_id=approver.pk)

    def test_leaves_the_network_as_it_was(self, people):
        def present():
            return {
                row.code: history.values_of(row) for row in Asset.objects.present().order_by("id")
            }

        was = present()
        change = apply(
            people,
            ("split", "p2", place_along("p2", 0.4)),
            ("retire", "p3", {}),
            ("retire", "c", {}),
            ("modify", "p1", {"attributes": {"lining": "epoxy"}}),
        )
        assert present() != was

        self.undo(people, change)

        assert present() == was

    def test_names_what_somebody_changed_since(self, people):
        change = apply(people, ("modify", "p1", {"attributes": {"diameter_mm": 300.0}}))
        actions.change_attributes({"p1": {"diameter_mm": 400.0}}, by_id=None)

        with pytest.raises(refusals.ChangeHasProblems) as refused:
            self.undo(people, change)

        assert refused.value.data["problems"][0]["code"] == "changed_since"

    def test_brings_no_link_back_whose_node_is_gone(self, people):
        change = apply(people, ("retire", "p3", {}))
        apply(people, ("retire", "c", {}))

        with pytest.raises(refusals.ChangeHasProblems) as refused:
            self.undo(people, change)

        assert refused.value.data["problems"][0]["code"] == "is_retired"
        assert asset("p3").retired_at is not None


@pytest.mark.usefixtures("town")
class TestABackdatedSet:
    def approve(self, people, deed, code, wanted) -> None:
        drawer, approver = people
        change = actions.make_change(
            "as built", by_id=drawer.pk, valid_from=clock.now() - timedelta(days=5)
        )
        actions.add_step(change.pk, ChangeDeed(deed), code, wanted, by_id=drawer.pk)
        actions.submit_change(change.pk, by_id=drawer.pk)
        actions.approve_change(change.pk, by_id=approver.pk)

    def test_begins_no_pipe_before_its_node(self, people):
        apply(people, ("create", "d", {"kind": "junction", "lon": 113.61, "lat": 34.75}))

        with pytest.raises(refusals.OlderThanHistory):
            self.approve(people, "create", "p4", {"kind": "pipe", "start": "c", "end": "d"})

    def test_ends_no_node_before_its_pipe(self, people):
        apply(people, ("retire", "p3", {}))

        with pytest.raises(refusals.OlderThanHistory):
            self.approve(people, "retire", "c", {})

    def test_changes_nothing_before_it_was_there(self, people):
        apply(people, ("create", "d", {"kind": "junction", "lon": 113.61, "lat": 34.75}))

        with pytest.raises(refusals.OlderThanHistory):
            self.approve(people, "retire", "d", {})


@pytest.mark.usefixtures("town")
class TestConnections:
    def test_keep_the_pipe_a_person_chose(self):
        place = place_along("p1", 0.5)
        Connection.objects.create(code="C1", lon=place["lon"], lat=place["lat"])
        actions.choose_pipe("C1", "p3", by_id=None)

        actions.connect(by_id=None)

        assert Connection.objects.get().pipe.code == "p3"
        actions.choose_pipe("C1", "", by_id=None)
        assert Connection.objects.get().pipe.code == "p1"
        assert Connection.objects.get().away_m == pytest.approx(0.0, abs=0.05)

    def test_of_a_retired_pipe_do_not_jump_to_a_pipe_changed_elsewhere(self, people):
        place = place_along("p3", 0.5)
        Connection.objects.create(code="C1", lon=place["lon"], lat=place["lat"])
        actions.connect(by_id=None)

        apply(
            people,
            ("retire", "p3", {}),
            ("move", "a", {"lon": asset("a").lon, "lat": asset("a").lat + 0.0001}),
        )

        assert Connection.objects.get().pipe.code == "p3"
        found = [one.subject for one in checking.find() if one.check == "connection_far"]
        assert found == ["C1"]

    def test_move_to_the_pipe_that_replaces_theirs(self, people):
        place = place_along("p3", 0.5)
        Connection.objects.create(code="C1", lon=place["lon"], lat=place["lat"])
        actions.connect(by_id=None)

        apply(
            people,
            ("retire", "p3", {}),
            ("create", "p3b", {"kind": "pipe", "start": "b", "end": "c"}),
        )

        assert Connection.objects.get().pipe.code == "p3b"

    def test_know_how_far_the_customer_is_when_their_pipe_has_moved(self, people):
        place = place_along("p3", 0.5)
        Connection.objects.create(code="C1", lon=place["lon"], lat=place["lat"])
        actions.connect(by_id=None)

        apply(
            people,
            *(
                ("move", one, {"lon": asset(one).lon, "lat": asset(one).lat + 0.0001})
                for one in "bc"
            ),
        )

        assert Connection.objects.get().pipe.code == "p3"
        # A ten-thousandth of a degree of latitude is 11.1 m.
        assert Connection.objects.get().away_m == pytest.approx(11.1, abs=0.1)

    def test_keep_the_zone_that_was_stated(self, people):
        place = place_along("p2", 0.8)
        zone = Zone.objects.create(code="Z", name="Z")
        Connection.objects.create(code="C1", lon=place["lon"], lat=place["lat"], zone=zone)
        actions.connect(by_id=None)

        apply(people, ("split", "p2", place_along("p2", 0.4)))

        assert (Connection.objects.get().pipe.code, Connection.objects.get().zone) == ("p2-1", zone)


@pytest.mark.usefixtures("town")
def test_distances_follow_a_length_that_was_put_right():
    assert facade.distances(["a", "c"], reach_m=1e6)[0][0, 1] == pytest.approx(350.0)

    actions.change_attributes({"p2": {"length_m": 500.0}}, by_id=None)

    assert facade.distances(["a", "c"], reach_m=1e6)[0][0, 1] == pytest.approx(600.0)
