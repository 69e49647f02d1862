"""The forms of composing: what is said, to whom, and how."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from huoshui.areas.announcements import (
    account_lists,
    rules,
    setups,
)
from huoshui.areas.announcements import words as said_words
from huoshui.areas.announcements.contracts import Way
from huoshui.areas.customers import facade as customers
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import posts as all_posts
from huoshui.kernel.pages import kit

LIST_BYTES_MAX = 20_000_000
PROBLEMS_SHOWN = 8
VARIABLES_HELP = _(
    "Variables: {place}, {from}, {until}, {hours}, {kind}; in messages also {name} and {account}."
)


class Ticks(forms.CheckboxSelectMultiple):
    """Boxes to tick, one below the other."""

    template_name = "announcements/ticks.html"


class WordsForm(forms.Form):
    """What is said."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("announcement", "Kind"), choices=list(said_words.KINDS.items())
    )
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=rules.TITLE_CHARS_MAX)
    text_zh = forms.CharField(
        label=_("Text (Chinese)"),
        max_length=rules.TEXT_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=VARIABLES_HELP,
    )
    place = forms.CharField(
        label=_("Where, in words"),
        required=False,
        max_length=rules.PLACE_CHARS_MAX,
        help_text=_("As the public knows it, such as 光明小区1-6号楼."),
    )
    from_at = kit.MomentField(label=said_words.FROM, required=False)
    until_at = kit.MomentField(label=said_words.UNTIL, required=False)
    title_en = forms.CharField(
        label=_("Title (English)"), required=False, max_length=rules.TITLE_CHARS_MAX
    )
    text_en = forms.CharField(
        label=_("Text (English)"),
        required=False,
        max_length=rules.TEXT_CHARS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands on the public page and the poster beside the Chinese."),
    )
    is_urgent = forms.BooleanField(
        label=_("Urgent: passes the quiet hours"),
        required=False,
        help_text=_("Bursts and water quality always do."),
    )
    is_public = forms.BooleanField(label=_("Also on the public page"), required=False, initial=True)


class PeopleForm(forms.Form):
    """Who is to be told."""

    polygon = forms.CharField(required=False, max_length=40_000, widget=forms.HiddenInput)
    estates = forms.MultipleChoiceField(
        label=_("Estates"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("Hold Ctrl to choose several."),
    )
    zones = forms.MultipleChoiceField(
        label=_("Zones"), required=False, widget=forms.SelectMultiple(attrs={"size": 5})
    )
    asset = forms.CharField(
        label=_("Cut off by an outage at"),
        required=False,
        max_length=100,
        help_text=_("The code of a pipe or valve: a trace finds whose connections depend on it."),
    )
    direction = forms.ChoiceField(
        label=_("What the trace asks"),
        required=False,
        choices=(
            (str(network_contracts.TraceDirection.SEGMENT), _("what lies between the valves")),
            (str(network_contracts.TraceDirection.DOWN), _("everything that depends on it")),
        ),
    )
    file = forms.FileField(
        label=_("List of accounts"),
        required=False,
        help_text=_("Excel or CSV with a column of account numbers; it replaces the list before."),
    )
    leave_out = forms.BooleanField(
        label=_("Leave out the rows of the list that cannot be used"), required=False
    )
    drop_list = forms.BooleanField(label=_("Forget the list brought before"), required=False)
    special_care = forms.BooleanField(
        label=_("Customers in special care only"),
        required=False,
        help_text=_("Of those chosen above; of all customers where nothing is chosen."),
    )
    frost = forms.BooleanField(
        label=_("Customers with meters exposed to frost only"),
        required=False,
        help_text=_("With special care too: whoever is on either list."),
    )
    everyone = forms.BooleanField(label=_("All customers"), required=False)

    def __init__(self, *args: Any, listed: int = 0, **named: Any) -> None:
        super().__init__(*args, **named)
        estates: Any = self.fields["estates"]
        estates.choices = [
            (one.code, f"{one.name} ({one.accounts})") for one in customers.estates()
        ]
        zones: Any = self.fields["zones"]
        zones.choices = sorted(network.zone_names().items(), key=lambda one: one[1])
        if not listed:
            del self.fields["drop_list"]
        self.found: account_lists.Read | None = None

    def clean_polygon(self) -> list[tuple[float, float]]:
        """Return the corners that were drawn."""
        text = self.cleaned_data["polygon"]
        if not text:
            return []
        try:
            return [(float(lon), float(lat)) for lon, lat in json.loads(text)]
        except (ValueError, TypeError) as problem:
            raise forms.ValidationError(_("The drawn area cannot be read.")) from problem

    def clean_file(self) -> Any:
        """Read the list and say line by line what cannot be used."""
        upload = self.cleaned_data["file"]
        if not upload:
            return upload
        if upload.size > LIST_BYTES_MAX:
            raise forms.ValidationError(_("This file is too large for a list of accounts."))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list"
            with path.open("wb") as out:
                for chunk in upload.chunks():
                    out.write(chunk)
            self.found = account_lists.read(path, upload.name)
        wrong = list(self.found.problems)
        is_fine = not wrong or ("leave_out" in self.data and not self.found.problems.fatal)
        if not is_fine:
            said = [
                " ".join(str(part) for part in _problem(one) if part)
                for one in wrong[:PROBLEMS_SHOWN]
            ]
            rest = self.found.problems.total - len(said)
            if rest > 0:
                said.append(ngettext("and %(n)s more", "and %(n)s more", rest) % {"n": rest})
            raise forms.ValidationError(said)
        return upload


def _problem(one: Any) -> tuple[Any, ...]:
    line = _("Line %(line)d:") % {"line": one.line} if one.line else ""
    return line, one.value, one.words, one.remedy


class WaysForm(forms.Form):
    """How people are told."""

    ways = forms.MultipleChoiceField(label=said_words.CHANNELS, widget=Ticks)
    order = forms.ChoiceField(
        label=_("Where a person has several"),
        choices=(
            ("all", _("over every channel")),
            ("wechat", _("over one only: WeChat, else short message, else e-mail")),
            ("sms", _("over one only: short message, else WeChat, else e-mail")),
        ),
    )
    staff_posts = forms.MultipleChoiceField(
        label=_("Staff told in the product"),
        required=False,
        widget=Ticks,
        help_text=_("For the channel “Inbox of staff”."),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        ways: Any = self.fields["ways"]
        standing = setups.standing()
        ways.choices = [
            (
                way,
                label
                if way not in standing or standing[way].is_ready
                else _("%(channel)s (off: nothing leaves over it)") % {"channel": label},
            )
            for way, label in said_words.WAYS.items()
        ]
        posts: Any = self.fields["staff_posts"]
        posts.choices = [
            (code, label) for code, label in all_posts.POSTS.items()
            if code != all_posts.ADMINISTRATOR
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask for posts where staff are to be told."""
        given = self.cleaned_data
        if Way.IN_APP in given.get("ways", ()) and not given.get("staff_posts"):
            self.add_error("staff_posts", _("Choose at least one post."))
        return given
