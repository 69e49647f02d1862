"""Reporting turns and conditions of valves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import actions, choices, queries
from huoshui.areas.network.contracts import Kind, Operability
from huoshui.areas.network.models import Asset, ValveTurn
from huoshui.areas.network.web import shown
from huoshui.kernel.pages import formats, kit


class _ValvePage(kit.FormPage):
    permission = "network.turn"

    def valve(self) -> Asset:
        """Return the valve of the page, or raise `Http404`."""
        row = queries.asset_by_code(self.kwargs["code"])
        if row is None or row.kind != Kind.VALVE or row.retired_at is not None:
            raise Http404
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        code = self.valve().code
        return (
            (_("Assets"), reverse("network:assets")),
            (code, shown.asset_url(code)),
            (self.title, ""),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        return shown.asset_url(self.kwargs["code"])


class TurnForm(forms.Form):
    """How the valve stands after the turn, when, and who turned it."""

    opening_percent = forms.IntegerField(
        label=_("Open [%]"), min_value=0, max_value=100, help_text=_("0 is closed, 100 is open.")
    )
    turned_at = kit.MomentField(
        label=_("Turned at"), required=False, help_text=_("Empty means now.")
    )
    turned_by = forms.CharField(label=_("Turned by"), required=False, max_length=120)
    turns = forms.FloatField(label=_("Turns counted"), required=False, min_value=0, max_value=1000)
    note = forms.CharField(label=_("Remark"), required=False, max_length=300)
    corrects = forms.ChoiceField(
        label=_("Corrects"),
        required=False,
        help_text=_("Choose an earlier report if that one was wrong."),
    )


class ReportTurn(_ValvePage):
    """Report that a valve was turned, or that an earlier report was wrong."""

    title = _("Report a turn")
    form_class = TurnForm
    explanation = _("Traces and calculations take the valve as you report it.")

    def get_form(self, request: HttpRequest, **arguments: Any) -> TurnForm:
        form = TurnForm(**arguments)
        turns = ValveTurn.objects.filter(valve=self.valve(), corrected_by=None)[:20]
        form.fields["corrects"].choices = [  # type: ignore[attr-defined]
            ("", _("Nothing: this is a new turn")),
            *(
                (
                    str(turn.id),
                    f"{formats.text(turn.turned_at, 'moment')} {shown.opening(turn.opening_frac)}",
                )
                for turn in turns
            ),
        ]
        return form

    def submit(self, request: HttpRequest, form: TurnForm) -> str:
        given = form.cleaned_data
        actions.report_turn(
            self.kwargs["code"],
            opening_frac=given["opening_percent"] / 100,
            by_id=request.user.pk,
            turned_at=given["turned_at"],
            turned_by=given["turned_by"],
            turns=given["turns"],
            note=given["note"],
            corrects_id=int(given["corrects"]) if given["corrects"] else None,
        )
        return self.get_cancel_url(request)


class LookForm(forms.Form):
    """How the valve was found."""

    operability = forms.ChoiceField(
        label=_("Operability"), choices=lambda: list(choices.OPERABILITIES.items())
    )
    seen_at = kit.MomentField(label=_("Looked at"), required=False, help_text=_("Empty means now."))
    seen_by = forms.CharField(label=_("Looked at by"), required=False, max_length=120)
    note = forms.CharField(label=_("Remark"), required=False, max_length=300)


class ReportCondition(_ValvePage):
    """Report whether a valve can be turned. It says nothing of how the valve stands."""

    title = _("Report its condition")
    form_class = LookForm
    explanation = _(
        "Seized, covered and lost valves are passed over when valves are sought that can be "
        "closed. How the valve stands is reported apart, as a turn."
    )

    def submit(self, request: HttpRequest, form: LookForm) -> str:
        given = form.cleaned_data
        actions.report_condition(
            self.kwargs["code"],
            operability=Operability(given["operability"]),
            by_id=request.user.pk,
            seen_at=given["seen_at"],
            seen_by=given["seen_by"],
            note=given["note"],
        )
        return self.get_cancel_url(request)
