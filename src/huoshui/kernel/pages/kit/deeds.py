"""What a reader sends to a list: a deed on many rows, a view to keep, columns, density."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors
from huoshui.kernel.pages.kit import bulk, toolbar
from huoshui.kernel.views import actions as views
from huoshui.kernel.views import kept

if TYPE_CHECKING:
    from huoshui.kernel.pages.kit.lists import ListPage


class NothingAsked(errors.Refused):
    """The list received a form that it does not know."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "pages.nothing_asked",
            _("The list was asked for nothing that it can do."),
            next_step=_("Load the page again and repeat what you did."),
        )


def respond(page: ListPage) -> HttpResponse:
    """Do what was sent and show the list again; a refusal is shown above the list."""
    request = page.request
    try:
        if "bulk" in request.POST:
            offered = bulk.offered(request, page.bulk)
            where = bulk.perform(request, offered, page.kept())
            return HttpResponseRedirect(where or request.get_full_path())
        deed = DEEDS.get(request.POST.get("list", ""))
        if deed is None or not page.url_name or not request.user.is_authenticated:
            raise NothingAsked
        return HttpResponseRedirect(deed(page, request, request.user))
    except errors.Refused as refusal:
        return page.page(page.kept(), status=refusal.status, refusal=refusal)


def _choose_columns(page: ListPage, request: HttpRequest, user: Any) -> str:
    known = {column.key for column in page.columns}
    wanted = [key for key in request.POST.getlist("column") if key in known]
    declared = [column.key for column in page.columns if not column.optional]
    same = not wanted or wanted == declared or "reset" in request.POST
    kept.choose_columns(user.pk, page.url_name, [] if same else wanted)
    return page.address(cols="") if request.GET else request.path


def _choose_density(page: ListPage, request: HttpRequest, user: Any) -> str:
    kept.choose_density(user.pk, request.POST.get("dense") == "1")
    return request.get_full_path()


def _save_view(page: ListPage, request: HttpRequest, user: Any) -> str:
    found = views.save(
        user,
        page=page.url_name,
        path=request.path,
        name=request.POST.get("name", ""),
        query=toolbar.query_of(page),
        is_shared=request.POST.get("shared") == "1",
    )
    if request.POST.get("first") == "1":
        kept.choose_default(user.pk, page.url_name, found.pk)
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": found.name})
    return found.url


def _own_or_shared(page: ListPage, request: HttpRequest, user: Any) -> kept.View:
    offered = kept.of_user(user).views.get(page.url_name, ())
    found = next((one for one in offered if str(one.pk) == request.POST.get("view")), None)
    if found is None:
        raise views.NotYours
    return found


def _remove_view(page: ListPage, request: HttpRequest, user: Any) -> str:
    found = _own_or_shared(page, request, user)
    views.remove(user, found.pk)
    messages.success(request, _("The view “%(name)s” is removed.") % {"name": found.name})
    return page.everything_url


def _choose_first(page: ListPage, request: HttpRequest, user: Any) -> str:
    wanted = request.POST.get("view")
    chosen = _own_or_shared(page, request, user) if wanted else None
    kept.choose_default(user.pk, page.url_name, chosen.pk if chosen else None)
    return request.get_full_path()


DEEDS: dict[str, Callable[[Any, HttpRequest, Any], str]] = {
    "columns": _choose_columns,
    "density": _choose_density,
    "save_view": _save_view,
    "remove_view": _remove_view,
    "first_view": _choose_first,
}
