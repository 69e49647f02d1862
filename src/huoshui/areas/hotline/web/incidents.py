"""Incidents: what many call about, who they are, and who is called back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.hotline import words
from huoshui.areas.hotline.actions import folding
from huoshui.areas.hotline.models import Incident
from huoshui.areas.hotline.queries import incidents as queries
from huoshui.areas.hotline.web import numbers
from huoshui.areas.hotline.web.popped import address
from huoshui.areas.hotline.web.who import id_of, number_of
from huoshui.kernel import cases, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


def incident_url(row: Incident) -> str:
    """Return the address of an incident."""
    return reverse("hotline:incident", args=[row.pk])


def _standing(rows: Any, wanted: str) -> Any:
    return rows.filter(closed_at__isnull=wanted == "open")


def _name(row: Incident) -> str:
    return " · ".join(one for one in (words.topic_name(row.topic), row.place) if one)


class Incidents(kit.ListPage):
    """All incidents, the latest first."""

    title = _("Incidents")
    permission = "hotline.read_calls"
    url_name = "hotline:incidents"
    columns = (
        kit.Column("topic", _("What"), value=_name, href=incident_url),
        kit.Column("callers", _("Callers"), format="d"),
        kit.Column("waiting", _("Not called back"), format="d"),
        kit.Column("case_number", _("Case"),
                   href=lambda row: address("cases:case", row.case_number)),
        kit.Column("opened_at", _("Since"), format="moment"),
        kit.Column("closed_at", pgettext_lazy("incident", "Until"), format="moment", phone=False),
        kit.Column("known", _("What callers are told"), phone=False, sort=False),
    )  # fmt: skip
    search = ("place", "known", "case_number", "topic__name_zh", "topic__name_en")
    default_sort = "-opened_at"
    filters = (
        kit.ChoiceFilter("standing", _("Which"), apply=_standing,
                         choices=(("open", _("Open")), ("over", _("Over")))),
        kit.PeriodFilter("opened_at", _("Since")),
    )  # fmt: skip
    empty = _("No calls have been folded yet. When several people call about the same thing "
              "nearby, the desk offers to fold them.")  # fmt: skip

    def rows(self, request: HttpRequest) -> QuerySet[Incident]:
        return queries.incidents()


class IncidentPage(kit.DetailPage):
    """One incident with its callers."""

    permission = "hotline.read_calls"
    template = "hotline/incident.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Incident:
        return queries.incident(kwargs["incident_id"])

    def heading(self, request: HttpRequest, obj: Incident) -> Any:
        return _name(obj)

    def trail(self, request: HttpRequest, obj: Incident) -> Sequence[tuple[Any, str]]:
        return ((_("Incidents"), reverse("hotline:incidents")),)

    def badges(self, request: HttpRequest, obj: Incident) -> Sequence[SafeString]:
        over = obj.closed_at is not None
        return (kit.badge(_("Over") if over else _("Open"), "green" if over else "orange"),)

    def facts(self, request: HttpRequest, obj: Incident) -> Sequence[kit.Section]:
        case = address("cases:case", obj.case_number) if obj.case_number else ""
        return (
            kit.Section(_("Incident"), (
                kit.Fact(_("Case"), obj.case_number, href=case),
                kit.Fact(_("Since"), obj.opened_at, format="moment"),
                kit.Fact(pgettext_lazy("incident", "Until"), obj.closed_at, format="moment"),
                kit.Fact(_("What callers are told"), obj.known),
            )),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: Incident) -> Sequence[SafeString]:
        if obj.closed_at is not None or not permissions.holds(request.user, "hotline.take_calls"):
            return ()
        url = reverse("hotline:known", args=[obj.pk])
        return (kit.link_button(_("Say what callers are told"), url, icon="message"),)

    def context(self, request: HttpRequest, obj: Incident) -> dict[str, Any]:
        fact = cases.case(obj.case_number) if obj.case_number else None
        may = permissions.holds(request.user, "hotline.take_calls")
        may_call = may and fact is not None and fact.state == "call_back"
        rows = list(queries.members(obj.pk))
        waiting = [row.call for row in rows if not (row.unfolded_at or row.called_back_at)]
        in_full = numbers.to_call_back(request.user, obj.pk, waiting if may_call else ())
        return {
            "may_call": may_call,
            "may_fold": may and obj.closed_at is None,
            "members": [
                {"id": row.pk, "call_id": row.call_id, "at": row.call.began_at,
                 "number": in_full.get(row.call_id) or numbers.in_list(row.call)
                 or gettext("withheld"),
                 "place": row.call.place, "account": row.call.account_code,
                 "gone": row.unfolded_at is not None, "called_back_at": row.called_back_at,
                 "score": row.score, "note": row.note, "by": str(row.called_back_by or "")}
                for row in rows
            ],
        }  # fmt: skip


class KnownForm(forms.Form):
    """What the next caller is told."""

    known = forms.CharField(
        label=_("What callers are told"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class Known(kit.FormPage):
    """Say what the next caller of an incident is told."""

    title = _("What callers are told")
    permission = "hotline.take_calls"
    form_class = KnownForm
    explanation = _("Agents read this to everybody who calls from near this place.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"known": queries.incident(self.kwargs["incident_id"]).known}

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:incident", args=[self.kwargs["incident_id"]])

    def submit(self, request: HttpRequest, form: Any) -> str:
        folding.say_known(
            self.kwargs["incident_id"], form.cleaned_data["known"], by_id=id_of(request)
        )
        return self.get_cancel_url(request)


@permissions.needs("hotline.take_calls")
@require_POST
def unfold(request: HttpRequest, call_id: int) -> HttpResponse:
    """Take a caller out of an incident."""
    try:
        call = folding.unfold_call(call_id, by_id=id_of(request))
        if call.case_number:
            said = gettext("The caller has a case of their own: %(number)s.")
            messages.success(request, said % {"number": call.case_number})
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return HttpResponseRedirect(reverse("hotline:call", args=[call_id]))


@permissions.needs("hotline.take_calls")
@require_POST
def called_back(request: HttpRequest, incident_id: int, member_id: int) -> HttpResponse:
    """Keep what one caller said when called back."""
    score = request.POST.get("score", "")
    try:
        folding.call_back_member(
            member_id,
            score=number_of(score) or 0,
            note=request.POST.get("note", ""),
            by_id=id_of(request),
        )
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return HttpResponseRedirect(reverse("hotline:incident", args=[incident_id]))
