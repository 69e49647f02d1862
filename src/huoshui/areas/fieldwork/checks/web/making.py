"""The forms that make and change a round to plants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork import queries as job_queries
from huoshui.areas.fieldwork.checks import actions, queries, words
from huoshui.areas.fieldwork.checks.web.rounds import MANAGE, round_url, trail_to_rounds
from huoshui.areas.fieldwork.web import who
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import kit

DAY = {"type": "date"}
KEPT = ("name", "name_en", "every_days", "begin_date", "from_month", "until_month", "walker",
        "is_retired", "check_lists")  # fmt: skip


class RoundForm(forms.Form):
    """Everything about a round to plants."""

    code = forms.SlugField(label=_("Number"), max_length=40, help_text=_("Such as SB-07."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    assets = forms.CharField(
        label=_("Assets by number"), required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In the order of the way; spaces, commas or lines between them."),
    )  # fmt: skip
    zone = forms.ChoiceField(label=_("Also all of a zone"), required=False)
    kinds = forms.MultipleChoiceField(
        label=_("of these kinds"), required=False, widget=forms.CheckboxSelectMultiple
    )
    check_lists = forms.MultipleChoiceField(
        label=_("Lists of this round"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("They go before the lists of the kinds. Nothing chosen: every asset is asked "
                    "by the list of its type, or else of its kind."),
    )  # fmt: skip
    every_days = forms.IntegerField(label=_("Due every so many days"), min_value=1, max_value=730)
    begin_date = forms.DateField(
        label=_("First period begins"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    from_month = forms.IntegerField(label=_("First month"), min_value=1, max_value=12)
    until_month = forms.IntegerField(
        label=_("Last month"), min_value=1, max_value=12,
        help_text=_("11 and 3: only in winter."),
    )  # fmt: skip
    walker = forms.ModelChoiceField(
        label=pgettext_lazy("check round", "Who makes it"), queryset=User.objects.none(),
        required=False, empty_label=_("every crew"),
    )  # fmt: skip
    is_retired = forms.BooleanField(label=_("Not made any more"), required=False)

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = dict(self.fields)
        fields["zone"].choices = [("", "—"), *network.zone_names().items()]
        listed = list(queries.lists().filter(is_retired=False))
        fields["kinds"].choices = sorted(
            {words.binding(one): words.stands_for(one.asset_kind, one.asset_type)
             for one in listed}.items()
        )  # fmt: skip
        fields["check_lists"].choices = [
            (one.code, f"{one.code} {words.named(one.name_zh, one.name_en)}") for one in listed
        ]
        able = User.objects.filter(pk__in=[one.pk for one in job_queries.crew()]).order_by("name")
        fields["walker"].queryset = able
        if is_new:
            del self.fields["is_retired"]
        else:
            del self.fields["code"]

    def clean_assets(self) -> list[str]:
        """Return the numbers apart."""
        text = self.cleaned_data["assets"]
        for mark in ",，、;；":
            text = text.replace(mark, " ")
        return list(dict.fromkeys(text.split()))


class NewRound(kit.FormPage):
    """Make a round."""

    title = pgettext_lazy("equipment", "New round")
    permission = MANAGE
    once = True
    form_class = RoundForm
    explanation = _(
        "What is looked at in each asset says the check list of its type or kind. The order of the "
        "numbers is the order on the phone."
    )

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start today, every day, the whole year."""
        return {"begin_date": clock.local(clock.now()).date(), "every_days": 1, "from_month": 1,
                "until_month": 12}  # fmt: skip

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return trail_to_rounds()

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("checks:rounds")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Make it, and show it."""
        values = dict(form.cleaned_data)
        code, zone = values.pop("code"), values.pop("zone")
        chosen = actions.assets_chosen(
            codes=values.pop("assets"), zone_code=zone, asset_kinds=values.pop("kinds"),
            check_lists=values["check_lists"],
        )  # fmt: skip
        actions.keep_round(
            code, values={**values, "zone_code": zone}, asset_codes=chosen,
            by_id=who.id_of(request), is_new=True,
        )  # fmt: skip
        return round_url(code)


class ChangeRound(NewRound):
    """Change a round."""

    title = pgettext_lazy("equipment", "Change the round")
    explanation = _("Periods that are over keep what they were to look at.")

    @cached_property
    def row(self) -> models.PatrolRound:
        """The round the address names."""
        row = queries.round_of(self.kwargs["code"])
        if row is None:
            raise Http404
        return row

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form without its number, which stays."""
        return RoundForm(is_new=False, **arguments)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the round as it is."""
        found = {name: getattr(self.row, name) for name in KEPT}
        return {**found, "assets": "\n".join(self.row.asset_codes)}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the round."""
        return round_url(self.row.code)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Change it, and show it."""
        values = dict(form.cleaned_data)
        chosen = actions.assets_chosen(
            codes=values.pop("assets"), zone_code=values.pop("zone"),
            asset_kinds=values.pop("kinds"), check_lists=values["check_lists"],
        )  # fmt: skip
        actions.keep_round(
            self.row.code, values=values, asset_codes=chosen, by_id=who.id_of(request)
        )
        return round_url(self.row.code)
