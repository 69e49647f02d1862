"""Grids, their boards, what residents send by the code, and evening out the load.

Two grids: WG-1 has three estates side by side, WG-2 one.
"""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from huoshui.areas.customers import actions, balancing, facade, figures, refusals, rules
from huoshui.areas.customers.models import Account, Board, Estate
from huoshui.areas.customers.web import boards
from huoshui.kernel import cases
from huoshui.kernel.accounts import actions as accounts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


@pytest.fixture
def people(town):
    names = ("zheng", "wu", "boss")
    return {
        name: accounts.add_user(name, name.title(), posts=(post,))[0]
        for name, post in zip(
            names, ("grid_specialist", "grid_specialist", "service_manager"), strict=True
        )
    }


@pytest.fixture
def grids(people):
    for code in ("WG-1", "WG-2"):
        actions.add_grid(code, f"第{code[-1]}网格", by_id=None)
    actions.choose_people("WG-1", specialist_id=people["zheng"].pk, deputy_id=people["wu"].pk,
                          phone="0531-96568", duties="咨询\n报修", by_id=None)  # fmt: skip
    moves = {"XQ-01": "WG-1", "XQ-02": "WG-1", "XQ-03": "WG-1", "XQ-04": "WG-2"}
    actions.move_estates(moves, by_id=None)


@pytest.mark.usefixtures("grids")
class TestBoards:
    def test_an_estate_without_a_specialist_gets_none(self):
        with pytest.raises(refusals.NoSpecialist):
            actions.hang_board("XQ-04", place="北门", by_id=None)

    def test_tells_a_lie_after_a_change_of_staff(self, people, client):
        actions.hang_board("XQ-01", place="北门", by_id=None)
        client.force_login(people["boss"])
        missing = reverse("customers:estates") + "?show=no_board"

        assert "光明小区" not in client.get(missing).content.decode()
        actions.choose_people("WG-1", specialist_id=people["wu"].pk, deputy_id=None, by_id=None)

        assert "光明小区" in client.get(missing).content.decode()
        assert facade.specialist_of("XQ-01").name == "Wu"

    def test_is_taken_down_once(self):
        board = actions.hang_board("XQ-01", place="北门", by_id=None)
        actions.take_down(board.pk, by_id=None)

        with pytest.raises(refusals.NotNow):
            actions.take_down(board.pk, by_id=None)
        assert Board.objects.get().removed_at is not None

    def test_can_be_printed_with_its_code(self, people, client):
        client.force_login(people["zheng"])

        page = client.get(reverse("customers:board_print", args=["WG-1"])).content.decode()

        assert "<svg" in page
        assert "0531-96568" in page


@pytest.mark.usefixtures("grids")
class TestReport:
    def address(self, grid="WG-1", estate="XQ-01"):
        return reverse("customers:public", args=[boards.token_of(grid, estate)])

    def test_becomes_a_case_of_the_specialist(self, client, people):
        answer = client.post(self.address(), {"text": "楼道水表漏水", "phone": "13800138001"})

        assert answer.status_code == 200
        (found,) = cases.linked("customers.estate", "XQ-01")
        assert (found.type_code, found.owner_id) == ("customers.board_report", people["zheng"].pk)
        assert found.number in answer.content.decode()
        assert cases.linked("customers.grid", "WG-1")

    def test_goes_to_whom_the_estate_belongs_now(self, client, people):
        address = self.address()
        actions.choose_people("WG-2", specialist_id=people["wu"].pk, deputy_id=None, by_id=None)
        actions.move_estates({"XQ-01": "WG-2"}, by_id=None)

        client.post(address, {"text": "水压小"})

        assert cases.linked("customers.estate", "XQ-01")[0].owner_id == people["wu"].pk

    def test_is_limited_for_one_sender(self, client):
        for number in range(rules.REPORTS_PER_SENDER_H):
            assert client.post(self.address(), {"text": f"第{number}次"}).status_code == 200

        assert client.post(self.address(), {"text": "再来"}).status_code == 429

    @pytest.mark.parametrize("token", ["WG-1.XQ-01.000000000000", "WG-1", "x.y.z.w", "..."])
    def test_knows_no_code_we_never_printed(self, client, token):
        assert client.get(reverse("customers:public", args=[token])).status_code == 404

    def test_tells_how_soon_somebody_answered(self, people):
        number = actions.receive_report("WG-1", text="水表漏水", estate_code="XQ-01")
        cases.act(number, "take_up", by_id=people["zheng"].pk)

        figure = next(one for one in figures.grid_figures() if one["code"] == "WG-1")

        assert figure["reports"] == 1
        assert figure["response_s"] >= 0


