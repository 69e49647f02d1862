"""A declaration with a mistake is refused at the start, every mistake by name."""

from __future__ import annotations

import dataclasses

import pytest

from huoshui.kernel import cases
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import checking


@pytest.fixture
def sound(keys):
    """Return a declaration without mistake."""
    return keys


def problems(sound, **changes):
    return checking.problems_of(dataclasses.replace(sound, **changes))


class TestDeclare:
    def test_takes_a_sound_declaration(self, sound):
        assert checking.problems_of(sound) == []
        assert cases.case_type("office.lost_key") is sound

    def test_makes_its_permissions_known_by_unit(self, sound):
        found = {one.code: one for one in permissions.declared()}

        assert found["office.lost_key.check"].posts == {"manager", "dispatcher"}
        assert found["office.lost_key.check"].by_unit

    def test_names_all_mistakes_at_once(self, sound, declare):
        wrong = dataclasses.replace(
            sound,
            transitions=(cases.Transition("fly", "Fly", ("reported",), "moon", "levitate"),),
        )

        with pytest.raises(ValueError, match="unknown state moon") as refused:
            declare(wrong)

        assert "unknown permission levitate" in str(refused.value)
        assert "state searched cannot be reached" in str(refused.value)
        assert "state reported leads to no end" in str(refused.value)


class TestProblemsOf:
    def test_finds_a_state_that_no_case_comes_to(self, sound):
        more = (*sound.states, cases.State("lost", "Lost for good", kind="cancelled"))

        assert problems(sound, states=more) == ["state lost cannot be reached"]

    def test_finds_a_way_out_of_an_end(self, sound):
        more = cases.Transition("again", "Again", ("closed",), "searched", "work")

        found = problems(sound, transitions=(*sound.transitions, more))

        assert found == ["state closed is an end, and yet a transition leaves it; use reopen"]

    def test_finds_a_prefix_that_is_taken(self, sound):
        other = dataclasses.replace(sound, code="office.other")

        assert checking.problems_of(other, [sound]) == ["its prefix K belongs to office.lost_key"]

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"code": "keys"}, "its code is not area.what_it_is"),
            ({"prefix": "k1"}, "its prefix 'k1' is not one to six capital letters"),
            ({"label": ""}, "it has no label"),
            ({"states": ()}, "it has no state"),
            ({"permissions": ()}, "the permission read is missing"),
            ({"reopen": cases.Reopen("closed", "check")}, "which is no open state"),
            ({"reopen": None}, "reopen does not say with what deadline"),
            ({"call_back": None}, "needs a call-back, but none is declared"),
            ({"fields": (cases.Field("room", "Room", kind="smell"),)}, "unknown kind smell"),
            ({"fields": (cases.Field("room", "Room", kind="choice"),)}, "choices belong to"),
            (
                {"clocks": (cases.Clock("a", "A", cases.minutes(1), until=("mars",)),)},
                "clock a names the unknown state mars",
            ),
            ({"pauses": (cases.Pause("p", "P", clocks=("none",)),)}, "unknown clock none"),
            (
                {"states": (cases.State("reported", "R", posts=("king",)),)},
                "there is no post king",
            ),
        ],
    )
    def test_says_what_is_wrong(self, sound, changes, problem):
        assert any(problem in one for one in problems(sound, **changes))


class TestLimit:
    def test_refuses_no_working_day_at_all(self):
        with pytest.raises(ValueError, match="no length of time"):
            cases.working_days(0)
