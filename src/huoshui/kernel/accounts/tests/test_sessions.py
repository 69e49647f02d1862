"""Where one is signed in, and ending it from afar."""

import pytest
from django.test import Client

from huoshui.kernel.accounts import actions, permissions, sessions, tokens
from huoshui.kernel.accounts.models import UserSession
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
NEXT = "staple of the battery"


@pytest.fixture
def wang():
    return actions.add_user("wang", "Wang", posts=("viewer",), password=PASSWORD)[0]


def browser(username: str = "wang", agent: str = "Firefox") -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/sign-in/", {"username": username, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


class TestSessions:
    def test_lists_every_browser_and_ends_another(self, wang):
        here, there = browser(), browser(agent="Phone")
        page = here.get("/me/sessions/").content.decode()
        assert "Firefox" in page
        assert "Phone" in page

        other = UserSession.objects.get(browser="Phone")
        here.post(f"/me/sessions/{other.pk}/end/")

        assert there.get("/me/sessions/").status_code == 302
        assert here.get("/me/sessions/").status_code == 200
        assert AuditRecord.objects.filter(action="accounts.session_ended", by=wang).exists()

    def test_nobody_ends_those_of_others(self, wang):
        actions.add_user("li", "Li", posts=("administrator",), password=PASSWORD)
        browser()
        mine = UserSession.objects.get(user=wang)
        other = Client()
        other.force_login(actions.find_user("li"))

        assert other.post(f"/me/sessions/{mine.pk}/end/").status_code == 404
        assert sessions.open_of(wang).count() == 1

    def test_changing_the_password_leaves_only_this_one(self, wang):
        here, there = browser(), browser(agent="Phone")
        form = {"current": PASSWORD, "password": NEXT, "again": NEXT}

        assert here.post("/me/password/", form).status_code == 302

        assert here.get("/me/sessions/").status_code == 200
        assert there.get("/me/sessions/").status_code == 302
        assert [one.browser for one in sessions.open_of(wang)] == ["Firefox"]

    def test_changing_the_password_ends_the_tokens_of_the_person_and_says_so(self, wang):
        other = actions.add_user("li", "Li", posts=("viewer",))[0]
        scopes = sorted(permissions.of_user(wang))[:1]
        mine, _secret = tokens.make(wang, "SCADA", scopes)
        theirs, _secret = tokens.make(other, "Other", scopes)
        form = {"current": PASSWORD, "password": NEXT, "again": NEXT}
        page = browser().post("/me/password/", form, follow=True)

        assert page.redirect_chain[-1][0] == "/me/tokens/"
        assert "SCADA" in str(page.context["messages"]._loaded_messages[-1])
        mine.refresh_from_db()
        theirs.refresh_from_db()
        assert mine.revoked_at is not None
        assert theirs.revoked_at is None
        record = AuditRecord.objects.get(action="accounts.password_set")
        assert record.detail == {"tokens_ended": ["SCADA"]}

    def test_signing_out_ends_it(self, wang):
        browser().post("/sign-out/")

        assert not sessions.open_of(wang).exists()


class TestSpoken:
    @pytest.mark.parametrize(
        ("agent", "words"),
        [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
                "Edge, Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari, iPhone",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("", ""),
        ],
    )
    def test_says_what_people_know(self, agent, words):
        assert sessions.spoken(agent) == words
