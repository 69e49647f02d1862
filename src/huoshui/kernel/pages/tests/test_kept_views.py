"""What a reader keeps of a list: views, columns, density."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from huoshui.kernel import clock
from huoshui.kernel.accounts import actions
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.pages.tests.conftest import START, add_people
from huoshui.kernel.pages.tests.test_lists import cells_of, names
from huoshui.kernel.views.models import SavedView

LIST = "/test/people/"


def headings(page: str) -> list[str]:
    table = page.split("<thead>")[1].split("</thead>")[0]
    found = re.findall(r'(?:<a [^>]*>|<th class="[^"]*" scope="col"[^>]*>)([A-Z][a-z ]+)', table)
    return [one.strip() for one in found]


@pytest.fixture
def colleague(db) -> Client:
    with clock.frozen(START - timedelta(days=365)):
        user, _ = actions.add_user("mei", "Mei", posts=("administrator",), password="x" * 20)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["huoshui_language"] = "en"
    return client


class TestColumns:
    def test_are_as_declared_until_somebody_chooses(self, reader):
        add_people(1)

        assert headings(reader.get(LIST).content.decode()) == [
            "User name",
            "Name",
            "State",
            "Since",
            "Size",
        ]

    def test_are_remembered_in_their_order_for_this_reader_alone(self, reader, colleague):
        add_people(1)

        reader.post(LIST, {"list": "columns", "column": ["phone", "username"]})

        assert headings(reader.get(LIST).content.decode()) == ["Telephone", "User name"]
        assert len(headings(colleague.get(LIST).content.decode())) == 5

    def test_go_into_the_excel_file_too(self, reader):
        add_people(1)
        reader.post(LIST, {"list": "columns", "column": ["name"]})

        sheet = cells_of(reader.get(LIST, {"format": "xlsx"}))

        assert "Person 0" in sheet
        assert "p000" not in sheet

    def test_come_back_as_they_were_made(self, reader):
        add_people(1)
        reader.post(LIST, {"list": "columns", "column": ["name"]})

        reader.post(LIST, {"list": "columns", "column": ["name"], "reset": "1"})

        assert len(headings(reader.get(LIST).content.decode())) == 5

    def test_that_nobody_declared_are_no_columns(self, reader):
        add_people(1)

        reader.post(LIST, {"list": "columns", "column": ["password", "name"]})

        assert headings(reader.get(LIST).content.decode()) == ["Name"]
        assert headings(reader.get(LIST, {"cols": "password"}).content.decode()) == ["Name"]

    def test_keep_the_way_to_the_row_when_the_first_is_hidden(self, reader):
        add_people(1)
        reader.post(LIST, {"list": "columns", "column": ["name"]})

        assert 'data-href="/test/people/' in reader.get(LIST).content.decode()


class TestSavedViews:
    def save(self, client, query="q=p01&sort=-username", **given):
        return client.post(f"{LIST}?{query}", {"list": "save_view", "name": "Tens"} | given)

    def test_lead_back_to_filters_order_and_columns(self, reader):
        add_people(30)
        reader.post(LIST, {"list": "columns", "column": ["username"]})

        answer = self.save(reader)

        view = SavedView.objects.get()
        assert answer["Location"] == view.url
        reader.post(LIST, {"list": "columns", "reset": "1"})
        page = reader.get(view.url)
        assert names(page) == [f"p{n:03d}" for n in range(19, 9, -1)]
        assert headings(page.content.decode()) == ["User name"]
        assert AuditRecord.objects.filter(action="views.saved").count() == 1

    def test_are_ones_own_unless_shared(self, reader, colleague):
        add_people(1)
        self.save(reader)
        assert "Tens" not in colleague.get(LIST).content.decode()

        self.save(reader, shared="1")

        assert "Tens" in colleague.get(LIST).content.decode()
        assert SavedView.objects.count() == 1

    def test_are_shown_first_if_wanted(self, reader):
        add_people(30)
        self.save(reader, first="1")

        answer = reader.get(LIST)
        assert answer["Location"] == SavedView.objects.get().url
        # The way out of it, and what a link asks for, stay as they are.
        assert len(names(reader.get(f"{LIST}?view=all"))) == 20
        assert len(names(reader.get(LIST, {"q": "p02"}))) == 10

        reader.post(LIST, {"list": "first_view", "view": ""})
        assert reader.get(LIST).status_code == 200

    def test_are_removed_by_their_owner_only(self, reader, colleague):
        self.save(reader, shared="1")
        view = SavedView.objects.get()

        assert colleague.post(LIST, {"list": "remove_view", "view": view.pk}).status_code == 404
        assert SavedView.objects.exists()
        reader.post(LIST, {"list": "remove_view", "view": view.pk})
        assert not SavedView.objects.exists()

    def test_need_a_name(self, reader):
        answer = self.save(reader, name="   ")

        assert answer.status_code == 422
        assert "needs a name" in answer.content.decode()

    def test_are_shared_only_by_who_may(self, db, reader, monkeypatch):
        from huoshui.kernel.accounts.models import Post

        Post.objects.filter(code="viewer").update(granted=["accounts.manage"])
        with clock.frozen(START - timedelta(days=365)):
            user, _ = actions.add_user("guest", "Guest", posts=("viewer",), password="x" * 20)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        assert self.save(client, shared="1").status_code == 403
        assert self.save(client).status_code == 302


class TestDensity:
    def test_is_remembered_for_all_lists(self, reader):
        add_people(1)
        assert "hs-dense" not in reader.get(LIST).content.decode()

        reader.post(LIST, {"list": "density", "dense": "1"})

        assert "hs-dense" in reader.get(LIST).content.decode()


class TestUnknownDeeds:
    def test_are_refused_on_the_page(self, reader):
        assert reader.post(LIST, {"list": "burn"}).status_code == 422
        assert reader.post(LIST, {}).status_code == 422
