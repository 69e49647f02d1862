"""Every address as every post: opened exactly when the mark on it says so, refused in one way.

Goal: no page and no endpoint is open to a post that should not have it, or shut to one that should,
and none breaks when it is asked for something that is not there. Method: the addresses are taken
from the product itself (`accounts.surface`); each is asked by GET and POST, or by the methods of
the endpoint, with an empty body and with keys that exist nowhere, by nobody, by one user for each
post, and by programs with tokens. Whatever a request changes is rolled back.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import path

from huoshui.kernel.accounts import actions, permissions, posts, surface, tokens
from huoshui.kernel.accounts.models import User
from huoshui.kernel.organisation import actions as organisation

JSON = {"accept": "application/json"}
# Keys of no row; a view that is allowed answers 404 for them, or whatever else it says of its own.
KEYS = {
    "int": "987654321",
    "uuid": str(uuid.UUID(int=7)),
    "": "nothing",
    "path": "no/thing",
    "case_type": "no.thing",
    "case_number": "NO2026-1",
    "day": "2026-03-01",
}
NOT_HERE = {"accounts.not_allowed", "accounts.sign_in_needed", "accounts.token_refused"}


def filled(address: str) -> str:
    """Return an address with keys in the places of its parameters."""
    return re.sub(
        r"<(?:(\w+):)?\w+>|\{(?:(\w+):)?\w+\}",
        lambda found: KEYS.get(found[1] or found[2] or "", KEYS[""]),
        address,
    )


def asked(found: Iterator[surface.Entry] | None = None) -> list[tuple[str, str, surface.Entry]]:
    """Return every (method, address, entry) to try."""
    return [
        (method, filled(entry.address), entry)
        for entry in (found or surface.entries())
        for method in ([entry.method] if entry.is_endpoint else ["GET", "POST"])
    ]


def complaint(method: str, address: str, entry: surface.Entry, answer: Any, may: bool) -> str:
    """Return what is wrong with an answer, or nothing."""
    code = ""
    if "json" in answer.get("Content-Type", "") and not answer.streaming:
        body = answer.json()
        code = body.get("code", "") if isinstance(body, dict) else ""
    if answer.status_code == 500:
        return f"{method} {address} broke"
    # The page that describes the API speaks to people: it sends them to the door instead.
    to_door = answer.headers.get("Location", "").startswith("/sign-in/?next=")
    refused = to_door or (answer.status_code in {401, 403} and code in NOT_HERE)
    # What everybody may open who is signed in may still show each reader only their own rows.
    by_row = entry.mark == permissions.SIGNED_IN and "<" in entry.address
    if may and refused and not by_row:
        return f"{method} {address} ({entry.mark}) refuses who holds it: {code}"
    if not may and not refused:
        return f"{method} {address} ({entry.mark}) answers {answer.status_code} {code}"
    return ""


def ask(client: Client, method: str, address: str, **headers: str) -> Any:
    """Ask once and undo what that changed, the session too."""
    with transaction.atomic():
        answer = client.generic(
            method,
            address,
            b"{}" if address.startswith("/api/") else b"",
            content_type="application/json"
            if address.startswith("/api/")
            else "application/x-www-form-urlencoded",
            headers=JSON | headers,
        )
        if answer.streaming:
            answer.close()
        transaction.set_rollback(True)
    return answer


def wrongs(client: Client, may: Any, found: Any = None, **headers: str) -> list[str]:
    """Ask everything and return all complaints."""
    cookies = dict(client.cookies)
    said = []
    for method, address, entry in asked(found):
        answer = ask(client, method, address, **headers)
        said.append(complaint(method, address, entry, answer, may(entry)))
        client.cookies.clear()
        client.cookies.update(cookies)
    return [one for one in said if one]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def holder(post: str) -> User:
    return actions.add_user(f"one_{post}", post, posts=(post,))[0]


@pytest.mark.django_db
class TestEveryAddress:
    @pytest.mark.parametrize("post", [*posts.POSTS])
    def test_opens_to_a_post_exactly_when_it_should(self, client, post):
        user = holder(post)
        client.force_login(user)
        codes = permissions.of_post(post)

        found = wrongs(client, lambda one: surface.allows(one.mark, codes, signed_in=True))

        assert not found, "\n" + "\n".join(found)

    @pytest.mark.parametrize("post", [*posts.POSTS])
    def test_opens_to_a_limited_post_what_can_be_limited_and_what_the_house_may_know(
        self, client, post
    ):
        unit = organisation.add_unit("north", name_zh="North")
        user = actions.add_user(f"one_{post}", post)[0]
        actions.give_post(user, post, unit=unit)
        client.force_login(user)
        own = permissions.of_post(post)
        codes = {one.code for one in permissions.declared() if one.by_unit or one.in_house} & own

        found = wrongs(client, lambda one: surface.allows(one.mark, codes, signed_in=True))

        assert not found, "\n" + "\n".join(found)
        assert not codes & {one.code for one in permissions.declared() if not one.by_unit} - {
            "fieldwork.read_jobs", "fieldwork.read_stock", "leakage.read", "network.read",
            "telemetry.read", "twin.read",
        }  # fmt: skip

    def test_opens_to_nobody_only_when_it_is_public(self, client):
        found = wrongs(client, lambda one: one.mark == permissions.PUBLIC)

        assert not found, "\n" + "\n".join(found)

    def test_sends_a_person_without_a_session_to_the_door(self, client):
        found = [
            address
            for method, address, entry in asked()
            if method == "GET" and not entry.is_endpoint and not entry.address.startswith("/api/")
            if entry.mark != permissions.PUBLIC
            and not client.get(address).headers.get("Location", "").startswith("/sign-in/?next=")
        ]

        assert not found, "\n" + "\n".join(found)

    def test_opens_to_somebody_without_a_post_only_what_all_may(self, client):
        client.force_login(actions.add_user("nobody", "Nobody")[0])

        found = wrongs(client, lambda one: surface.allows(one.mark, set(), signed_in=True))

        assert not found, "\n" + "\n".join(found)

    def test_opens_to_a_token_only_the_api_and_only_its_scopes(self, client):
        scopes = {"network.read", "fieldwork.read_jobs"}
        _token, secret = tokens.make(holder("administrator"), "SCADA", scopes)

        def may(one: surface.Entry) -> bool:
            return one.mark == permissions.PUBLIC or (one.is_endpoint and one.mark in scopes)

        found = wrongs(client, may, authorization=f"Bearer {secret}")

        assert not found, "\n" + "\n".join(found)

    def test_says_of_itself_who_may_open_it(self):
        known = {one.code for one in permissions.declared()}
        known |= {permissions.PUBLIC, permissions.SIGNED_IN}
        silent = [one.address for one in surface.entries() if one.mark not in known]

        # The root of the API exists only so that its address can be built; it is refused to all.
        assert silent == ["/api/v1/"]


def forgotten(request: Any) -> Any:
    from django.http import HttpResponse

    return HttpResponse("secret")


@permissions.needs("accounts.manage")
def breaking(request: Any) -> Any:
    raise RuntimeError


@permissions.needs("network.read")
def lying(request: Any, pk: int) -> Any:
    permissions.require(request.user, "accounts.manage")
    return forgotten(request)


urlpatterns = [
    path("forgotten/", forgotten),
    path("breaking/", breaking),
    path("lying/<int:pk>/", lying),
]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestTheTestItself:
    def test_sees_a_view_that_breaks_and_one_that_refuses_who_may(self, client):
        client.force_login(holder("viewer"))
        codes = permissions.of_post("viewer")

        found = wrongs(client, lambda one: surface.allows(one.mark, codes, signed_in=True))

        assert [one.split(" (")[0] for one in found] == [
            "GET /lying/987654321/",
            "POST /lying/987654321/",
        ]
        client.force_login(holder("administrator"))
        codes = permissions.of_post("administrator")
        found = wrongs(client, lambda one: surface.allows(one.mark, codes, signed_in=True))
        assert found == ["GET /breaking/ broke", "POST /breaking/ broke"]

    def test_sees_a_view_without_a_mark(self):
        marks = {one.address: one.mark for one in surface.entries()}

        assert marks["/forgotten/"] == surface.REFUSED
