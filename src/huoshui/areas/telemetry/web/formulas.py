"""Calculated points: the list, the form of a formula, and working out the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, calculated, contracts, models
from huoshui.areas.telemetry.web import alarm_words, asking, words
from huoshui.areas.telemetry.web import rules as rule_pages
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

PAST_DAYS = 31


class Formulas(kit.ListPage):
    """The points that nobody measures, with the formulas that make them."""

    title = _("Calculated points")
    permission = "telemetry.read"
    url_name = "telemetry:formulas"
    search = ("point__code", "point__name_en", "point__name_zh", "expression")
    search_hint = _("Point or formula")
    filters = (
        kit.ChoiceFilter(
            "kind", _("Kind of points"), field="point__kind", choices=tuple(words.KINDS.items())
        ),
    )
    default_sort = "point__code"
    empty = _("No calculated points yet. One follows from others, such as the drop between two.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        found = [
            kit.Column(
                "point__code",
                _("Point"),
                value=lambda row: alarm_words.spoken_name(row.point),
                href=lambda row: reverse("telemetry:point", args=[row.point.code]),
                sort="point__code",
            ),
            kit.Column("point__kind", _("Kind of points"), labels=words.KINDS),
            kit.Column("expression", _("Formula"), sort=False),
            kit.Column("changed_at", _("Changed at"), format="moment", phone=False),
            kit.Column("changed_by", _("Changed by"), sort=False, phone=False),
        ]
        if request.GET.get("format") != "xlsx" and permissions.holds(
            request.user, rule_pages.MANAGE
        ):
            found.append(kit.Column("id", "", value=partial(past_button, request), sort=False))
        self.columns = tuple(found)

    def rows(self, request: HttpRequest) -> Any:
        """Return all of them."""
        return models.CalculatedPoint.objects.select_related("point", "changed_by")

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new one."""
        if not permissions.holds(request.user, rule_pages.MANAGE):
            return ()
        url = reverse("telemetry:set-formula")
        return (kit.link_button(gettext("New formula"), url, colour="primary", icon="plus"),)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rules."""
        return ((_("Alarm rules"), reverse("telemetry:rules")),)


def past_button(request: HttpRequest, row: models.CalculatedPoint) -> SafeString:
    """Return the button that works out the last month anew."""
    return kit.action_button(
        request,
        gettext("Work out the last month"),
        reverse("telemetry:formula-past", args=[row.pk]),
        colour="sm",
        confirm=gettext("Work out the last 31 days anew? What is there is replaced."),
    )


class FormulaForm(forms.Form):
    """The point and its formula; the names are needed for a new point only."""

    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        help_text=_("Of a point that is there, or of a new one, such as N5.drop."),
    )
    expression = forms.CharField(
        label=_("Formula"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Codes of measured points in braces: {A.pressure} - {B.pressure}, or"
            " mean({A.flow}, 3600)."
        ),
    )
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=200, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Kind of points"), choices=tuple(words.KINDS.items()))
    zone = forms.ChoiceField(label=_("Zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [("", "–"), *network.zone_names().items()]


class SetFormula(kit.FormPage):
    """Let a point be calculated from others."""

    title = _("Calculated point")
    permission = rule_pages.MANAGE
    form_class = FormulaForm
    explanation = _(
        "The point gets a reading whenever one of its inputs does. The unit is that of its kind;"
        " the formula must give it."
    )

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Return the formula that is there."""
        code = request.GET.get("point", "")
        row = models.CalculatedPoint.objects.filter(point__code=code).first()
        return {"code": code, "expression": row.expression if row else ""}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Lead back to the list."""
        return reverse("telemetry:formulas")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Declare the point if it is new, and keep its formula; both or neither."""
        said, by_id = form.cleaned_data, asking.reader_id(request)
        with transaction.atomic():
            if not models.Point.objects.filter(code=said["code"]).exists():
                new = contracts.PointDeclaration(
                    said["code"],
                    said["name_en"] or said["name_zh"],
                    said["name_zh"] or said["name_en"],
                    said["kind"],
                    zone_code=said["zone"] or None,
                )
                actions.declare_points([new], by_id)
            actions.set_formula(said["code"], said["expression"], by_id)
        return reverse("telemetry:point", args=[said["code"]])


@permissions.needs(rule_pages.MANAGE)
@require_POST
def past(request: HttpRequest, number: int) -> HttpResponse:
    """Work out the last month of a calculated point anew."""
    row = models.CalculatedPoint.objects.filter(pk=number).select_related("point").first()
    if row is not None:
        until = clock.now()
        from_at = until - timedelta(days=PAST_DAYS)
        by_id = asking.reader_id(request)
        handed = calculated.calculate_past(row.point.code, from_at, until, by_id)
        messages.success(
            request, gettext("%(n)d readings are worked out.") % {"n": handed.readings}
        )
    return HttpResponseRedirect(reverse("telemetry:formulas"))
