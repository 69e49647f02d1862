"""The codes that nobody has declared: the list, adopting many at once, forgetting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import contracts, models, queries, source_actions
from huoshui.areas.telemetry.unadopted import Unadopted
from huoshui.areas.telemetry.web import words
from huoshui.areas.telemetry.web.sources import MANAGE
from huoshui.kernel import errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

AT_ONCE = 50
SPARK_POINTS = 40


class UnknownCodes(kit.ListPage):
    """Codes that sources send and nobody has declared; their readings are kept."""

    title = _("Unknown codes")
    permission = "telemetry.read"
    url_name = "telemetry:unknown"
    columns = (
        kit.Column("code", _("Unknown code"), href=lambda row: adopt_url([row])),
        kit.Column("source", _("Source")),
        kit.Column("count", _("Readings"), format="d"),
        kit.Column("sample", _("A value"), format=".6g"),
        kit.Column("earliest_at", _("Since"), format="moment", phone=False),
        kit.Column("latest_at", _("Newest reading"), format="moment"),
    )
    search = ("code", "source")
    search_hint = _("Code, source")
    filters = (
        kit.ChoiceFilter(
            "source",
            _("Source"),
            choices=lambda: [
                (one, one)
                for one in models.UnknownPoint.objects.order_by("source")
                .values_list("source", flat=True)
                .distinct()[:200]
            ],
        ),
    )
    default_sort = "-latest_at"
    empty = _("Every code that arrives is declared.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the codes nobody declared."""
        return models.UnknownPoint.objects.all()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the sources."""
        return ((_("Data sources"), reverse("telemetry:sources")),)

    def row_href(self, row: Any) -> str | None:
        """Open the adoption of one code, for those who may."""
        allowed = permissions.holds(self.request.user, MANAGE)
        return adopt_url([row]) if allowed else None

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Adopt or forget what the list shows now."""
        if not permissions.holds(request.user, MANAGE):
            return ()
        query = {name: request.GET[name] for name in ("q", "source") if request.GET.get(name)}
        url = reverse("telemetry:adopt")
        return (
            kit.link_button(
                gettext("Adopt those shown"), f"{url}?{urlencode(query)}", colour="primary"
            ),
            kit.action_button(
                request,
                gettext("Forget those shown"),
                reverse("telemetry:forget"),
                values=query,
                colour="ghost-danger",
                confirm=gettext("Forget the codes shown and the readings kept of them?"),
            ),
        )


def adopt_url(rows: Sequence[models.UnknownPoint]) -> str:
    """Return the page where these codes are adopted."""
    return f"{reverse('telemetry:adopt')}?{urlencode([('id', row.pk) for row in rows])}"


def shown(query: QueryDict) -> list[models.UnknownPoint]:
    """Return the codes that an address names by number or by the list's search and filter."""
    rows = models.UnknownPoint.objects.order_by("source", "code")
    numbers = [int(one) for one in query.getlist("id") if one.isdecimal() and len(one) < 15]
    if numbers:
        return list(rows.filter(pk__in=numbers[:AT_ONCE]))
    for word in query.get("q", "").split()[:10]:
        rows = rows.filter(code__icontains=word) | rows.filter(source__icontains=word)
    if query.get("source"):
        rows = rows.filter(source=query["source"])
    return list(rows[:AT_ONCE])


def spark(kept: Unadopted, source: str, code: str) -> str:
    """Return the kept readings as points of a small line, empty with fewer than three."""
    _mark, (at_us, value, _quality) = kept.read(source, code, rows=200)
    there = np.isfinite(value)
    at_us, value = at_us[there], value[there]
    if len(value) < 3:
        return ""
    order = np.argsort(at_us, kind="stable")[-SPARK_POINTS:]
    value = value[order]
    low, high = float(value.min()), float(value.max())
    height = (value - low) / (high - low) if high > low else np.full(len(value), 0.5)
    x = np.linspace(1, 99, len(value))
    return " ".join(f"{a:.1f},{22 - 20 * b:.1f}" for a, b in zip(x, height, strict=True))


