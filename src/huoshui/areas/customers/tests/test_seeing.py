"""Whose personal data a specialist sees in full: of their own estates, and of no others."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huoshui.areas.customers import actions, facade, rules
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


@pytest.fixture
def specialist(town, client):
    """Looks after XQ-01 only; A1001 lies there, A1004 in another estate, A1006 in a street."""
    user, _ = accounts.add_user("zheng", "Zheng", posts=("grid_specialist",))
    actions.add_grid("WG-1", "东一", by_id=None)
    actions.choose_people("WG-1", specialist_id=user.pk, deputy_id=None, by_id=None)
    actions.move_estates({"XQ-01": "WG-1"}, by_id=None)
    client.force_login(user)
    return user


class TestSpecialist:
    def test_sees_people_of_the_own_estate(self, client, specialist):
        page = client.post(reverse("customers:unmask", args=["A1002"]))

        assert "王建国" in page.content.decode()
        assert facade.account("A1002", reader=specialist).holder_name == "王建国"

    @pytest.mark.parametrize("code", ["A1004", "A1006"])
    def test_sees_nobody_of_another_place(self, client, specialist, code):
        answer = client.post(reverse("customers:unmask", args=[code]))

        assert answer.status_code == 403
        assert facade.account(code, reader=specialist).is_masked
        assert not AuditRecord.objects.filter(action="customers.unmasked").exists()

    def test_is_offered_no_button_there(self, client, specialist):
        unmask = reverse("customers:unmask", args=["A1004"])

        page = client.get(reverse("customers:account", args=["A1004"])).content.decode()

        assert unmask not in page

    def test_a_deputy_stands_in(self, specialist):
        other, _ = accounts.add_user("wu", "Wu", posts=("grid_specialist",))
        assert facade.account("A1002", reader=other).is_masked
        actions.choose_people("WG-1", specialist_id=specialist.pk, deputy_id=other.pk, by_id=None)

        assert not facade.account("A1002", reader=other).is_masked

    def test_a_caller_with_two_places_is_told_in_full_for_one(self, specialist):
        (caller,) = facade.by_phone("13800138001", reader=specialist)

        shown = {one.code: one.is_masked for one in caller.accounts}
        assert shown == {"A1001": False, "A1008": True}
        seen = AuditRecord.objects.filter(action="customers.unmasked")
        assert [one.subject for one in seen] == ["customers.account:A1001"]

    def test_an_agent_sees_people_everywhere(self, agent):
        assert not facade.account("A1006", reader=agent).is_masked
        assert not facade.account("A1004", reader=agent).is_masked


def test_nothing_is_recorded_of_an_account_that_is_not_there(client, agent):
    client.force_login(agent)

    assert client.post(reverse("customers:unmask", args=["A9"])).status_code == 404
    assert not AuditRecord.objects.filter(action="customers.unmasked").exists()


@pytest.mark.parametrize(
    ("said", "shown"),
    [("本人", "本人"), ("女儿", "女儿"), ("女儿曾红", "女儿 曾*"), ("曾建红", "曾*红")],
)
def test_a_consent_names_nobody_until_seen_in_full(said, shown):
    assert rules.masked_consent(said) == shown
