"""A small type of case to test the engine with, and people who may do things with it."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from huoshui.kernel import cases, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import Post, PostHolding, User
from huoshui.kernel.cases import declaring
from huoshui.kernel.files import store
from huoshui.kernel.pages import menu

# A Thursday, ten in the morning in the city; two days before a Saturday that people work on.
NOW = datetime(2026, 2, 12, 2, 0, tzinfo=UTC)


def lost_key(**changes: Any) -> cases.CaseType:
    """Return the type of the tests: a lost key is looked for, found, handed over."""
    declared: dict[str, Any] = {
        "code": "office.lost_key",
        "label": "Lost key",
        "prefix": "K",
        "states": (
            cases.State("reported", "Reported", posts=("dispatcher",)),
            cases.State("searched", "Being looked for"),
            cases.State("found", "Found", kind="waiting"),
            cases.State("closed", "Handed over", kind="done"),
            cases.State("given_up", "Given up", kind="cancelled"),
        ),
        "transitions": (
            cases.Transition("search", "Look for it", ("reported",), "searched", "work"),
            cases.Transition(
                "find", "Found it", ("searched",), "found", "work", (cases.NeedsField("room"),)
            ),
            cases.Transition(
                "hand_over", "Hand over", ("found",), "closed", "check", (cases.NeedsCallBack(),)
            ),
            cases.Transition(
                "give_up", "Give up", ("reported", "searched"), "given_up", "check",
                (cases.NeedsNote(), cases.NeedsSecondPerson()),
            ),
        ),
        "permissions": (
            cases.Permission("read", "See lost keys", ("manager", "dispatcher", "viewer")),
            cases.Permission("open", "Report lost keys", ("manager", "dispatcher")),
            cases.Permission("work", "Look for keys", ("dispatcher",)),
            cases.Permission("check", "Hand keys over", ("manager", "dispatcher")),
        ),
        "fields": (
            cases.Field("room", "Room"),
            cases.Field("lock", "Lock", kind="choice", choices=(("door", "Door"), ("box", "Box"))),
            cases.Field("card", "Identity card", private=True),
        ),
        "clocks": (
            cases.Clock(
                "look", "Begin to look", cases.minutes(30), until=("searched",),
                limits={"urgent": cases.minutes(10)},
                escalate=(
                    cases.Escalate(cases.minutes(0), "dispatcher"),
                    cases.Escalate(cases.minutes(60), "manager"),
                ),
            ),
            cases.Clock("settle", "Settle", cases.working_days(5)),
        ),
        "pauses": (
            cases.Pause("away", "Nobody there"),
            cases.Pause("locksmith", "Waits for a smith", clocks=("settle",), needs_note=True),
        ),
        "call_back": cases.CallBack(("found",), permission="check", discontent_to="searched"),
        "reopen": cases.Reopen("searched", permission="check", limit=cases.working_days(3)),
    }  # fmt: skip
    return cases.CaseType(**{**declared, **changes})


@pytest.fixture
def declare(monkeypatch):
    """Return what declares a type for the length of a test."""
    monkeypatch.setattr(declaring, "_declared", dict(declaring._declared))
    monkeypatch.setattr(permissions, "_declared", dict(permissions._declared))
    monkeypatch.setattr(store, "KINDS", dict(store.KINDS))
    monkeypatch.setattr(menu, "_entries", dict(menu._entries))
    return cases.declare


@pytest.fixture
def keys(declare):
    """Return the declared type of the tests."""
    return declare(lost_key())


@pytest.fixture
def people(db):
    """Return one person for each post that the tests speak of."""

    def person(username: str, post: str, unit: Any = None) -> User:
        user = User.objects.create(username=username, name=username.title(), created_at=NOW)
        row = Post.objects.get(code=post)
        PostHolding.objects.create(user=user, post=row, unit=unit)
        return user

    return SimpleNamespace(
        add=person,
        desk=person("desk", "dispatcher"),
        second=person("second", "dispatcher"),
        boss=person("boss", "manager"),
        guest=person("guest", "viewer"),
    )


@pytest.fixture
def at_ten():
    """Stop the clock on a Thursday at ten."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def opened(keys, people, at_ten):
    """Return what opens a case of the tests."""

    def open_one(title: str = "Key of the store", **more: Any) -> cases.CaseFact:
        return cases.open_case(keys.code, title, **{"by_id": people.desk.pk, **more})

    return open_one


@pytest.fixture
def browser():
    """Return what signs somebody in, who reads English."""

    def sign_in(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
