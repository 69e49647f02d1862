"""What an administrator does to a user by mistake is taken back from the message about it."""

from __future__ import annotations

import pytest
from django.test import Client

from huoshui.kernel.accounts import actions, permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.organisation import actions as organisation
from huoshui.kernel.pages.kit import undoing

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client) -> Client:
    client.force_login(actions.add_user("boss", "Boss", posts=("administrator",))[0])
    return client


def way_back(answer) -> str:
    """Return where the one message with a way back leads."""
    (found,) = filter(None, map(undoing.undo_url, answer.context["messages"]))
    return found


class TestUndo:
    def test_gives_back_a_post_in_the_unit_it_was_held_in(self, boss):
        unit = organisation.add_unit("north", name_zh="North")
        user, _password = actions.add_user("wang", "Wang", posts=("viewer",))
        actions.give_post(user, "dispatcher", unit=unit)
        page = f"/system/users/{user.pk}/end-post/"
        answer = boss.post(page, {"post": "dispatcher", "unit": unit.pk}, follow=True)
        assert not permissions.holds(User.objects.get(pk=user.pk), "telemetry.acknowledge_alarm")

        boss.post(way_back(answer))

        again = User.objects.get(pk=user.pk)
        assert permissions.units_of(again, "telemetry.acknowledge_alarm") == {unit.pk}

    def test_opens_an_access_that_was_closed(self, boss):
        user, _password = actions.add_user("wang", "Wang", posts=("viewer",))
        answer = boss.post(f"/system/users/{user.pk}/access/", {"active": "0"}, follow=True)
        assert not User.objects.get(pk=user.pk).is_active

        boss.post(way_back(answer))

        assert User.objects.get(pk=user.pk).is_active

    def test_asks_for_the_permission_like_every_write(self, boss):
        user, _password = actions.add_user("wang", "Wang")
        other = Client()
        other.force_login(actions.add_user("li", "Li", posts=("manager",))[0])

        answer = other.post(f"/system/users/{user.pk}/give-back-post/?post=administrator")

        assert answer.status_code == 403
        assert not permissions.of_user(User.objects.get(pk=user.pk))