@pytest.mark.usefixtures("grids")
class TestPlans:
    def test_moves_an_estate_only_after_somebody_else_approved(self, people):
        plan = actions.propose_plan(by_id=people["boss"].pk)

        assert set(plan.before) == {"WG-1", "WG-2"}
        with pytest.raises(refusals.OwnPlan):
            actions.decide_plan(plan.pk, approve=True, by_id=people["boss"].pk)
        actions.decide_plan(plan.pk, approve=True, by_id=people["wu"].pk)

        for estate, _before, to in plan.moves:
            assert Estate.objects.get(code=estate).grid.code == to
        with pytest.raises(refusals.PlanDecided):
            actions.decide_plan(plan.pk, approve=False, by_id=people["wu"].pk)

    def test_refuses_what_was_overtaken(self, people):
        plan = actions.propose_plan(by_id=people["boss"].pk)
        actions.move_estates({plan.moves[0][0]: ""}, by_id=None)

        with pytest.raises(refusals.PlanDecided):
            actions.decide_plan(plan.pk, approve=True, by_id=people["wu"].pk)


def row(code, at, load, grid):
    return balancing.Ground(code, 117 + at / 100, 36.6, load, grid)


class TestProposal:
    """A row of estates from west to east: a1 a2 a3 a4 | b1."""

    GROUND = (
        *(row(f"a{n}", n, 100, "A") for n in range(1, 9)),
        row("b1", 9, 100, "B"),
        row("b2", 10, 100, "B"),
    )

    def test_evens_out_the_load_by_neighbours(self):
        moves = balancing.proposal(self.GROUND, ["A", "B"])
        to = {one.estate: one.to_grid for one in moves}
        after = [row(g.code, 0, g.load, to.get(g.code, g.grid)) for g in self.GROUND]

        load = balancing.loads(after, ["A", "B"])
        assert load == {"A": 500, "B": 500}
        # The estate farthest from the other grid stays where it is.
        assert "a1" not in to

    def test_leaves_alone_what_is_even(self):
        ground = [row("a", 1, 100, "A"), row("b", 2, 100, "B")]

        assert balancing.proposal(ground, ["A", "B"]) == []

    def test_gives_an_estate_of_nobody_to_a_neighbour(self):
        ground = [*self.GROUND, row("new", 11, 10, "")]

        moves = balancing.proposal(ground, ["A", "B"])

        assert next(one for one in moves if one.estate == "new").to_grid == "B"

    def test_never_loses_or_doubles_an_account(self):
        before = balancing.loads(self.GROUND, ["A", "B"])

        moves = {one.estate: one.to_grid for one in balancing.proposal(self.GROUND, ["A", "B"])}
        after = [row(g.code, 0, g.load, moves.get(g.code, g.grid)) for g in self.GROUND]

        assert sum(balancing.loads(after, ["A", "B"]).values()) == sum(before.values())

    def test_estates_without_a_place_are_nobodys_neighbours(self):
        """Before, all of them lay at 0° 0° beside each other, and were moved for it."""
        nowhere = float("nan")
        ground = [
            balancing.Ground("a1", nowhere, nowhere, 600, "A"),
            balancing.Ground("a2", nowhere, nowhere, 200, "A"),
            balancing.Ground("b1", nowhere, nowhere, 100, "B"),
        ]

        assert balancing.proposal(ground, ["A", "B"]) == []
        assert balancing.neighbours([*ground, row("x", 1, 1, "A"), row("y", 2, 1, "A")])[3:] == [
            {4},
            {3},
        ]


@pytest.mark.usefixtures("grids")
def test_a_closed_account_counts_nowhere(people, client):
    Account.objects.filter(code="A1002").update(state="closed")
    client.force_login(people["boss"])

    page = client.get(reverse("customers:estate", args=["XQ-01"])).context["sections"]

    assert facade.estate("XQ-01").accounts == 2
    assert {one["code"]: one["accounts"] for one in figures.grid_figures()} == {
        "WG-1": 4, "WG-2": 1,
    }  # fmt: skip
    with translation.override("en"):
        shown = {str(one.label): one.value for section in page for one in section.facts}
    assert shown["Accounts"] == 2
