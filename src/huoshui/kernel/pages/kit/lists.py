"""The list page: search, filters, sorting, paging, export, for every list of the product."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.pages.kit import excel
from huoshui.kernel.pages.kit.columns import Column, value_of
from huoshui.kernel.pages.kit.filters import Filter, Rows

PAGES_AROUND = 2


@dataclass(frozen=True)
class Head:
    """One column's heading as this reader sees it."""

    label: Any
    unit: Any
    css: str
    url: str
    direction: str


@dataclass(frozen=True)
class Paging:
    """Which rows of how many are shown, and the way to the others."""

    total: int
    first: int
    latest: int
    number: int
    pages: int
    previous_url: str
    next_url: str
    links: tuple[tuple[int, str], ...]


class ListPage:
    """A list by declaration; override `rows`, and the other methods where a list needs more.

    ``rows`` returns a QuerySet of models or of ``values()``, or a list of dictionaries or
    dataclasses. A page costs two queries whatever the number of rows: a count and a slice.
    """

    title: Any = ""
    permission: str = ""
    url_name: str = ""
    columns: Sequence[Column] = ()
    search: Sequence[str] = ()
    search_hint: Any = _("Search")
    filters: Sequence[Filter] = ()
    default_sort: str = ""
    page_size: int = 50
    empty: Any = _("There is nothing here yet.")
    template: str = "pages/kit/list.html"

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        self.kwargs = kwargs

    # What a list may say about itself.

    def rows(self, request: HttpRequest) -> Rows:
        """Return all rows the reader may see."""
        raise NotImplementedError

    def row_href(self, row: Any) -> str | None:
        """Return where a click on a row leads: by default where its first link leads."""
        for column in self.columns:
            if column.href:
                return column.href(row)
        return None

    def row_css(self, row: Any) -> str:
        """Return CSS classes for a row, such as ``hs-row-alert``."""
        return ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Return buttons for the head of the page."""
        return ()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Return breadcrumbs as (label, address)."""
        return ()

    def above(self, request: HttpRequest) -> SafeString | None:
        """Return what stands between the heading and the list."""
        return None

    # Mounting.

    @classmethod
    def as_view(cls) -> Callable[..., HttpResponseBase]:
        """Return the view function, marked with the permission it needs."""

        def view(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            return cls(request, **kwargs).respond()

        view.__name__ = cls.__name__
        view.__doc__ = cls.__doc__
        view.view_class = cls  # type: ignore[attr-defined]
        view.permission = cls.permission  # type: ignore[attr-defined]
        return view

    @classmethod
    def path(cls, route: str, *, name: str) -> URLPattern:
        """Mount the page."""
        return path(route, cls.as_view(), name=name)

    # The work.

    @cached_property
    def sort(self) -> str:
        """The order in force: what was asked for if a column offers it, else the default."""
        asked = self.request.GET.get("sort", "")
        offered = {column.sort_field for column in self.columns} - {""}
        return asked if asked.removeprefix("-") in offered else self.default_sort

    @cached_property
    def words(self) -> list[str]:
        """The words of the search box; a row must contain each of them somewhere."""
        return self.request.GET.get("q", "").split()[:10]

    def kept(self) -> Rows:
        """Return the rows that search and filters keep, in order."""
        rows = self.rows(self.request)
        for one in self.filters:
            rows = one.narrow(rows, self.request.GET)
        if isinstance(rows, QuerySet):
            return self._kept_query(rows)
        return self._kept_list(list(rows))

    def _kept_query(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for word in self.words if self.search else ():
            anywhere = Q()
            for field in self.search:
                anywhere |= Q(**{f"{field}__icontains": word})
            rows = rows.filter(anywhere)
        if not self.sort:
            return rows if rows.ordered else rows.order_by("pk")
        # The key decides between equals, so that no row shows on two pages or on none.
        return rows.order_by(self.sort, "-pk" if self.sort.startswith("-") else "pk")

    def _kept_list(self, rows: list[Any]) -> list[Any]:
        for word in self.words if self.search else ():
            small = word.lower()
            rows = [
                row
                for row in rows
                if any(small in str(value_of(row, f) or "").lower() for f in self.search)
            ]
        if self.sort:
            field = self.sort.removeprefix("-")
            known = [row for row in rows if value_of(row, field) is not None]
            unknown = [row for row in rows if value_of(row, field) is None]
            known.sort(key=lambda r: value_of(r, field), reverse=self.sort.startswith("-"))
            rows = known + unknown
        return rows

    def respond(self) -> HttpResponseBase:
        """Answer with the page, with the list alone for a fragment request, or with Excel."""
        self.columns = [column.asked for column in self.columns]
        rows = self.kept()
        if self.request.GET.get("format") == "xlsx":
            found = rows.iterator(chunk_size=2000) if isinstance(rows, QuerySet) else iter(rows)
            return excel.write(str(self.title), self.columns, found)
        fragment = self.request.headers.get("HX-Request") == "true"
        template = "pages/kit/list_body.html" if fragment else self.template
        response: HttpResponse = render(self.request, template, self.context(rows))
        # The same address answers with a page or with a part of it: no cache may mix them up.
        response["Vary"] = "HX-Request, Cookie"
        response["Cache-Control"] = "private, no-cache"
        return response

    def context(self, rows: Rows) -> dict[str, Any]:
        """Return what the template receives."""
        total = rows.count() if isinstance(rows, QuerySet) else len(rows)
        paging = self._paging(total)
        page = rows[paging.first - 1 : paging.latest] if total else []
        given = [
            (one.label, words, self.address(**{name: ""}))
            for one in self.filters
            for name, words in one.given(self.request.GET)
        ]
        return {
            "page": self,
            "title": self.title,
            "heads": tuple(self._heads()),
            "body": self.table_body(page),
            "paging": paging,
            "given": given,
            "narrowed": bool(given or (self.words and self.search)),
            "controls": [one.controls(self.request.GET) for one in self.filters],
            "query": self.request.GET.get("q", ""),
            "sort": self.sort if self.sort != self.default_sort else "",
            "excel_url": self.address(format="xlsx"),
            "buttons": self.actions(self.request),
            "trail": self.trail(self.request),
            "above": self.above(self.request),
        }

    def address(self, **changes: Any) -> str:
        """Return this page's address with some of its parameters changed; empty drops one."""
        query = self.request.GET.copy()
        if "page" not in changes:
            query.pop("page", None)
        for name, value in changes.items():
            query.pop(name, None)
            if value != "":
                query[name] = str(value)
        for name in [name for name in query if not query.get(name)]:
            query.pop(name)
        return f"?{query.urlencode()}" if query else self.request.path

    def _paging(self, total: int) -> Paging:
        pages = max(1, -(-total // self.page_size))
        asked = self.request.GET.get("page", "1")
        number = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 9 else 1
        shown = [
            n for n in range(1, pages + 1) if n in (1, pages) or abs(n - number) <= PAGES_AROUND
        ]
        return Paging(
            total=total,
            first=(number - 1) * self.page_size + 1 if total else 0,
            latest=min(number * self.page_size, total),
            number=number,
            pages=pages,
            previous_url=self.address(page=number - 1) if number > 1 else "",
            next_url=self.address(page=number + 1) if number < pages else "",
            links=tuple((n, self.address(page=n)) for n in shown),
        )

    def _heads(self) -> Iterator[Head]:
        for column in self.columns:
            field = column.sort_field
            direction = ""
            if field and self.sort.removeprefix("-") == field:
                direction = "descending" if self.sort.startswith("-") else "ascending"
            wanted = f"-{field}" if direction == "ascending" else field
            yield Head(
                label=column.label,
                unit=column.unit,
                css=css_of(column),
                url=self.address(sort=wanted) if field else "",
                direction=direction,
            )

    def table_body(self, rows: Any) -> SafeString:
        """Return the rows as HTML.

        Written in Python because a template loop over cells costs five times as much, and a
        list is the page that people open all day.
        """
        columns = [
            (format_html('<td class="{}" data-label="{}">', css_of(c), c.heading), c.cell)
            for c in self.columns
        ]
        parts: list[str] = []
        for row in rows:
            url = self.row_href(row)
            css = self.row_css(row)
            parts.append(
                format_html('<tr class="{}" data-href="{}" tabindex="-1">', css, url)
                if url
                else format_html('<tr class="{}">', css)
            )
            for opening, cell in columns:
                parts += (opening, cell(row), "</td>")
            parts.append("</tr>")
        # Every piece above was escaped by format_html or conditional_escape.
        return mark_safe("".join(parts))


def css_of(column: Column) -> str:
    """Return the CSS classes of a column's cells."""
    return " ".join(
        name
        for name, on in (("hs-number", column.is_number), ("hs-not-on-phone", not column.phone))
        if on
    )
