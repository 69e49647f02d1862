"""The pages of corrections: the list, the form of a new one, and undoing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.telemetry import contracts, correcting, models, queries
from huoshui.areas.telemetry.store import corrections as store
from huoshui.areas.telemetry.web import api, asking
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

CORRECT = "telemetry.correct"

HOWS: dict[str, Any] = {
    store.VALUE: _("Put another value"),
    store.SCALE: _("Multiply and add"),
    store.INTERPOLATE: _("Draw a line between the good readings beside"),
    store.BAD: _("Mark as bad"),
    store.GOOD: _("Mark as good"),
    store.RESTORE: _("Bring the original readings back"),
}
STATES: dict[str, tuple[Any, str]] = {
    "stands": (_("In force"), "green"),
    "undone": (_("Undone"), "secondary"),
}


@dataclass(frozen=True)
class CorrectionRow:
    """One line of the list of corrections."""

    number: int
    point: str
    name: str
    from_at: datetime
    until: datetime
    how: str
    what: str
    readings: int
    reason: str
    made_at: datetime
    made_by: str
    state: str
    undone_by: str
    undone_at: datetime | None
    url: str


def rows_of(code: str = "") -> list[CorrectionRow]:
    """Return the corrections of a point, or all, the latest first."""
    spoken = api.language()
    rows = models.Correction.objects.select_related("point", "made_by", "undone_by")
    if code:
        rows = rows.filter(point__code=code)
    return [
        CorrectionRow(
            number=row.pk,
            point=row.point.code,
            name=queries.as_contract(row.point).name(spoken),
            from_at=row.from_at,
            until=row.until,
            how=row.how,
            what=what_of(row),
            readings=row.readings,
            reason=row.reason,
            made_at=row.made_at,
            made_by=row.made_by.name,
            state="undone" if row.undone_at else "stands",
            undone_by=row.undone_by.name if row.undone_by else "",
            undone_at=row.undone_at,
            url=reverse("telemetry:point", args=[row.point.code]),
        )
        for row in rows.order_by("-id")
    ]


def what_of(row: models.Correction) -> str:
    """Return the numbers of a correction in words, with their unit."""
    kind = contracts.KINDS[row.point.kind]
    if row.how == store.VALUE:
        return f"{formats.number(row.value, f'.{kind.decimals}f')} {kind.unit}"
    if row.how == store.SCALE:
        factor = gettext("times %(factor)s") % {"factor": formats.number(row.value, ".6g")}
        if not row.offset:
            return factor
        return f"{factor}, {formats.number(row.offset, '+.6g')} {kind.unit}"
    return ""


class Corrections(kit.ListPage):
    """Who corrected which readings, how and why; what was undone stays in the list."""

    title = _("Corrections")
    permission = "telemetry.read"
    url_name = "telemetry:corrections"
    columns: Sequence[kit.Column] = (
        kit.Column("name", _("Point"), href=lambda row: row.url),
        kit.Column("from_at", _("Corrected from"), format="moment"),
        kit.Column("until", _("Corrected until"), format="moment"),
        kit.Column("how", _("Correction"), labels=HOWS),
        kit.Column("what", _("Value or factor"), sort=False, phone=False),
        kit.Column("readings", _("Readings"), format=".0f", phone=False, optional=True),
        kit.Column("reason", _("Reason"), sort=False),
        kit.Column("made_by", _("Corrected by")),
        kit.Column("made_at", _("Corrected at"), format="moment", phone=False, optional=True),
        kit.Column("state", _("State"), badge=STATES),
        kit.Column("undone_by", _("Undone by"), phone=False, optional=True),
        kit.Column("undone_at", _("Undone"), format="moment", phone=False, optional=True),
        kit.Column("point", _("Code"), phone=False, optional=True),
    )
    search = ("point", "name", "reason", "made_by")
    search_hint = _("Point, reason, person")
    filters = (
        kit.ChoiceFilter("how", _("Correction"), choices=tuple(HOWS.items())),
        kit.ChoiceFilter(
            "state",
            _("State"),
            choices=tuple((code, label) for code, (label, _colour) in STATES.items()),
        ),
        kit.PeriodFilter("made_at", _("Corrected at")),
    )
    default_sort = "-made_at"
    empty = _("No reading has been corrected. To correct some, open their point.")

    def rows(self, request: HttpRequest) -> list[CorrectionRow]:
        """Return the corrections, of one point where the address names it."""
        return rows_of(request.GET.get("point", ""))

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        on_a_page = request.GET.get("format") != "xlsx"
        if on_a_page and permissions.holds(request.user, CORRECT):
            self.columns = (
                *self.columns,
                kit.Column("undo", "", value=self._undo_button, sort=False, align="end"),
            )

    def _undo_button(self, row: CorrectionRow) -> SafeString:
        """Offer to undo what is in force."""
        if row.state != "stands":
            return SafeString("")
        return kit.action_button(
            self.request,
            gettext("Undo"),
            reverse("telemetry:correction_undo", args=[row.number]),
            confirm=gettext("The readings are then seen again as without this correction."),
            colour="outline-secondary",
        )


class CorrectionForm(forms.Form):
    """What is corrected, how and why."""

    from_at = kit.MomentField(label=_("Corrected from"))
    until = kit.MomentField(
        label=_("Corrected until"), help_text=_("This moment is no longer corrected.")
    )
    how = forms.ChoiceField(label=_("Correction"), choices=tuple(HOWS.items()))
    value = forms.FloatField(
        label=_("Value or factor"),
        required=False,
        help_text=_("The value for “another value”, the factor for “multiply and add”."),
    )
    offset = forms.FloatField(
        label=_("Offset"), required=False, help_text=_("Added after multiplying; usually empty.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What was wrong, and how you know. Everybody can read it."),
    )


class Correct(kit.FormPage):
    """Correct the readings of a point in a time."""

    title = _("Correct readings")
    permission = CORRECT
    form_class = CorrectionForm
    submit_label = _("Correct")
    explanation = _(
        "The readings stay as they came; charts, exports, sums and night flows show the corrected"
        " ones at once. It can be undone. Alarms of the past are not judged again."
    )

    def heading(self, request: HttpRequest) -> str:
        """Name the point with its unit."""
        point = queries.point(self.kwargs["code"])
        return gettext("Correct %(point)s [%(unit)s]") % {
            "point": point.name(api.language()),
            "unit": point.unit,
        }

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the point."""
        return (
            (_("Points"), reverse("telemetry:points")),
            (self.kwargs["code"], self.get_cancel_url(request)),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the point."""
        return reverse("telemetry:point", args=[self.kwargs["code"]])

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the newest hour of readings."""
        code = queries.point(self.kwargs["code"]).code
        newest = queries.latest([code]).get(code)
        until = min(contracts.from_us(newest.at_us), clock.now()) if newest else clock.now()
        until = until.replace(second=0, microsecond=0)
        return {"from_at": until - timedelta(hours=1), "until": until, "how": store.VALUE}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Correct, and offer to take it back."""
        given = form.cleaned_data
        made = correcting.correct(
            self.kwargs["code"],
            given["from_at"],
            given["until"],
            how=given["how"],
            reason=given["reason"],
            by_id=asking.reader_id(request),
            value=given["value"],
            offset=given["offset"] or 0.0,
        )
        label = gettext("%(count)d readings are corrected.") % {"count": made.readings}
        kit.undo(request, label, reverse("telemetry:correction_undo", args=[made.number]))
        return self.get_cancel_url(request)


@permissions.needs(CORRECT)
@require_POST
def undo(request: HttpRequest, number: int) -> HttpResponse:
    """Undo a correction and go back to its point."""
    undone = correcting.undo(number, asking.reader_id(request))
    return HttpResponseRedirect(reverse("telemetry:point", args=[undone.point_code]))


def section_of(code: str) -> kit.Section | None:
    """Return the latest corrections of a point as facts for its page; None without any."""
    rows = rows_of(code)[:5]
    if not rows:
        return None
    more = f"{reverse('telemetry:corrections')}?point={code}"
    return kit.Section(
        _("Corrections"),
        tuple(
            kit.Fact(
                f"{formats.moment(row.from_at)} – {formats.moment(row.until)}",
                f"{HOWS[row.how]} {row.what} · {row.reason} · {row.made_by}"
                + (f" · {gettext('Undone')}" if row.state == "undone" else ""),
                href=more,
            )
            for row in rows
        ),
    )
