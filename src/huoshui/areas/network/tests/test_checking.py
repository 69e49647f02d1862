"""The checks over the register: what L-Town shows, and what is kept between runs."""

from __future__ import annotations

import pytest

from huoshui.areas.network import actions, check_words, refusals
from huoshui.areas.network.contracts import Operability
from huoshui.areas.network.models import Asset, Finding

pytestmark = pytest.mark.usefixtures("l_town")


def found(check: str) -> list[str]:
    return sorted(Finding.objects.filter(check_code=check).values_list("subject", flat=True))


class TestRunChecks:
    def test_finds_l_town_joined_up(self):
        """The published model calculates, so all of it is fed and nothing ends where it starts."""
        actions.run_checks(by_id=None)

        assert found("no_source") == found("shut_off") == found("loop") == []
        assert found("no_diameter") == found("no_length") == []

    def test_finds_what_was_broken_on_purpose(self):
        pipe = Asset.objects.filter(kind="pipe").order_by("id").first()
        Asset.objects.filter(id=pipe.id).update(diameter_mm=None, length_m=pipe.length_m + 900)

        actions.run_checks(by_id=None)

        assert found("no_diameter") == [pipe.code]
        assert pipe.code in found("length_differs")

    def test_keeps_an_acceptance_until_the_finding_is_gone(self):
        pipe = Asset.objects.filter(kind="pipe").order_by("id").first()
        Asset.objects.filter(id=pipe.id).update(diameter_mm=None)
        actions.run_checks(by_id=None)
        row = Finding.objects.get(check_code="no_diameter")
        actions.accept_findings([row.id], reason="dug up, not measured", by_id=None)

        actions.run_checks(by_id=None)

        assert Finding.objects.get(id=row.id).reason == "dug up, not measured"
        Asset.objects.filter(id=pipe.id).update(diameter_mm=100)
        actions.run_checks(by_id=None)
        assert not found("no_diameter")

    def test_accepts_nothing_without_a_reason(self):
        with pytest.raises(refusals.ReasonNeeded):
            actions.accept_findings([1], reason=" ", by_id=None)

    def test_has_words_for_every_finding(self):
        actions.run_checks(by_id=None)

        assert set(Finding.objects.values_list("check_code", flat=True)) <= set(check_words.BY_CODE)


class TestABoundaryValve:
    def test_of_unknown_state_is_found_until_somebody_reports_it(self):
        valve = Asset.objects.filter(kind="valve").order_by("id").first()
        actions.change_attributes({valve.code: {"is_boundary": True}}, by_id=None)
        actions.run_checks(by_id=None)
        assert found("boundary_state") == [valve.code]

        actions.report_condition(valve.code, operability=Operability.OPERABLE, by_id=None)
        actions.run_checks(by_id=None)
        assert found("boundary_state") == [valve.code]  # how it turns says nothing of how it stands

        actions.report_turn(valve.code, opening_frac=0.0, by_id=None)
        actions.run_checks(by_id=None)
        assert found("boundary_state") == []
