"""Users and posts: what is done, what is refused, what the trail keeps."""

import pytest

from huoshui.kernel import clock
from huoshui.kernel.accounts import actions, permissions, post_actions
from huoshui.kernel.accounts.models import PostHolding, User
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db


def deeds() -> list[str]:
    return list(AuditRecord.objects.order_by("sequence").values_list("action", flat=True))


class TestAddUser:
    def test_makes_a_password_that_works_and_is_told_once(self):
        user, password = actions.add_user("Wang", "王", posts=("dispatcher",))

        assert len(password) >= 16
        assert user.check_password(password)
        assert user.username == "wang"
        assert deeds() == ["accounts.user_added", "accounts.post_given"]
        assert password not in str(list(AuditRecord.objects.values()))

    def test_refuses_a_name_that_is_taken_whatever_its_capitals(self):
        actions.add_user("wang", "Wang")

        with pytest.raises(actions.UsernameTaken):
            actions.add_user("WANG", "Other")

    def test_refuses_a_weak_password_and_says_why(self):
        with pytest.raises(actions.PasswordTooWeak) as refused:
            actions.add_user("wang", "Wang", password="wangwang")

        assert refused.value.data["reasons"]
        assert not User.objects.exists()

    @pytest.mark.parametrize("weak", ["short", "8314159265358979", "password1234", "wangwangwang"])
    def test_refuses_what_others_would_guess(self, weak):
        with pytest.raises(actions.PasswordTooWeak):
            actions.add_user("wangwangwang", "Wang", password=weak)

    def test_adds_nobody_when_a_post_does_not_exist(self):
        with pytest.raises(actions.UnknownPost):
            actions.add_user("wang", "Wang", posts=("lamplighter",))

        assert not User.objects.exists()


class TestPosts:
    def test_giving_twice_changes_nothing(self):
        user, _ = actions.add_user("wang", "Wang", posts=("crew",))

        actions.give_post(user, "crew")

        assert PostHolding.objects.count() == 1

    def test_ending_keeps_the_past(self):
        user, _ = actions.add_user("wang", "Wang", posts=("crew",))

        actions.end_post(user, "crew")

        holding = PostHolding.objects.get()
        assert holding.until_at is not None
        assert not PostHolding.objects.valid_at(clock.now()).exists()
        assert deeds()[-1] == "accounts.post_ended"

    def test_somebody_stays_administrator(self):
        user, _ = actions.add_user("wang", "Wang", posts=("administrator",))

        with pytest.raises(actions.LatestAdministrator):
            actions.end_post(user, "administrator")
        with pytest.raises(actions.LatestAdministrator):
            actions.set_active(user, False)

    def test_the_second_administrator_may_go(self):
        first, _ = actions.add_user("wang", "Wang", posts=("administrator",))
        actions.add_user("li", "Li", posts=("administrator",))

        actions.end_post(first, "administrator")

        assert not permissions.holds(User.objects.get(pk=first.pk), "accounts.manage")


class TestPostPermissions:
    def test_keeps_only_the_differences(self):
        wanted = permissions.of_post("viewer") | {"audit.read"}

        post_actions.set_post_permissions("viewer", wanted)

        post = actions.find_post("viewer")
        assert (post.granted, post.withdrawn) == (["audit.read"], [])
        assert deeds() == ["accounts.post_permissions_changed"]

    def test_refuses_what_was_never_declared(self):
        with pytest.raises(post_actions.UnknownPermission):
            post_actions.set_post_permissions("viewer", ["lamps.eat"])
