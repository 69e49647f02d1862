"""Reads of accounts."""

from __future__ import annotations

from django.db.models import QuerySet

from huoshui.areas.customers import contracts
from huoshui.areas.customers.models import Account


def account_rows() -> QuerySet[Account]:
    """Return all accounts for a list."""
    return Account.objects.all()


def accounts() -> list[contracts.Account]:
    """Return all accounts by code."""
    return [contract(row) for row in Account.objects.order_by("code")]


def contract(row: Account) -> contracts.Account:
    """Return what others may know of one row."""
    return contracts.Account(id=row.pk, code=row.code, name=row.name, added_at=row.added_at)
