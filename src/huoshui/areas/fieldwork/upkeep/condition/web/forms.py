"""Forms of signs of wear."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep.condition import rules, words
from huoshui.areas.fieldwork.upkeep.web import points
from huoshui.areas.fieldwork.web.forms import TypeChoice

LABEL = words.FIELDS


def _days(name: str, least: int, most: int, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=LABEL[name], min_value=least, max_value=most, help_text=help_text
    )


class IndicatorForm(forms.Form):
    """Everything that a person says about a sign of wear; the fields of `actions.FIELDS`."""

    name = forms.CharField(
        label=LABEL["name"], max_length=200, help_text=_("It becomes the title of the job.")
    )
    asset_code = forms.CharField(label=LABEL["asset_code"], max_length=64)
    point = points.point_field(points.OF_WEAR, label=LABEL["point"])
    how = forms.ChoiceField(label=LABEL["how"], choices=list(words.HOWS.items()))
    other_point = points.point_field(
        points.OF_WEAR, label=LABEL["other_point"], required=False,
        help_text=_("The room for a bearing, the flow for a power: what the machine cannot help."),
    )  # fmt: skip
    while_point = points.point_field(
        points.OF_RUNNING, label=LABEL["while_point"], required=False,
        help_text=_("Only hours count in which it runs evenly, so that days compare."),
    )  # fmt: skip
    while_min = forms.FloatField(label=LABEL["while_min"], required=False)
    while_max = forms.FloatField(label=LABEL["while_max"], required=False)
    limit = forms.FloatField(
        label=LABEL["limit"], help_text=_("From the maker's papers, in the unit that is followed.")
    )
    is_upper = forms.BooleanField(
        label=LABEL["is_upper"], required=False, help_text=_("Else it lowers it, as of a yield.")
    )
    window_days = _days("window_days", 14, 730, _("Fewer days find it sooner, more are surer."))
    warn_days = _days("warn_days", 1, 730, "")
    lead_days = _days("lead_days", 0, 90, "")
    since_date = forms.DateField(
        label=LABEL["since_date"], required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Set when work was done; what was before says nothing of now."),
    )  # fmt: skip
    job_type = TypeChoice(
        label=LABEL["job_type"], empty_label=None,
        queryset=models.JobType.objects.filter(is_retired=False),
    )  # fmt: skip
    crew = forms.ModelChoiceField(
        label=LABEL["crew"], required=False,
        queryset=models.Crew.objects.filter(is_retired=False),
        empty_label=_("Nobody: the dispatcher gives the jobs"),
    )  # fmt: skip
    instructions = forms.CharField(
        label=LABEL["instructions"], required=False, max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    is_retired = forms.BooleanField(label=LABEL["is_retired"], required=False)


class DeclineForm(forms.Form):
    """Why a suggestion is declined."""

    reason = forms.ChoiceField(label=_("Reason"), choices=list(words.REASONS.items()))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class VerdictForm(forms.Form):
    """What the work showed."""

    verdict = forms.ChoiceField(
        label=pgettext_lazy("suggestion", "What the work showed"),
        choices=[(str(code), words.VERDICTS[code][0]) for code in rules.Verdict],
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
