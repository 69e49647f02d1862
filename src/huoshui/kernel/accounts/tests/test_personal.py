"""Telephone numbers: in full for those who may see them, masked for the rest, and recorded."""

import pytest

from huoshui.kernel.accounts import actions, permissions, personal, post_actions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.audit import words
from huoshui.kernel.audit.models import AuditRecord


class TestMaskPhone:
    @pytest.mark.parametrize(
        ("number", "shown"),
        [
            ("13812345678", "138****5678"),
            ("+86 138 1234 5678", "861****5678"),
            ("021-1234567", "021****4567"),
            ("12345", "****45"),
            ("", ""),
        ],
    )
    def test_hides_the_middle(self, number, shown):
        assert personal.mask_phone(number) == shown


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def crew(self) -> User:
        return actions.add_user("chen", "Chen", posts=("crew",), phone="13812345678")[0]

    def reader(self, client, post: str) -> User:
        user, _ = actions.add_user("reader", "Reader", posts=(post,))
        client.force_login(user)
        return user

    def test_show_numbers_to_those_who_may_and_record_it_once(self, client, crew):
        reader = self.reader(client, "manager")

        for _ in range(3):
            assert "13812345678" in client.get("/system/users/").content.decode()
            assert "13812345678" in client.get(f"/system/users/{crew.pk}/").content.decode()

        read = AuditRecord.objects.filter(by=reader).values_list("action", "subject")
        assert sorted(read) == [
            ("accounts.people_listed", "users:"),
            ("accounts.person_read", "user:chen"),
        ]

    def test_mask_them_for_the_rest_also_in_search_and_excel(self, client, crew):
        viewer = permissions.of_post("viewer") | {"accounts.read"}
        post_actions.set_post_permissions("viewer", viewer)
        self.reader(client, "viewer")

        text = client.get("/system/users/").content.decode()
        assert "13812345678" not in text
        assert "138****5678" in text
        assert "13812345678" not in client.get(f"/system/users/{crew.pk}/").content.decode()
        assert "chen" not in client.get("/system/users/?q=13812345678").content.decode()

    def test_keep_them_out_of_the_words_of_the_trail(self, crew):
        actions.change_person(crew, name="Chen", phone="13900001111")
        entry = AuditRecord.objects.get(action="accounts.user_changed")

        assert "138****5678 → 139****1111" in words.in_one_line(entry.action, entry.detail)