@permissions.needs(MANAGE)
def adopt(request: HttpRequest) -> HttpResponse:
    """Show what each code probably is, and adopt those that are ticked."""
    if request.method == "POST":
        return _adopted(request)
    kept = Unadopted(queries.folder())
    try:
        rows = [
            {
                **source_actions.suggestion(row.source, row.code, row.sample),
                "sent": row.code,
                "number": number,
                "take": True,
                "asset": "",
                "spark": spark(kept, row.source, row.code),
            }
            for number, row in enumerate(shown(request.GET))
        ]
    finally:
        kept.close()
    guess_assets(rows)
    return _page(request, rows)


def guess_assets(rows: list[dict[str, Any]]) -> None:
    """Fill in the asset whose code a point's code begins with, where there is one."""
    heads = {row["code"].replace("/", ".").split(".")[0] for row in rows}
    known = set(network.places(heads)) if heads else set()
    for row in rows:
        head = row["code"].replace("/", ".").split(".")[0]
        row["asset"] = head if head in known else ""


def _page(
    request: HttpRequest,
    rows: list[dict[str, Any]],
    refusal: errors.Refused | None = None,
) -> HttpResponse:
    faults = refusal.data.get("faults", {}) if refusal else {}
    context = {
        "title": gettext("Adopt codes"),
        "trail": (
            (_("Data sources"), reverse("telemetry:sources")),
            (_("Unknown codes"), reverse("telemetry:unknown")),
        ),
        "rows": rows,
        "kinds": tuple(words.KINDS.items()),
        "units": list(
            dict.fromkeys(u for kind in contracts.KINDS for u in source_actions.units_of(kind))
        ),
        "refusal": refusal,
        "faults": [
            f"{code}: {', '.join(str(FAULTS.get(one, one)) for one in why)}"
            for code, why in list(faults.items())[:20]
        ],
    }
    status = refusal.status if refusal else 200
    return render(request, "telemetry/adopt.html", context, status=status)


FAULTS: dict[str, Any] = {
    "code": _("the code is not usable"),
    "name": _("the name is missing"),
    "kind": _("the kind is not known"),
    "kind_changed": _("the point has another kind"),
    "asset_code": _("there is no such asset"),
    "declared_twice": _("it stands here twice"),
}


def _adopted(request: HttpRequest) -> HttpResponse:
    post = request.POST
    count = min(int(post["count"]), AT_ONCE) if post.get("count", "").isdecimal() else 0

    def given(name: str, number: int) -> str:
        return post.get(f"{name}_{number}", "").strip()[:300]

    rows: list[dict[str, Any]] = [
        {
            "number": number,
            "take": f"take_{number}" in post,
            **{
                name: given(name, number)
                for name in ("source", "sent", "code", "name", "kind", "unit", "asset")
            },
        }
        for number in range(count)
    ]
    adoptions = [
        source_actions.Adoption(
            source=row["source"],
            sent_code=row["sent"],
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            unit=row["unit"],
            asset_code=row["asset"] or None,
        )
        for row in rows
        if row["take"]
    ]
    assert request.user.pk is not None
    try:
        taken = source_actions.adopt(adoptions, request.user.pk)
    except errors.Refused as refusal:
        return _page(request, rows, refusal)
    messages.success(
        request,
        ngettext("%(n)d code adopted.", "%(n)d codes adopted.", taken) % {"n": taken}
        + " "
        + gettext("Its kept readings are in the history within seconds."),
    )
    return HttpResponseRedirect(reverse("telemetry:unknown"))


@permissions.needs(MANAGE)
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget codes and what was kept of them."""
    assert request.user.pk is not None
    rows = shown(request.POST)
    count = source_actions.ignore_unknown([(r.source, r.code) for r in rows], request.user.pk)
    messages.success(
        request, ngettext("%(n)d code forgotten.", "%(n)d codes forgotten.", count) % {"n": count}
    )
    return HttpResponseRedirect(reverse("telemetry:unknown"))
