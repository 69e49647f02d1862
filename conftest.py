"""What every test starts from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db.backends.sqlite3.base import DatabaseOperations
from django.utils import translation

from huoshui.areas.network import remembered
from huoshui.kernel import clock
from huoshui.kernel.audit import witness
from tools import i18n

# A slow machine is no defect, and CI asks the same questions each time; a desk asks new ones.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis.settings.load_profile("house")


def pytest_configure() -> None:
    """Compile the Chinese, and hash passwords cheaply: a safe hash costs more than most tests."""
    i18n.compile_all()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _clock_without_memory() -> Iterator[None]:
    """Let no test see the clock that the test before it set and that was rolled back."""
    clock.forget()
    yield
    clock.forget()


@pytest.fixture(autouse=True)
def _nothing_remembered_of_the_network() -> Iterator[None]:
    """Let no test see what was counted for a revision that was rolled back."""
    remembered.forget()
    yield
    remembered.forget()


@pytest.fixture(autouse=True)
def _language_of_nobody() -> Iterator[None]:
    """Let no test speak the language of the reader whose page the test before it asked for."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _flush_despite_append_only() -> Iterator[None]:
    """Let tests with real transactions empty the tables that triggers protect."""
    flush = DatabaseOperations.execute_sql_flush

    def unguarded(self: Any, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            try:
                flush(self, statements)
                witness.forget()  # the chain begins anew, so nothing may remember the old one
            finally:
                for _name, sql in triggers:
                    cursor.execute(sql)

    DatabaseOperations.execute_sql_flush = unguarded
    yield
    DatabaseOperations.execute_sql_flush = flush
