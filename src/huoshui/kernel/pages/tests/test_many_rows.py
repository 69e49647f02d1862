"""Deeds on many rows at once: ticked ones, or everything that the filters keep."""

from __future__ import annotations

import pytest

from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit import bulk
from huoshui.kernel.pages.tests.conftest import add_people

LIST = "/test/people/"


def gone() -> set[str]:
    return set(User.objects.filter(is_active=False).values_list("username", flat=True))


@pytest.fixture
def people(db):
    add_people(45)
    User.objects.update(is_active=True)
    return {one.username: one.pk for one in User.objects.all()}


class TestBulkActions:
    def test_are_offered_with_boxes_only_to_who_may(self, reader, people):
        page = reader.get(LIST).content.decode()

        assert page.count('name="id" form="bulk"') == 20
        assert "Send away" in page
        assert "Secret" not in page

    def test_change_the_ticked_rows(self, reader, people):
        answer = reader.post(
            LIST, {"bulk": "send_away", "id": [people["p001"], people["p031"]]}, follow=True
        )

        assert gone() == {"p001", "p031"}
        assert "Send away: 2 rows." in answer.content.decode()

    def test_change_everything_the_filters_keep_and_nothing_else(self, reader, people):
        reader.post(f"{LIST}?q=p04", {"bulk": "send_away", "everything": "1"})

        assert gone() == {"p040", "p041", "p042", "p043", "p044"}

    def test_never_reach_a_row_that_the_list_would_not_show(self, reader, people):
        answer = reader.post(LIST, {"bulk": "send_away", "id": [people["reader"], "x", "-1"]})

        assert answer.status_code == 422
        assert gone() == set()

    def test_are_refused_without_their_own_permission(self, reader, people):
        answer = reader.post(LIST, {"bulk": "secret", "everything": "1"})

        assert answer.status_code == 422
        assert gone() == set()

    def test_refuse_more_than_can_be_done_at_once(self, reader, people, monkeypatch):
        monkeypatch.setattr(bulk, "ROWS_MAX", 10)

        answer = reader.post(LIST, {"bulk": "send_away", "everything": "1"})

        assert answer.status_code == 422
        assert "45 rows are too many" in answer.content.decode()
        assert gone() == set()

    def test_can_be_taken_back(self, reader, people):
        page = reader.post(
            f"{LIST}?q=undo", {"bulk": "send_away", "id": [people["p001"]]}, follow=True
        ).content.decode()
        assert gone() == set()  # nothing fits the search, so nothing was ticked

        User.objects.filter(username="p001").update(name="undo")
        page = reader.post(
            f"{LIST}?q=undo", {"bulk": "send_away", "id": [people["p001"]]}, follow=True
        ).content.decode()

        assert 'action="/test/back/"' in page
        assert "1 sent away" in page

    @pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/"])
    def test_are_taken_back_on_our_own_pages_only(self, rf, url):
        with pytest.raises(ValueError, match="page of ours"):
            kit.undo(rf.get("/"), "Done", url)


class TestNaturalKey:
    def test_puts_codes_in_the_order_people_expect(self):
        codes = ["V-10", "v-9", "V-2b", "V-2", "V-0002a", "A-100"]

        assert sorted(codes, key=kit.natural_key) == [
            "A-100",
            "V-2",
            "V-0002a",
            "V-2b",
            "v-9",
            "V-10",
        ]
