"""Forms of patrols."""

from __future__ import annotations

import json
import math
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import queries
from huoshui.areas.fieldwork.patrol import kinds, words
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts.models import User
from huoshui.kernel.pages import kit

CORNERS_MAX = 500
DAY = {"type": "date"}


class OutlineField(forms.CharField):
    """An outline drawn on the map: the corners as JSON, longitude and latitude each."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Return the corners; none where nothing was drawn."""
        text = super().to_python(value)
        if not text:
            return []
        try:
            corners = [(float(lon), float(lat)) for lon, lat in json.loads(text)]
        except (ValueError, TypeError):
            raise forms.ValidationError(gettext("This is no outline.")) from None
        good = all(math.isfinite(lon) and abs(lon) <= 180 and abs(lat) <= 85
                   for lon, lat in corners)  # fmt: skip
        if not 3 <= len(corners) <= CORNERS_MAX or not good:
            raise forms.ValidationError(gettext("An outline has three to 500 corners."))
        return corners


class RoundForm(forms.Form):
    """Everything about a round."""

    code = forms.SlugField(label=_("Number"), max_length=40, help_text=_("Such as XJ-07."))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    purpose = forms.ChoiceField(
        label=pgettext_lazy("patrol", "For"),
        choices=[(str(code), label) for code, label in words.PURPOSES.items()],
    )
    zone = forms.ChoiceField(label=_("All pipes of a zone"), required=False)
    outline = OutlineField(label=_("Outline"), required=False)
    assets = forms.CharField(
        label=_("Pipes by number"), required=False, max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Spaces, commas or lines between them."),
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
        label=pgettext_lazy("patrol", "Who walks it"), queryset=User.objects.none(), required=False,
        empty_label=_("every crew"),
    )  # fmt: skip
    near_m = forms.FloatField(
        label=_("Counts as walked within [m]"), min_value=5, max_value=100,
        help_text=_("So far from the pipe a patroller still sees it."),
    )  # fmt: skip
    is_retired = forms.BooleanField(label=_("Not walked any more"), required=False)

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", "—"), *network.zone_names().items(),
        ]  # fmt: skip
        able = User.objects.filter(pk__in=[one.pk for one in queries.crew()]).order_by("name")
        self.fields["walker"].queryset = able  # type: ignore[attr-defined]
        if is_new:
            del self.fields["is_retired"]

    def clean_assets(self) -> list[str]:
        """Return the numbers apart."""
        text = self.cleaned_data["assets"]
        for mark in ",，、;；":
            text = text.replace(mark, " ")
        return list(dict.fromkeys(text.split()))


class TrackForm(forms.Form):
    """A track of a receiver."""

    file = forms.FileField(label=_("GPX file"), widget=forms.FileInput(attrs={"accept": ".gpx"}))
    walker = forms.ModelChoiceField(
        label=pgettext_lazy("patrol", "Who walked"), queryset=User.objects.none()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = User.objects.filter(pk__in=[one.pk for one in queries.crew()]).order_by("name")
        self.fields["walker"].queryset = able  # type: ignore[attr-defined]


class SiteForm(forms.Form):
    """Everything about a construction site."""

    name = forms.CharField(label=_("Construction site"), max_length=200)
    builder = forms.CharField(label=_("Builder"), max_length=200)
    contact = forms.CharField(label=_("Contact"), max_length=80, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    permit = forms.CharField(label=_("Number of the permit"), max_length=80, required=False)
    lon = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("Latitude"), min_value=-85, max_value=85)
    near_m = forms.FloatField(
        label=_("List pipes within [m]"), min_value=1, max_value=500, initial=50
    )
    machine = forms.ChoiceField(
        label=_("Digs with"), choices=[(str(code), label) for code, label in words.MACHINES.items()]
    )
    depth_m = forms.FloatField(label=_("How deep [m]"), min_value=0, max_value=100, required=False)
    begin_date = forms.DateField(
        label=_("Begins"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    end_date = forms.DateField(
        label=_("Ends, expected"), required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Want the end after the beginning."""
        values = super().clean() or {}
        begin, end = values.get("begin_date"), values.get("end_date")
        if begin and end and end < begin:
            self.add_error("end_date", gettext("The end lies before the beginning."))
        return values


class SiteEventForm(forms.Form):
    """What happened at a site; each sort of event keeps the fields it has."""

    person = forms.CharField(label=_("Whom of the builder"), max_length=80)
    asset_code = forms.CharField(label=_("Damaged asset"), max_length=64)
    amount_yuan = forms.FloatField(label=_("Amount [yuan]"), min_value=0, max_value=1e9)
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    photos = kit.PhotosField(label=_("Photos"), required=False)
    key = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)

    KEPT: dict[str, tuple[str, ...]] = {
        kinds.SiteStep.DISCLOSED: ("person", "note", "photos"),
        kinds.SiteStep.VISITED: ("note", "photos"),
        kinds.SiteStep.DAMAGED: ("asset_code", "note", "photos"),
        kinds.SiteStep.CLAIMED: ("amount_yuan", "note", "photos"),
        kinds.SiteStep.PAID: ("amount_yuan", "note", "photos"),
        kinds.SiteStep.FINISHED: ("note", "photos"),
    }

    def __init__(self, *args: Any, what: str, pipes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in list(self.fields):
            if name not in (*self.KEPT[what], "key"):
                del self.fields[name]
        if what == kinds.SiteStep.DISCLOSED:
            self.fields["photos"].required = True
            self.fields["photos"].label = _("Photo of the signed sheet")
        if pipes and "asset_code" in self.fields:
            self.fields["asset_code"].help_text = ", ".join(pipes[:8])
