"""Posts made here, and two who change a post at once."""

import pytest

from huoshui.kernel.accounts import actions, permissions, post_actions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db


class TestCopies:
    def test_may_do_what_their_pattern_may(self):
        copy = post_actions.copy_post("dispatcher", name_zh="值班长", name_en="Shift leader")
        user, _ = actions.add_user("wang", "Wang", posts=(copy.code,))

        assert permissions.of_user(user) == permissions.of_post("dispatcher")
        assert AuditRecord.objects.filter(action="accounts.post_made").count() == 1

    def test_go_their_own_way_and_leave_the_pattern_alone(self):
        copy = post_actions.copy_post("viewer", name_zh="审计员")
        wanted = permissions.of_post("viewer") | {"audit.read"}

        post_actions.set_post_permissions(copy.code, wanted)

        assert "audit.read" in permissions.of_row(actions.find_post(copy.code))
        assert "audit.read" not in permissions.of_post("viewer")

    def test_receive_permissions_of_later_versions(self, monkeypatch):
        copy = post_actions.copy_post("viewer", name_zh="审计员")
        monkeypatch.setattr(permissions, "_declared", dict(permissions._declared))
        permissions.declare("lamps.light", "Light", posts=("viewer",))

        assert "lamps.light" in permissions.of_row(copy)

    def test_need_a_name_of_their_own_and_are_never_administrators(self):
        post_actions.copy_post("viewer", name_zh="审计员")

        with pytest.raises(post_actions.PostNameTaken):
            post_actions.copy_post("viewer", name_zh="审计员")
        with pytest.raises(post_actions.PostIsFixed):
            post_actions.copy_post("administrator", name_zh="超级")

    def test_are_closed_when_nobody_holds_them(self):
        copy = post_actions.copy_post("viewer", name_zh="审计员")
        user, _ = actions.add_user("wang", "Wang", posts=(copy.code,))
        with pytest.raises(post_actions.PostStillHeld):
            post_actions.close_post(copy.code)

        actions.end_post(user, copy.code)
        post_actions.close_post(copy.code)

        with pytest.raises(actions.PostClosed):
            actions.give_post(user, copy.code)

    def test_posts_of_the_list_are_never_closed(self):
        with pytest.raises(post_actions.PostIsFixed):
            post_actions.close_post("viewer")


class TestPages:
    @pytest.fixture(autouse=True)
    def boss(self, client) -> User:
        user, _ = actions.add_user("boss", "Boss", posts=("administrator",))
        client.force_login(user)
        return user

    def test_refuse_a_change_on_top_of_somebody_elses(self, client):
        seen = client.get("/system/posts/viewer/").context["form"].initial["seen"]
        post_actions.set_post_permissions("viewer", permissions.of_post("viewer") | {"audit.read"})

        answer = client.post("/system/posts/viewer/", {"allowed": [], "seen": seen})

        assert answer.status_code == 409
        assert "audit.read" in permissions.of_row(actions.find_post("viewer"))

    def test_copy_a_post(self, client):
        form = {"source": "viewer", "name_zh": "审计员", "name_en": "Auditor"}

        answer = client.post("/system/posts/new/", form)

        assert answer.status_code == 302
        assert "审计员" in client.get("/system/posts/").content.decode()

    def test_never_add_a_user_without_a_post(self, client):
        answer = client.post("/system/users/new/", {"username": "wang", "name": "Wang"})

        assert answer.status_code == 422
        assert not User.objects.filter(username="wang").exists()

    def test_offer_another_try_only_to_who_is_locked_out(self, client):
        user, _ = actions.add_user("wang", "Wang", posts=("viewer",))
        address = f"/system/users/{user.pk}/"
        assert "unlock" not in client.get(address).content.decode()

        for guess in range(5):
            client.__class__().post("/sign-in/", {"username": "wang", "password": f"guess {guess}"})

        assert "unlock" in client.get(address).content.decode()
