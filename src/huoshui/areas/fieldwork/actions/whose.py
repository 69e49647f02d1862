"""Whose job it is: the customers it is about, as whoever asked for it knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from huoshui.areas.fieldwork import models

Knows = Callable[[str], Iterable[str]]

_asked: list[Knows] = []


def know_accounts(knows: Knows) -> None:
    """Have ``knows(origin)`` asked which accounts a job that was asked for so is about."""
    if knows not in _asked:
        _asked.append(knows)


def accounts_of(job: models.Job) -> frozenset[str]:
    """Return the accounts that a job is about: its own, and those that came to it later."""
    found = {job.account_code} if job.account_code else set()
    if job.origin:
        found.update(*(knows(job.origin) for knows in _asked))
    return frozenset(found)


def in_order(job: models.Job) -> list[str]:
    """Return the accounts that a job is about: the one it was asked for first, then the others."""
    others = sorted(accounts_of(job) - {job.account_code})
    return [job.account_code, *others] if job.account_code else others
