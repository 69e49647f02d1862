"""Forms of fieldwork."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import contracts, models, queries, rules, words
from huoshui.areas.fieldwork.queries.differing import Differing
from huoshui.areas.fieldwork.web import labels
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import formats, kit

FOUND_SIZE_M3H_MAX = 10_000


class CrewChoice(forms.ModelChoiceField):
    """One person of a field crew, by name."""

    def label_from_instance(self, obj: User) -> str:
        """Return the name people know."""
        return obj.name or obj.username


class TypeChoice(forms.ModelChoiceField):
    """One type of job, by its name in the reader's language."""

    def label_from_instance(self, obj: models.JobType) -> str:
        """Return the name people know."""
        return words.name_of(obj)


class NewJobForm(forms.Form):
    """What, where, how pressing and until when."""

    title = forms.CharField(
        label=_("What is to be done"),
        max_length=200,
        required=False,
        help_text=_("Empty: the kind of work and the place."),
    )
    description = forms.CharField(
        label=_("Details for the crew"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    job_type = TypeChoice(
        label=_("Type of job"),
        queryset=models.JobType.objects.filter(is_retired=False),
        required=False,
        empty_label=_("Not said"),
        help_text=_("Says kind, time, skills and parts at once."),
    )
    kind = forms.ChoiceField(label=_("Kind of work"), choices=list(words.KINDS.items()))
    asset_code = forms.CharField(
        label=_("Asset number"),
        required=False,
        max_length=64,
        help_text=_("Such as p227. Empty if the place is only known roughly."),
    )
    zone_code = forms.ChoiceField(label=_("Zone"), required=False)
    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=list(words.PRIORITIES.items()),
        initial=contracts.Priority.NORMAL,
    )
    due_at = kit.MomentField(
        label=pgettext_lazy("job", "Until"),
        required=False,
        help_text=_("Empty: urgent 4 hours, high 1 day, normal 3 days, low 14 days."),
    )
    window_from_at = kit.MomentField(label=_("Not before"), required=False)
    window_until = kit.MomentField(label=_("To be begun before"), required=False)
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone.code, zone.name) for zone in network.zones()]
        self.fields["zone_code"].choices = [("", _("Not said")), *zones]  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """Who shall do it."""

    to = CrewChoice(
        label=_("To whom"), queryset=User.objects.none(), empty_label=_("Choose a person")
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [person.pk for person in queries.crew()]
        field = self.fields["to"]
        field.queryset = User.objects.filter(pk__in=people).order_by("name")  # type: ignore[attr-defined]


class ReportForm(forms.Form):
    """What the crew found, filled in on a phone."""

    found = forms.ChoiceField(
        label=_("What did you find?"),
        choices=list(words.FOUND.items()),
        widget=forms.RadioSelect,
    )
    found_asset_code = forms.CharField(
        label=_("At which asset"),
        required=False,
        max_length=64,
        help_text=_("Number of the pipe, valve or hydrant, such as p227."),
    )
    found_size_m3h = forms.FloatField(
        label=_("Estimated leak (m³/h)"),
        required=False,
        min_value=0,
        max_value=FOUND_SIZE_M3H_MAX,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.1"}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photos = kit.PhotosField(
        label=_("Photos"),
        required=False,
        help_text=_("The place, the damage, the repair. At most 12."),
    )

    def clean(self) -> dict[str, Any]:
        """A leak that was found was found somewhere."""
        values = super().clean() or {}
        if values.get("found") in rules.FOUND_A_LEAK and not values.get("found_asset_code"):
            self.add_error("found_asset_code", _("Please say at which asset the leak was."))
        if values.get("found") == contracts.Found.OTHER and not values.get("note"):
            self.add_error("note", _("Please say in a few words what you found."))
        return values


class NoteForm(forms.Form):
    """A remark that may stay empty."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class CloseForm(NoteForm):
    """A remark, and for each field on which reports differ the version that shall count."""

    def __init__(self, differing: Sequence[Differing], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        note = self.fields.pop("note")
        for one in differing:
            choices: list[tuple[int, Any]] = [
                (version.report_id, _("%(value)s — %(who)s, %(at)s") % {
                    "value": labels.said(one.field, version.value), "who": version.by,
                    "at": formats.text(version.at, "moment"),
                })
                for version in one.versions
            ]  # fmt: skip
            self.fields[one.field] = forms.TypedChoiceField(
                label=labels.FIELDS[one.field],
                choices=choices,
                coerce=int,
                initial=one.counts or None,
                help_text=_("The reports differ; choose what is right. All of them are kept."),
            )
        self.fields["note"] = note


class ReasonForm(forms.Form):
    """Why a step is taken."""

    reason = forms.CharField(
        label=_("Why?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
