"""A form that is sent twice is done once."""

from __future__ import annotations

import re
from datetime import timedelta

from django.test import Client

from huoshui.kernel import clock
from huoshui.kernel.accounts import actions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages.models import SentForm

ADD = "/test/people/add/"


def named(name: str) -> int:
    return User.objects.filter(name=name).count()


def key_of(page) -> str:
    found = re.search('name="form_key" value="([0-9a-f]{32})"', page.content.decode())
    assert found is not None
    return found[1]


class TestSentTwice:
    def test_is_done_once_and_leads_to_where_the_first_led(self, reader):
        said = {"form_key": key_of(reader.get(ADD)), "name": "Ann"}

        first, again = reader.post(ADD, said), reader.post(ADD, said)

        assert named("Ann") == 1
        assert (first.status_code, again.status_code) == (302, 302)
        assert again["Location"] == first["Location"]
        page = reader.get(again["Location"]).content.decode()
        assert "This was sent already; it counts once." in page

    def test_is_done_again_where_something_else_is_typed(self, reader):
        # Back in the browser, and another name into the same page.
        key = key_of(reader.get(ADD))

        for name in ("Ann", "Eve"):
            reader.post(ADD, {"form_key": key, "name": name})

        assert (named("Ann"), named("Eve")) == (1, 1)

    def test_is_done_again_from_a_page_of_its_own(self, reader):
        for _ in range(2):
            reader.post(ADD, {"form_key": key_of(reader.get(ADD)), "name": "Ann"})

        assert named("Ann") == 2

    def test_may_be_sent_again_after_a_refusal_which_leaves_nothing(self, reader):
        said = {"form_key": key_of(reader.get(ADD)), "name": "Bob"}

        answers = [reader.post(ADD, said).status_code for _ in range(2)]

        assert answers == [409, 409]
        assert (named("Bob"), SentForm.objects.count()) == (0, 0)

    def test_is_another_when_somebody_else_sends_it(self, reader):
        said = {"form_key": key_of(reader.get(ADD)), "name": "Ann"}
        user, _ = actions.add_user("other", "Other", posts=("administrator",), password="x" * 20)
        other = Client()
        other.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        for one in (reader, other):
            one.post(ADD, said)

        assert named("Ann") == 2

    def test_is_forgotten_after_two_days(self, reader):
        said = {"form_key": "k", "name": "Ann"}
        reader.post(ADD, said)

        with clock.frozen(clock.now() + timedelta(days=3)):
            reader.post(ADD, {**said, "name": "Eve"})

        assert SentForm.objects.count() == 1

    def test_of_a_button_is_done_once_too(self, reader):
        first, again = (reader.post("/test/people/ann/", {"form_key": "k"}) for _ in range(2))

        assert named("Ann") == 1
        assert again["Location"] == first["Location"]

    def test_without_a_key_is_done_each_time(self, reader):
        for _ in range(2):
            reader.post(ADD, {"name": "Ann"})

        assert named("Ann") == 2
