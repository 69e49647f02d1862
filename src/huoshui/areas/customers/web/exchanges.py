"""The list of meters that were exchanged, and the form that finds a place for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import actions, queries, words
from huoshui.areas.customers.models import MeterExchange
from huoshui.areas.customers.web import shown
from huoshui.kernel.pages import formats, kit

ALIKE_MAX = 50


def _account(row: MeterExchange) -> str:
    return row.point.account.code if row.point and row.point.account else ""


def _account_url(row: MeterExchange) -> str | None:
    code = _account(row)
    return shown.account_url(code) if code else None


def _estate(row: MeterExchange) -> str:
    estate = row.point.premises.estate if row.point else None
    return estate.name if estate else ""


def _job_url(row: MeterExchange) -> str | None:
    return reverse("fieldwork:job", args=[row.job_number]) if row.job_number else None


def _settle_url(row: MeterExchange) -> str | None:
    waits = row.problem and not row.same_as_id
    return reverse("customers:settle_exchange", args=[row.pk]) if waits else None


def _show(rows: QuerySet[MeterExchange], wanted: str) -> QuerySet[MeterExchange]:
    if wanted == "open":
        return rows.exclude(problem="").filter(same_as__isnull=True)
    return rows.filter(stopped_days__gt=0)


class Exchanges(kit.ListPage):
    """All exchanges of meters, the latest first."""

    title = _("Meter exchanges")
    permission = "customers.read"
    url_name = "customers:exchanges"
    columns = (
        kit.Column("at", _("Exchanged"), format="moment"),
        kit.Column("account", _("Account"), value=_account, href=_account_url, sort=False),
        kit.Column("estate", _("Estate"), value=_estate, sort=False, phone=False),
        kit.Column("old_number", _("Old meter")),
        kit.Column("old_reading_m3", _("Last reading"), unit="m³", format=",.1f", sort=False),
        kit.Column("new_number", _("New meter")),
        kit.Column("start_reading_m3", _("First reading"), unit="m³", format=",.1f", sort=False,
                   phone=False),
        kit.Column("stopped_days", _("Days stopped"), format="d"),
        kit.Column("estimated_m3", _("Not counted, estimated"), unit="m³", format=",.1f",
                   phone=False),
        kit.Column("basis", _("Estimated from"), labels=words.BASES, phone=False, optional=True,
                   sort=False),
        kit.Column("problem", _("State"), badge=words.EXCHANGE_PROBLEMS, href=_settle_url),
        kit.Column("job_number", _("Job"), phone=False, href=_job_url),
        kit.Column("by", _("By whom"), sort="by__name", phone=False, optional=True),
    )  # fmt: skip
    search = ("old_number", "new_number", "job_number", "point__account__code")
    search_hint = _("Meter, account or job")
    filters = (
        kit.ChoiceFilter("show", _("Show"), apply=_show,
                         choices=(("open", _("Without a place")),
                                  ("stopped", _("Meter had stopped")))),
        kit.ChoiceFilter("estate", _("Estate"), field="point__premises__estate__code",
                         choices=queries.estate_choices),
        kit.PeriodFilter("at", _("Exchanged")),
    )  # fmt: skip
    default_sort = "-at"
    empty = _("No meter was exchanged yet. Crews report exchanges with the phone.")

    def rows(self, request: HttpRequest) -> QuerySet[MeterExchange]:
        return queries.exchange_rows()

    def row_css(self, row: Any) -> str:
        return "hs-row-alert" if row.problem and not row.same_as_id else ""


def _told(row: MeterExchange) -> str:
    said = (f"{row.old_number} → {row.new_number}", formats.moment(row.at), _account(row),
            str(row.by or ""))  # fmt: skip
    return " · ".join(one for one in said if one)


class SettleForm(forms.Form):
    """The two numbers, as they stand on the meters, or which exchange it is once more."""

    same_as = forms.TypedChoiceField(
        label=_("The same exchange as"), required=False, coerce=int, empty_value=None,
        help_text=_("Where two people told of one exchange, choose the other; it counts once."),
    )  # fmt: skip
    old_number = forms.CharField(label=_("Number of the old meter"), max_length=64)
    new_number = forms.CharField(label=_("Number of the new meter"), max_length=64)


class Settle(kit.FormPage):
    """Find the place of an exchange that the register could not."""

    title = _("Find the place of an exchange")
    permission = "customers.edit"
    once = True
    form_class = SettleForm
    explanation = _(
        "Compare both numbers with the photos of the job. What the crew wrote stays with the"
        " exchange; the register follows what you write here."
    )

    @cached_property
    def exchange(self) -> MeterExchange:
        """The exchange of the address, or `Http404`."""
        row = queries.exchanges_to_settle().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        return row

    @cached_property
    def alike(self) -> list[MeterExchange]:
        """What may be the same exchange, told by somebody else."""
        return list(queries.exchanges_alike(self.exchange)[:ALIKE_MAX])

    @property
    def submit_label(self) -> Any:  # type: ignore[override]
        """What the button does: where it may be the same as another one, nothing is put in."""
        return _("Settle the exchange") if self.alike else _("Put it into the register")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Meter exchanges"), reverse("customers:exchanges")), (self.title, ""))

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("customers:exchanges")

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = self.exchange
        return {"old_number": row.old_number, "new_number": row.new_number}

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Offer what may be the same exchange; where whose meter it is is in doubt, say so."""
        form = super().get_form(request, **arguments)
        alike = [(one.pk, _told(one)) for one in self.alike]
        if alike:
            form.fields["same_as"].choices = [("", _("None, it is one of its own")), *alike]
        else:
            del form.fields["same_as"]
        if self.exchange.problem == "other_account":
            form.fields["old_number"].help_text = _(
                "The job is about account %(account)s, and the register has this meter elsewhere."
                " If the crew did exchange it there, leave the number as it is."
            ) % {"account": self.exchange.for_account}
        return form

    def submit(self, request: HttpRequest, form: Any) -> str:
        values = form.cleaned_data
        if values.get("same_as"):
            actions.settle_as_told_twice(
                self.exchange.pk, same_as_id=values["same_as"], by_id=int(request.user.pk or 0)
            )
            messages.success(request, gettext("The exchange counts once."))
            return reverse("customers:exchanges")
        actions.settle_exchange(
            self.exchange.pk, old_number=values["old_number"], new_number=values["new_number"],
            by_id=int(request.user.pk or 0),
        )  # fmt: skip
        messages.success(request, gettext("The register has the new meter."))
        return reverse("customers:exchanges")
