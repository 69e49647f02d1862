"""Forms of maintenance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import words
from huoshui.areas.fieldwork.upkeep.web import points
from huoshui.areas.fieldwork.web.forms import TypeChoice

LABEL = words.FIELDS
DAYS_MAX, HOURS_MAX = 3_660, 200_000
MONTHS = [(month, str(month)) for month in range(1, 13)]


def _clock(name: str, help_text: Any = "") -> forms.TimeField:
    return forms.TimeField(
        label=LABEL[name],
        required=False,
        help_text=help_text,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )


def _day(name: str, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=LABEL[name],
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class PlanForm(forms.Form):
    """Everything that a person says about a plan; the fields of `actions.FIELDS`."""

    code = forms.SlugField(
        label=LABEL["code"],
        max_length=40,
        required=False,
        help_text=_("Stays for ever; empty: the next free one."),
    )
    name = forms.CharField(label=LABEL["name"], max_length=200)
    asset_code = forms.CharField(label=LABEL["asset_code"], max_length=64)
    job_type = TypeChoice(
        label=LABEL["job_type"],
        empty_label=None,
        queryset=models.JobType.objects.filter(is_retired=False),
        help_text=_("Says time, skills, steps and kit."),
    )
    crew = forms.ModelChoiceField(
        label=LABEL["crew"],
        required=False,
        queryset=models.Crew.objects.filter(is_retired=False),
        empty_label=_("Nobody: the dispatcher gives the jobs"),
        help_text=_("It gets the job as soon as it is asked for."),
    )
    instructions = forms.CharField(
        label=LABEL["instructions"],
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    every_days = forms.IntegerField(
        label=LABEL["every_days"], required=False, min_value=1, max_value=DAYS_MAX
    )
    is_routine = forms.BooleanField(
        label=LABEL["is_routine"],
        required=False,
        help_text=_(
            "For daily cleaning and the like: each day has its "
            "own job, and a missed one stays visible."
        ),
    )
    every_hours = forms.IntegerField(
        label=LABEL["every_hours"],
        required=False,
        min_value=1,
        max_value=HOURS_MAX,
        help_text=_("With days: whichever comes first."),
    )
    hours_point = points.point_field(
        points.OF_RUNNING,
        label=LABEL["hours_point"],
        required=False,
        help_text=_("A counter of running hours, or a reading that says that it runs."),
    )
    runs_above = forms.FloatField(
        label=LABEL["runs_above"],
        required=False,
        help_text=_(
            "For a flow, a power or a state: it runs while the "
            "point reads more. Empty: the point counts hours."
        ),
    )
    from_month = forms.TypedChoiceField(
        label=LABEL["from_month"], coerce=int, choices=MONTHS, initial=1
    )
    until_month = forms.TypedChoiceField(
        label=LABEL["until_month"], coerce=int, choices=MONTHS, initial=12
    )
    window_from = _clock("window_from")
    window_until = _clock("window_until")
    heat_from = _clock("heat_from", _("No work outside between these hours in the heat."))
    heat_until = _clock("heat_until")
    heat_limit_c = forms.FloatField(
        label=LABEL["heat_limit_c"],
        required=False,
        min_value=-40,
        max_value=80,
        help_text=_("In °C, at the point named."),
    )
    heat_point = points.point_field(
        points.OF_HEAT,
        label=LABEL["heat_point"],
        required=False,
        help_text=_("Empty: the hours alone decide."),
    )
    wants_photos = forms.BooleanField(
        label=LABEL["wants_photos"],
        required=False,
        help_text=_("The job cannot be closed without them."),
    )
    ahead_days = forms.IntegerField(
        label=LABEL["ahead_days"], min_value=0, max_value=365, initial=7
    )
    done_date = _day("done_date", _("The next time is counted from here."))
    done_hours = forms.FloatField(
        label=LABEL["done_hours"],
        required=False,
        min_value=0,
        help_text=_("Empty: from the first reading on."),
    )


class RetireForm(forms.Form):
    """Why a plan is not followed any more."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class DoneForm(forms.Form):
    """When work was done that no job knows of."""

    day = forms.DateField(
        label=pgettext_lazy("upkeep", "Done on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    hours = forms.FloatField(
        label=LABEL["done_hours"],
        required=False,
        min_value=0,
        help_text=_("Empty: what its point had counted at the end of that day."),
    )
