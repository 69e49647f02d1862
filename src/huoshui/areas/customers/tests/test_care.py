"""Special care, and that nobody in it loses water without a visit."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huoshui.areas.customers import actions, facade, refusals, rules
from huoshui.areas.customers.contracts import CareReason
from huoshui.kernel import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


@pytest.fixture
def cared(town):
    actions.begin_care(
        "A1003", reason=CareReason.ELDERLY, consent_date=date(2020, 1, 2), consent_by="女儿曾红",
        contact_name="曾红", contact_phone="137 0013 7001", by_id=None,
    )  # fmt: skip


class TestMayCutOff:
    def test_others_may_be(self):
        facade.may_cut_off("A1001")

    @pytest.mark.usefixtures("cared")
    def test_is_refused_before_a_visit(self):
        with pytest.raises(refusals.CareNeedsVisit):
            facade.may_cut_off("A1003")

    @pytest.mark.usefixtures("cared")
    def test_is_possible_after_a_visit_for_a_while(self):
        actions.visit("A1003", by_id=None, note="已说明欠费，代缴 35 元")

        facade.may_cut_off("A1003")
        later = clock.now() + rules.CARE_VISIT_VALID + timedelta(days=1)
        with pytest.raises(refusals.CareNeedsVisit):
            facade.may_cut_off("A1003", at=later)

    @pytest.mark.usefixtures("cared")
    def test_who_met_nobody_has_not_visited(self):
        actions.visit("A1003", by_id=None, met=False)

        with pytest.raises(refusals.CareNeedsVisit):
            facade.may_cut_off("A1003")

    @pytest.mark.usefixtures("cared")
    def test_is_possible_when_care_has_ended(self):
        actions.end_care("A1003", why="搬走", by_id=None)

        facade.may_cut_off("A1003")

    def test_refuses_an_account_nobody_knows(self):
        with pytest.raises(refusals.NoSuch):
            facade.may_cut_off("A9999")


class TestBeginCare:
    @pytest.mark.usefixtures("cared")
    def test_refuses_a_second_one(self):
        with pytest.raises(refusals.AlreadyInCare):
            actions.begin_care("A1003", reason=CareReason.ILL, consent_date=date(2020, 1, 2),
                               consent_by="本人", by_id=None)  # fmt: skip

    @pytest.mark.parametrize(
        ("consent", "by"), [(date(2199, 1, 1), "本人"), (date(2020, 1, 1), " ")]
    )
    def test_refuses_a_consent_that_nobody_gave(self, consent, by):
        with pytest.raises(refusals.Impossible):
            actions.begin_care("A1001", reason=CareReason.ILL, consent_date=consent,
                               consent_by=by, by_id=None)  # fmt: skip

    @pytest.mark.usefixtures("cared")
    def test_is_told_to_others_masked(self):
        care = facade.special_care(["A1003", "A1001"])

        assert list(care) == ["A1003"]
        assert (care["A1003"].contact, care["A1003"].contact_phone) == ("曾*", "137****7001")
