"""How customers look on pages: addresses of pages, money, names as a reader may see them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huoshui.areas.customers import contracts, rules
from huoshui.areas.customers.models import Person
from huoshui.kernel.pages import formats


def account_url(code: str) -> str:
    """Return the address of an account's page."""
    return reverse("customers:account", args=[code])


def estate_url(code: str) -> str:
    """Return the address of an estate's page."""
    return reverse("customers:estate", args=[code])


def grid_url(code: str) -> str:
    """Return the address of a grid's page."""
    return reverse("customers:grid", args=[code])


def case_url(number: str) -> str | None:
    """Return the address of a case's page."""
    return reverse("cases:case", args=[number]) if number else None


def opening_url(type_code: str, **known: str) -> str:
    """Return the address of the form that opens a case, with what is known filled in."""
    return f"{reverse('cases:new', args=[type_code])}?{urlencode(known)}"


def holder(person: Person, *, masked: bool = True) -> str:
    """Return a holder's name as a reader may see it."""
    if not masked:
        return person.name
    return rules.masked_name(person.name, is_company=person.kind == contracts.PersonKind.COMPANY)


def owed(cents: int | None) -> str:
    """Return what is owed, in words: what is below zero was paid ahead."""
    if cents is None:
        return formats.NOTHING
    yuan = formats.number(abs(cents) / 100, ",.2f")
    if cents > 0:
        return gettext("%(yuan)s yuan owed") % {"yuan": yuan}
    if cents < 0:
        return gettext("%(yuan)s yuan paid ahead") % {"yuan": yuan}
    return gettext("Nothing owed")


def lines(parts: list[tuple[str, str]]) -> SafeString:
    """Return links one below the other: (address, words)."""
    return format_html_join("", '<div><a href="{}">{}</a></div>', parts)


def staff() -> list[tuple[str, str]]:
    """Return everybody who may sign in, for a choice of people."""
    rows = get_user_model().objects.filter(is_active=True).order_by("name")
    return [("", formats.NOTHING), *((str(row.pk), str(row.name)) for row in rows)]


def user_id(text: str) -> int | None:
    """Return the number of a chosen person, or None for nobody."""
    return int(text) if text.isdecimal() else None
