"""Where a case and the ways to look at its type are found."""

from __future__ import annotations

from datetime import date

from django.urls import reverse


class TypeConverter:
    """The code of a case type in an address: ``area.what_it_is``."""

    regex = r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"

    def to_python(self, value: str) -> str:
        """Return the code."""
        return value

    def to_url(self, value: str) -> str:
        """Return the part of the address."""
        return value


class NumberConverter(TypeConverter):
    """The number of a case in an address; it begins with the capital letters of its type."""

    regex = r"[A-Z]{1,6}[0-9]{4}-[0-9]+"


class DayConverter:
    """A day of the calendar in an address."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the day; what is none leads nowhere."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """Return the part of the address."""
        return str(value)


def case_url(number: str) -> str:
    """Return the page of a case."""
    return reverse("cases:case", args=[number])


def deed_url(deed: str, number: str, *more: str) -> str:
    """Return the page of something that may be done with a case."""
    return reverse(f"cases:{deed}", args=[number, *more])


def list_url(type_code: str = "", query: str = "") -> str:
    """Return the list of all cases, or of one type."""
    url = reverse("cases:list", args=[type_code] if type_code else [])
    return f"{url}?{query}" if query else url


def way_url(way: str, type_code: str) -> str:
    """Return one way to look at a type, such as its board."""
    return reverse(f"cases:{way}", args=[type_code])
