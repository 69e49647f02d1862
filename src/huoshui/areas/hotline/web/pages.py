"""The list of calls, and the form that adds one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import actions, queries, rules
from huoshui.areas.hotline.models import Call
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


class CallList(kit.ListPage):
    """All calls."""

    title = _("Hotline")
    permission = "hotline.read"
    url_name = "hotline:calls"
    columns = (
        kit.Column("code", _("Code")),
        kit.Column("name", _("Name")),
        kit.Column("added_at", _("Added"), format="moment"),
    )
    search = ("code", "name")
    default_sort = "code"
    empty = _("Nothing has been added yet.")

    def rows(self, request: HttpRequest) -> QuerySet[Call]:
        return queries.call_rows()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "hotline.edit"):
            return ()
        return (kit.link_button(_("Add"), reverse("hotline:add"), icon="plus"),)


class CallForm(forms.Form):
    """What is asked of a new call."""

    code = forms.CharField(label=_("Code"), max_length=rules.CODE_LENGTH_MAX)
    name = forms.CharField(label=_("Name"), max_length=200)


class NewCall(kit.FormPage):
    """Add a call."""

    title = _("Add")
    permission = "hotline.edit"
    form_class = CallForm

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.add_call(
            code=form.cleaned_data["code"],
            name=form.cleaned_data["name"],
            by_id=request.user.pk,
        )
        return reverse("hotline:calls")
