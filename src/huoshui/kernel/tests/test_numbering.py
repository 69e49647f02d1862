"""Numbers count up without a gap, and two who write at once never get the same one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from huoshui.kernel import numbering
from huoshui.kernel.accounts.models import Post
from huoshui.kernel.tests import postgresql

STEM = "J-20260302-"


def add(alias: str, count: Callable[[], int]) -> str:
    """Write the next number, slowly enough that somebody else reads meanwhile."""
    with transaction.atomic(using=alias):
        before = count()
        time.sleep(0.2)
        return str(Post.objects.using(alias).create(code=f"{STEM}{before + 1:03d}").code)


@pytest.mark.django_db
class TestLatest:
    def test_counts_from_one_under_each_stem(self):
        Post.objects.create(code=f"{STEM}001")
        Post.objects.create(code="J-20260303-009")

        rows = Post.objects.all()
        assert numbering.latest(rows, "code", STEM) == 1
        assert numbering.latest(rows, "code", "J-20260304-") == 0

    def test_takes_the_count_that_was_given_last(self):
        for code in (f"{STEM}999", f"{STEM}1000"):
            Post.objects.create(code=code)

        assert numbering.latest(Post.objects.all(), "code", STEM) == 1000


@pytest.mark.django_db(transaction=True)
def test_refuses_to_count_where_no_transaction_keeps_the_lock():
    with pytest.raises(transaction.TransactionManagementError):
        numbering.latest(Post.objects.all(), "code", STEM)


@pytest.fixture
def server(django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real PostgreSQL with a table of posts, under an alias of its own."""
    with postgresql.running() as found:
        if found is None:
            pytest.skip("PostgreSQL is not installed here")
        described = {**connections["default"].settings_dict, **found, "OPTIONS": {}}
        monkeypatch.setitem(connections.settings, "parallel", described)
        with django_db_blocker.unblock():
            with connections["parallel"].schema_editor() as editor:
                editor.create_model(Post)
            yield "parallel"
            connections["parallel"].close()
            del connections["parallel"]


def at_once(alias: str, count: Callable[[], int]) -> tuple[list[str], list[type[Exception]]]:
    """Let four write a number at the same moment; return the numbers, and what broke."""
    given: list[str] = []
    broken: list[type[Exception]] = []
    start = threading.Barrier(4)

    def write() -> None:
        try:
            start.wait()
            given.append(add(alias, count))
        except IntegrityError as error:
            broken.append(type(error))
        finally:
            connections[alias].close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(given), broken


class TestOnPostgresql:
    def test_four_at_once_get_four_numbers(self, server):
        rows = Post.objects.using(server)

        given, broken = at_once(server, lambda: numbering.latest(rows.all(), "code", STEM))

        assert (given, broken) == ([f"{STEM}{number:03d}" for number in range(1, 5)], [])

    def test_four_who_only_look_collide(self, server):
        # What the lock is for: without it one of them gets the number and three an error.
        rows = Post.objects.using(server)

        given, broken = at_once(server, lambda: rows.filter(code__startswith=STEM).count())

        assert (given, broken) == ([f"{STEM}001"], [IntegrityError] * 3)
