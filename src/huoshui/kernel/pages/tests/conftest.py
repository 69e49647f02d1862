"""A signed-in reader of the test pages, in English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client

from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import actions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import assets
from huoshui.kernel.views import kept

START = datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _test_pages(settings):
    settings.ROOT_URLCONF = "huoshui.kernel.pages.tests.urls"


@pytest.fixture(autouse=True)
def _built(monkeypatch):
    """Pages of these tests need the names of built files, not the files."""
    built = {"src/ui/app.ts": {"file": "assets/app.js", "css": ["assets/app.css"]}}
    monkeypatch.setattr(assets, "manifest", lambda: built)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Let no test see the columns that a reader of another test chose."""
    kept.forget()
    yield
    kept.forget()


@pytest.fixture
def reader(db) -> Client:
    # Before every moment of these tests, or the post would not be held yet.
    with clock.frozen(START - timedelta(days=365)):
        user, _ = actions.add_user("reader", "Reader", posts=("administrator",), password="x" * 20)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def still_clock() -> Iterator[None]:
    """Stop the clock, which else looks at the database once a second and would be counted."""
    with clock.frozen(START):
        yield


@pytest.fixture
def in_demo(monkeypatch):
    found = settings.get().model_copy(update={"demo": True})
    monkeypatch.setattr(settings, "get", lambda: found)


def add_people(count: int) -> None:
    """Add p000, p001 … a day apart; every third has gone."""
    User.objects.bulk_create(
        User(
            username=f"p{n:03d}",
            name=f"Person {n}",
            is_active=n % 3 != 0,
            created_at=START + timedelta(days=n),
        )
        for n in range(count)
    )
