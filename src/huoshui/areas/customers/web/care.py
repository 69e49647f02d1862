"""The register of special care, and the visits that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.customers import actions, contracts, rules, words
from huoshui.areas.customers.models import SpecialCare
from huoshui.areas.customers.web import shown
from huoshui.areas.customers.web.account_forms import OfAccount
from huoshui.kernel import clock
from huoshui.kernel.accounts import personal
from huoshui.kernel.pages import kit


def _due(rows: Any, wanted: str) -> Any:
    limit = clock.now() - rules.CARE_VISIT_EVERY
    if wanted == "due":
        return rows.filter(seen_at__lt=limit)
    fresh = clock.now() - rules.CARE_VISIT_VALID
    return rows.filter(Q(visited_at__isnull=True) | Q(visited_at__lt=fresh))


class Cares(kit.ListPage):
    """All accounts in special care, those who wait longest for a visit first."""

    title = _("Special care")
    permission = "customers.read"
    url_name = "customers:care"
    columns = (
        kit.Column("account", _("Account"), sort="account__code",
                   value=lambda row: row.account.code,
                   href=lambda row: shown.account_url(row.account.code)),
        kit.Column("holder", _("Holder"), value=lambda row: shown.holder(row.account.holder)),
        kit.Column("address", _("Address"), value=lambda row: row.account.premises.address),
        kit.Column("reason", _("Reason"), labels=words.REASONS),
        kit.Column("contact", _("Contact"), phone=False,
                   value=lambda row: f"{rules.masked_name(row.contact_name)} "
                   f"{personal.mask_phone(row.contact_phone)}".strip()),
        kit.Column("visited_at", _("Latest visit"), format="moment"),
        kit.Column("consent_date", _("Consent of"), format="day", phone=False, optional=True),
        kit.Column("specialist", _("Specialist"), phone=False,
                   value=lambda row: _specialist(row)),
    )  # fmt: skip
    search = ("account__code", "account__premises__address", "note")
    search_hint = _("Account or address")
    filters = (
        kit.ChoiceFilter("reason", _("Reason"), choices=words.REASONS.items()),
        kit.ChoiceFilter(
            "show", _("Show"), apply=_due,
            choices=(
                ("due", pgettext_lazy("customer", "Visit overdue")),
                ("unvisited", _("Not to be cut off")),
            ),
        ),
    )  # fmt: skip
    default_sort = "seen_at"
    empty = _("Nobody is in special care. Open an account and take it into special care.")

    def rows(self, request: HttpRequest) -> QuerySet[SpecialCare]:
        return (
            SpecialCare.objects.filter(ended_at__isnull=True)
            .annotate(seen_at=Coalesce(F("visited_at"), F("from_at")))
            .select_related("account__holder", "account__premises__estate__grid__specialist")
        )

    def row_css(self, row: SpecialCare) -> str:
        due = rules.is_visit_due(row.visited_at, row.from_at, clock.now())
        return "hs-row-alert" if due else ""


def _specialist(row: SpecialCare) -> str | None:
    estate = row.account.premises.estate
    grid = estate.grid if estate else None
    return grid.specialist.name if grid and grid.specialist else None


class CareForm(forms.Form):
    """Why somebody needs special care, and who agreed to it."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=lambda: [(str(code), label) for code, label in words.REASONS.items()],
    )
    consent_date = forms.DateField(
        label=_("Consent of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    consent_by = forms.CharField(
        label=_("Consent given by"),
        max_length=100,
        help_text=_("The person, or a relative; without a consent nobody enters the register."),
    )
    contact_name = forms.CharField(label=_("Contact"), required=False, max_length=100)
    contact_phone = forms.CharField(label=_("Telephone"), required=False, max_length=40)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class BeginCare(OfAccount):
    """Take an account into special care."""

    title = _("Into special care")
    permission = "customers.care"
    form_class = CareForm
    explanation = _("From then on nobody may cut this account off without a visit.")

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        return {"consent_date": clock.local(clock.now()).date()}

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        given["reason"] = contracts.CareReason(given["reason"])
        actions.begin_care(self.account.code, **given, by_id=request.user.pk)
        return shown.account_url(self.account.code)


class VisitForm(forms.Form):
    """One visit."""

    visited_at = kit.MomentField(label=_("When"))
    met = forms.BooleanField(
        label=_("Somebody was met"), required=False, initial=True,
        help_text=_("Only then it counts as a visit."),
    )  # fmt: skip
    paid_yuan = forms.DecimalField(
        label=_("Paid for the customer [yuan]"), required=False, min_value=0, decimal_places=2
    )
    note = forms.CharField(
        label=_("What was done"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class Visit(OfAccount):
    """Record a visit to somebody in special care."""

    title = _("Record a visit")
    permission = "customers.care"
    form_class = VisitForm

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        return {"visited_at": clock.now() - timedelta(minutes=1), "met": True}

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        paid = given["paid_yuan"]
        actions.visit(
            self.account.code, visited_at=given["visited_at"], met=given["met"],
            note=given["note"], paid_cents=None if paid is None else round(paid * 100),
            by_id=request.user.pk,
        )  # fmt: skip
        return shown.account_url(self.account.code)


class EndForm(forms.Form):
    """Why special care ends."""

    why = forms.CharField(label=_("Why"), max_length=300)


class EndCare(OfAccount):
    """End the special care of an account."""

    title = _("End special care")
    permission = "customers.care"
    form_class = EndForm
    submit_colour = "danger"

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.end_care(self.account.code, why=form.cleaned_data["why"], by_id=request.user.pk)
        return shown.account_url(self.account.code)
