"""The list of accounts, and the form that adds one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import actions, queries, rules
from huoshui.areas.customers.models import Account
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


class AccountList(kit.ListPage):
    """All accounts."""

    title = _("Customers")
    permission = "customers.read"
    url_name = "customers:accounts"
    columns = (
        kit.Column("code", _("Code")),
        kit.Column("name", _("Name")),
        kit.Column("added_at", _("Added"), format="moment"),
    )
    search = ("code", "name")
    default_sort = "code"
    empty = _("Nothing has been added yet.")

    def rows(self, request: HttpRequest) -> QuerySet[Account]:
        return queries.account_rows()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "customers.edit"):
            return ()
        return (kit.link_button(_("Add"), reverse("customers:add"), icon="plus"),)


class AccountForm(forms.Form):
    """What is asked of a new account."""

    code = forms.CharField(label=_("Code"), max_length=rules.CODE_LENGTH_MAX)
    name = forms.CharField(label=_("Name"), max_length=200)


class NewAccount(kit.FormPage):
    """Add a account."""

    title = _("Add")
    permission = "customers.edit"
    form_class = AccountForm

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.add_account(
            code=form.cleaned_data["code"],
            name=form.cleaned_data["name"],
            by_id=request.user.pk,
        )
        return reverse("customers:accounts")
