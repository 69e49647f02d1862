"""The page of trends with its saved views, and the list of remarks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from huoshui.areas.telemetry import queries
from huoshui.areas.telemetry.trends import remarks
from huoshui.areas.telemetry.web import asking, points
from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit
from huoshui.kernel.views import actions as views
from huoshui.kernel.views import kept

_ = gettext_lazy

PAGE = "telemetry:trends"


@permissions.needs("telemetry.read")
def trends(request: HttpRequest) -> HttpResponse:
    """Show several points and formulas in one chart; the address holds what is looked at."""
    codes = asking.split_codes(request.GET.get("points", ""))
    if codes:
        asking.known_points(codes)
    mine = kept.of_user(request.user)
    first = mine.default_view(PAGE)
    if not request.GET and first is not None:
        return HttpResponseRedirect(f"{request.path}?{first.query}")
    if not codes and not request.GET.getlist("formula"):
        codes = [point.code for point in queries.points(kind="flow")[:3]]
    may = permissions.holds(request.user, "telemetry.annotate")
    context = {
        "title": gettext("Trends"),
        "trend": points.trend(codes, fixed=False, may_annotate=may),
        "empty": not codes and not request.GET.getlist("formula"),
        "views": mine.views.get(PAGE, []),
        "may_share": permissions.holds(request.user, "views.share"),
        "printed_by": getattr(request.user, "name", ""),
    }
    return render(request, "telemetry/trends.html", context)


@permissions.needs("telemetry.read")
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep what is looked at under a name."""
    path = reverse(PAGE)
    query = request.POST.get("query", "").removeprefix("?")
    try:
        found = views.save(
            request.user,
            page=PAGE,
            path=path,
            name=request.POST.get("name", ""),
            query=query,
            is_shared=request.POST.get("shared") == "1",
        )
    except errors.Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(f"{path}?{query}")
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": found.name})
    return HttpResponseRedirect(f"{path}?{query}")


@permissions.needs("telemetry.read")
@require_POST
def remove_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Take a view of one's own away."""
    views.remove(request.user, view_id)
    return HttpResponseRedirect(reverse(PAGE))


class RemarkList(kit.ListPage):
    """All remarks on points, the newest first."""

    title = _("Remarks")
    permission = "telemetry.read"
    url_name = "telemetry:remarks"
    columns = (
        kit.Column("from_at", pgettext_lazy("telemetry", "From"), format="moment"),
        kit.Column("until", _("Until"), format="moment", phone=False),
        kit.Column("point_code", _("Point"), href=lambda row: _chart_of(row)),
        kit.Column("text", _("Remark"), sort=False),
        kit.Column("author", _("By")),
    )
    search = ("text", "point__code", "point__name_zh", "point__name_en", "written_by__name")
    search_hint = _("Words, point, author")
    filters = (kit.PeriodFilter("from_at", pgettext_lazy("telemetry", "From")),)
    default_sort = "-from_at"
    empty = _("No remarks yet. Open a trend and leave one on what you know of it.")

    def rows(self, request: HttpRequest) -> QuerySet[Any, Any]:
        return remarks.standing().annotate(
            point_code=F("point__code"), author=F("written_by__name")
        )

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Trends"), reverse(PAGE)), (self.title, ""))


def _chart_of(row: Any) -> str:
    return f"{reverse(PAGE)}?points={row.point.code}"
