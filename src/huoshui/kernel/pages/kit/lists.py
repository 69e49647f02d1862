"""The list page: search, filters, sorting, paging, export, for every list of the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors
from huoshui.kernel.pages.kit import bulk, deeds, excel, natural, paging, table, toolbar, walking
from huoshui.kernel.pages.kit.columns import Column, value_of
from huoshui.kernel.pages.kit.filters import Filter, Rows
from huoshui.kernel.pages.kit.mounting import Mounted
from huoshui.kernel.search import index as words_index


class ListPage(Mounted):
    """A list by declaration; override `rows`, and the other methods where a list needs more.

    ``rows`` returns a QuerySet of models or of ``values()``, or a list of dictionaries or
    dataclasses. A page costs two queries whatever the number of rows: a count and a slice. Where a
    table is large give a ``search_index``; ``ties`` name what decides between equals of a sorted
    field, where an index of the database has both. With ``bulk`` its rows can be ticked.
    """

    title: Any = ""
    permission: str = ""
    url_name: str = ""
    columns: Sequence[Column] = ()
    search: Sequence[str] = ()
    search_index: words_index.Index | None = None
    search_hint: Any = _("Search")
    filters: Sequence[Filter] = ()
    bulk: Sequence[bulk.BulkAction] = ()
    default_sort: str = ""
    ties: Mapping[str, str] = {}
    page_size: int = 50
    empty: Any = _("There is nothing here yet.")
    template: str = "pages/kit/list.html"

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

    def refresh_s(self, rows: Sequence[Any]) -> int:
        """Return after how many seconds the list asks for itself again; 0 for never."""
        return 0

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Return buttons for the head of the page."""
        return ()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Return breadcrumbs as (label, address)."""
        return ()

    def above(self, request: HttpRequest) -> SafeString | None:
        """Return what stands between the heading and the list."""
        return None

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

    @property
    def is_searchable(self) -> bool:
        """Whether the list has a search box."""
        return bool(self.search or self.search_index)

    def kept(self) -> Rows:
        """Return the rows that search and filters keep, in order."""
        rows = self.rows(self.request)
        for one in self.filters:
            rows = one.narrow(rows, self.request.GET)
        if isinstance(rows, QuerySet):
            return self._kept_query(rows)
        return self._kept_list(list(rows))

    def _kept_query(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.search_index is not None:
            rows = self.search_index.narrow_all(rows, self.words, by=self.sort.removeprefix("-"))
        elif self.search:
            for word in self.words:
                rows = self._with_word(rows, word)
        if not self.sort:
            return rows if rows.ordered else rows.order_by("pk")
        # The key decides between equals, so that no row shows on two pages or on none.
        then = self.ties.get(self.sort.removeprefix("-"))
        back = "-" if self.sort.startswith("-") else ""
        first = walking.known_first(rows, self.sort)
        return rows.order_by(first, *([f"{back}{then}"] if then else []), f"{back}pk")

    def _with_word(self, rows: QuerySet[Any], word: str) -> QuerySet[Any]:
        anywhere = Q()
        for field in self.search:
            anywhere |= Q(**{f"{field}__icontains": word})
        return rows.filter(anywhere)

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
            known.sort(
                key=lambda r: natural.sort_key(value_of(r, field)),
                reverse=self.sort.startswith("-"),
            )
            rows = known + unknown
        return rows

    def respond(self) -> HttpResponseBase:
        """Answer with the page, with the list alone for a fragment request, or with Excel."""
        if self.request.method == "POST":
            return deeds.respond(self)
        first = toolbar.view_at_first(self)
        if first:
            return HttpResponseRedirect(first)
        wanted = self.request.GET.get("format", "")
        rows = self.kept()
        if wanted == "xlsx":
            found = rows.iterator(chunk_size=2000) if isinstance(rows, QuerySet) else iter(rows)
            return excel.write(str(self.title), self.shown_columns, found)
        if wanted == "count":
            total = paging.bare(rows).count() if isinstance(rows, QuerySet) else len(rows)
            return self._private(render(self.request, "pages/kit/count.html", {"total": total}))
        return self.page(rows)

    def page(
        self, rows: Rows, *, status: int = 200, refusal: errors.Refused | None = None
    ) -> HttpResponse:
        """Return the page, or its list alone for a fragment request."""
        fragment = self.request.headers.get("HX-Request") == "true"
        template = "pages/kit/list_body.html" if fragment else self.template
        context = {**self.context(rows), "refusal": refusal}
        return self._private(render(self.request, template, context, status=status))

    def _private(self, response: HttpResponse) -> HttpResponse:
        # The same address answers with a page or with a part of it: no cache may mix them up.
        response["Vary"] = "HX-Request, Cookie"
        response["Cache-Control"] = "private, no-cache"
        return response

    @cached_property
    def shown_columns(self) -> list[Column]:
        """The columns that this reader wants, in their order, with their labels at hand."""
        return [column.asked for column in toolbar.chosen_columns(self)]

    def context(self, rows: Rows) -> dict[str, Any]:
        """Return what the template receives."""
        pages, page = self._paged(rows)
        given = [
            (one.label, words, self.address(**{name: ""}))
            for one in self.filters
            for name, words in one.given(self.request.GET)
        ]
        deeds_offered = bulk.offered(self.request, self.bulk)
        return {
            "page": self,
            "title": self.title,
            "heads": tuple(table.heads(self.shown_columns, self.sort, self.address)),
            "body": self.table_body(page, key=bulk.id_of if deeds_offered else None),
            "bulk_actions": deeds_offered,
            "paging": pages,
            "given": given,
            "narrowed": bool(given or (self.words and self.is_searchable)),
            "controls": [one.controls(self.request.GET) for one in self.filters],
            "query": self.request.GET.get("q", ""),
            "sort": self.sort if self.sort != self.default_sort else "",
            "excel_url": self.address(format="xlsx"),
            "count_url": self.address(format="count"),
            "buttons": self.actions(self.request),
            "trail": self.trail(self.request),
            "above": self.above(self.request),
            "refresh_s": self.refresh_s(page),
            "tools": toolbar.of(self),
        }

    def _paged(self, rows: Rows) -> tuple[paging.Paging, Sequence[Any]]:
        """Return the paging with the rows of the page that was asked for."""
        by_words = bool(self.words and self.is_searchable)
        most = paging.COUNT_MAX_OF_WORDS if by_words else paging.COUNT_MAX
        total, is_more = paging.counted(rows, most=most)
        if total and isinstance(rows, QuerySet) and self._is_narrowed and not by_words:
            rows = walking.led(rows, total=total)
        asked = self.request.GET.get("page", "1")
        while True:
            pages = paging.paging(
                total, asked, self.page_size, lambda n: self.address(page=n), is_more=is_more
            )
            page = list(rows[pages.first - 1 : pages.latest]) if total else []
            if page or not is_more:
                return paging.settled(pages, len(page), self.page_size), page
            # Nothing is there any more: show the last page that was counted.
            asked, is_more = str(pages.pages), False

    @property
    def _is_narrowed(self) -> bool:
        """Whether a filter is used: asked of the address, as its choices may cost a question."""
        return any(self.request.GET.get(one.name) for one in self.filters)

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
        return f"?{query.urlencode()}" if query else self.everything_url

    @property
    def everything_url(self) -> str:
        """The address of the list with nothing narrowed, also where another view is the first."""
        return f"{self.request.path}?view=all"

    def table_body(self, rows: Any, *, key: Any = None) -> SafeString:
        """Return the rows as HTML."""
        return table.body(rows, self.shown_columns, href=self.row_href, css=self.row_css, key=key)
