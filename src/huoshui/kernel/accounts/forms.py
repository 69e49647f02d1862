"""Forms about users and posts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.accounts import posts
from huoshui.kernel.accounts.models import Post, User
from huoshui.kernel.organisation.forms import UnitField


class Ticks(forms.CheckboxSelectMultiple):
    """Boxes to tick, one below the other, under the headings of their groups."""

    template_name = "accounts/ticks.html"


def post_choices() -> list[tuple[str, Any]]:
    """Return the posts that can be given, in the reader's language."""
    return [(post.code, post.name) for post in Post.objects.filter(is_open=True).order_by("pk")]


class PersonForm(forms.Form):
    """What can be corrected about a person."""

    name = forms.CharField(label=_("Full name"), max_length=100)
    phone = forms.CharField(label=_("Phone"), max_length=32, required=False)


class NewUserForm(PersonForm):
    """Who is added, and which posts they hold."""

    username = forms.RegexField(
        r"^[\w.@+-]+$",
        label=_("User name"),
        max_length=64,
        help_text=_("Letters, digits and . @ + - _ only. It cannot be changed later."),
    )
    posts = forms.MultipleChoiceField(
        label=_("Posts"),
        choices=post_choices,
        widget=Ticks,
        help_text=_("At least one: without a post a user sees an empty system."),
    )
    unit = UnitField(label=_("Belongs to"), nothing=_("No unit yet"))

    field_order = ["username", "name", "phone", "posts", "unit"]


class NewServiceForm(forms.Form):
    """A program that calls the API, and which posts it holds."""

    username = forms.RegexField(
        r"^[\w.@+-]+$",
        label=_("User name"),
        max_length=64,
        help_text=_("Letters, digits and . @ + - _ only. It cannot be changed later."),
    )
    name = forms.CharField(label=_("What it does"), max_length=100)
    posts = forms.MultipleChoiceField(label=_("Posts"), choices=post_choices, widget=Ticks)


class TokenForm(forms.Form):
    """What a token is for, what it may do and how long it lives."""

    name = forms.CharField(
        label=_("Program"), max_length=80, help_text=_("Which program will use it, and where.")
    )
    days = forms.ChoiceField(
        label=_("Valid for"),
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("1 year")), (0, _("No end"))],
        initial=90,
    )
    scopes = forms.MultipleChoiceField(label=_("May do"), widget=Ticks)

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]


class PostForm(forms.Form):
    """One post, for the whole organisation or for a part of it."""

    post = forms.ChoiceField(label=_("Post"), choices=lambda: [("", "–"), *post_choices()])
    unit = UnitField(
        label=_("Limited to"),
        nothing=_("Not limited"),
        help_text=_(
            "A limited post reaches this part and what is below it, and gives only those "
            "permissions that can be limited. Give an unlimited post besides for the others."
        ),
    )


class NewPostForm(forms.Form):
    """A post of one's own: which one it copies and what it is called."""

    source = forms.ChoiceField(
        label=_("Copy of"),
        choices=lambda: [
            (code, name) for code, name in post_choices() if code != posts.ADMINISTRATOR
        ],
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=60, required=False)


class PermissionsForm(forms.Form):
    """A tick for each permission; ``fixed`` shows them without letting anybody change them."""

    second_factor = forms.BooleanField(
        label=_("Needs a second factor to sign in"),
        required=False,
        help_text=_("Holders without one are asked to set it up when they next sign in."),
    )
    allowed = forms.MultipleChoiceField(label=_("May do"), required=False, widget=Ticks)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, choices: Any, *, fixed: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        field = self.fields["allowed"]
        field.choices = choices  # type: ignore[attr-defined]
        field.disabled = fixed
        if fixed:
            field.help_text = _("Administrators may always do everything.")


class CodeForm(forms.Form):
    """A code of the authenticator app, or one from paper."""

    code = forms.CharField(
        label=_("One-time code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class OwnPasswordForm(forms.Form):
    """The password so far, and the new one twice."""

    current = forms.CharField(label=_("Current password"), widget=forms.PasswordInput)
    password = forms.CharField(label=_("New password"), widget=forms.PasswordInput)
    again = forms.CharField(label=_("New password once more"), widget=forms.PasswordInput)

    def __init__(self, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.request = request
        self.user = user

    def clean_current(self) -> str:
        current = str(self.cleaned_data["current"])
        # As at the sign-in: who found a computer left open may not guess for ever either.
        if authenticate(self.request, username=self.user.username, password=current) is None:
            raise forms.ValidationError(_("This is not your current password."))
        return current

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("password") != found.get("again"):
            self.add_error("again", _("The two new passwords differ."))
        return found
