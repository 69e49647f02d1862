"""What a reader may narrow a list by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from huoshui.kernel import clock
from huoshui.kernel.pages import formats
from huoshui.kernel.pages.kit.columns import escaped, value_of

Rows = Any  # a QuerySet, or a list of rows already in memory


def keep(rows: Rows, test: Callable[[Any], bool], **lookups: Any) -> Rows:
    """Narrow a query by lookups, or a list by the same thing said in Python."""
    return rows.filter(**lookups) if isinstance(rows, QuerySet) else [r for r in rows if test(r)]


@dataclass(frozen=True)
class Filter:
    """One way to narrow a list; ``field`` is ``name`` unless it differs."""

    name: str
    label: Any
    _: KW_ONLY
    field: str = ""

    @property
    def target(self) -> str:
        return self.field or self.name

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        """Return what the reader asked for, as (parameter, shown words); empty when nothing."""
        raise NotImplementedError

    def narrow(self, rows: Rows, query: QueryDict) -> Rows:
        """Return the rows that fit what the reader asked for."""
        raise NotImplementedError

    def controls(self, query: QueryDict) -> SafeString:
        """Return the form controls."""
        raise NotImplementedError


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """One of several values. ``choices`` is pairs of (value, label), or a function giving them.

    ``unchosen`` says what is shown where nothing is chosen, if that is not all rows.
    """

    choices: Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]] = ()
    apply: Callable[[Rows, str], Rows] | None = None
    unchosen: Any = ""

    def pairs(self) -> list[tuple[str, Any]]:
        found = self.choices() if callable(self.choices) else self.choices
        return [(str(value), label) for value, label in found]

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        wanted = query.get(self.name, "")
        # Choices may cost a question to the database: none for a filter that is not used.
        label = dict(self.pairs()).get(wanted) if wanted else None
        return [(self.name, str(label))] if label is not None else []

    def narrow(self, rows: Rows, query: QueryDict) -> Rows:
        wanted = query.get(self.name, "")
        if not wanted or wanted not in dict(self.pairs()):
            return rows
        if self.apply:
            return self.apply(rows, wanted)
        return keep(
            rows, lambda r: str(value_of(r, self.target)) == wanted, **{self.target: wanted}
        )

    def controls(self, query: QueryDict) -> SafeString:
        current = query.get(self.name, "")
        # A city has hundreds of zones: escaped piece by piece, without format_html's questions.
        options = SafeString(
            "".join(
                f'<option value="{escaped(value)}"{" selected" if value == current else ""}>'
                f"{escaped(label)}</option>"
                for value, label in self.pairs()
            )
        )
        return format_html(
            '<label class="hs-filter"><span>{}</span><select class="form-select" name="{}">'
            '<option value="">{}</option>{}</select></label>',
            self.label,
            self.name,
            self.unchosen or _("All"),
            options,
        )


@dataclass(frozen=True)
class TextFilter(Filter):
    """Text that must occur in a field."""

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        wanted = query.get(self.name, "").strip()
        return [(self.name, wanted)] if wanted else []

    def narrow(self, rows: Rows, query: QueryDict) -> Rows:
        wanted = query.get(self.name, "").strip()
        if not wanted:
            return rows
        return keep(
            rows,
            lambda r: wanted.lower() in str(value_of(r, self.target) or "").lower(),
            **{f"{self.target}__icontains": wanted},
        )

    def controls(self, query: QueryDict) -> SafeString:
        return format_html(
            '<label class="hs-filter"><span>{}</span>'
            '<input class="form-control" name="{}" value="{}"></label>',
            self.label,
            self.name,
            query.get(self.name, ""),
        )


def asked_day(query: QueryDict, name: str) -> date | None:
    """Return a day the reader asked for; what is no day of our times counts as not asked."""
    try:
        day = date.fromisoformat(query.get(name, ""))
    except ValueError:
        return None
    return day if day.year in formats.YEARS else None


@dataclass(frozen=True)
class PeriodFilter(Filter):
    """Days of the city's calendar, the first and the last included, for a field with moments."""

    def bounds(self, query: QueryDict) -> tuple[datetime | None, datetime | None]:
        earliest, latest = (asked_day(query, f"{self.name}_{end}") for end in ("from", "to"))
        midnight = time(tzinfo=clock.local_zone())
        return (
            datetime.combine(earliest, midnight) if earliest else None,
            datetime.combine(latest + timedelta(days=1), midnight) if latest else None,
        )

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        return [
            (name, f"{word} {found.isoformat()}")
            for name, word in ((f"{self.name}_from", _("from")), (f"{self.name}_to", _("to")))
            if (found := asked_day(query, name))
        ]

    def narrow(self, rows: Rows, query: QueryDict) -> Rows:
        from_at, until = self.bounds(query)
        if from_at:
            rows = keep(
                rows,
                lambda r: (v := value_of(r, self.target)) is not None and v >= from_at,
                **{f"{self.target}__gte": from_at},
            )
        if until:
            rows = keep(
                rows,
                lambda r: (v := value_of(r, self.target)) is not None and v < until,
                **{f"{self.target}__lt": until},
            )
        return rows

    def controls(self, query: QueryDict) -> SafeString:
        boxes = [
            format_html(
                '<input type="date" class="form-control" name="{0}_{1}" value="{2}"'
                ' aria-label="{3}"{4}>',
                self.name,
                end,
                query.get(f"{self.name}_{end}", ""),
                word,
                "" if asked_day(query, f"{self.name}_{end}") else mark_safe(" data-empty"),
            )
            for end, word in (("from", _("from")), ("to", _("to")))
        ]
        return format_html(
            '<fieldset class="hs-filter hs-filter-period"><legend>{}</legend>{}'
            '<span aria-hidden="true">–</span>{}</fieldset>',
            self.label,
            *boxes,
        )
