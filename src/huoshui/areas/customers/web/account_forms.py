"""Forms about one account: ways to reach, people, key-account manager, the tag of frost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.customers import actions, contracts, words
from huoshui.areas.customers.models import Account, OptOut
from huoshui.areas.customers.web import shown
from huoshui.areas.customers.web.accounts import FROST, LIST
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


class OfAccount(kit.FormPage):
    """A form about one account."""

    permission = "customers.edit"

    @cached_property
    def account(self) -> Account:
        """The account of the address, or `Http404`."""
        found = Account.objects.select_related("holder").filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest) -> Any:
        return f"{self.title}: {self.account.code}"

    def get_cancel_url(self, request: HttpRequest) -> str:
        return shown.account_url(self.account.code)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        code = self.account.code
        return (
            (LIST, reverse("customers:accounts")), (code, shown.account_url(code)),
            (self.title, ""),
        )  # fmt: skip


class ChannelsForm(forms.Form):
    """By which channels somebody does not want to be reached."""

    declined = forms.MultipleChoiceField(
        label=_("Does not want"),
        required=False,
        choices=lambda: [(str(code), label) for code, label in words.CHANNELS.items()],
        widget=forms.CheckboxSelectMultiple,
    )


class Channels(OfAccount):
    """Say by which channels the holder does not want to be reached."""

    title = _("Ways to reach")
    form_class = ChannelsForm

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        rows = OptOut.objects.filter(person=self.account.holder_id)
        return {"declined": list(rows.values_list("channel", flat=True))}

    def submit(self, request: HttpRequest, form: Any) -> str:
        declined = [contracts.Channel(one) for one in form.cleaned_data["declined"]]
        actions.choose_channels(self.account.code, declined, by_id=request.user.pk)
        return shown.account_url(self.account.code)


class PersonForm(forms.Form):
    """Somebody beside the holder."""

    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(label=_("Telephone"), max_length=40)
    role = forms.ChoiceField(
        label=_("Who it is"),
        choices=lambda: [(str(code), words.ROLES[code]) for code in contracts.Role],
    )


class AddPerson(OfAccount):
    """Add somebody who may speak for the account."""

    title = _("Add a person")
    form_class = PersonForm

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        actions.add_person(
            self.account.code, name=given["name"], phone=given["phone"],
            role=contracts.Role(given["role"]), by_id=request.user.pk,
        )  # fmt: skip
        return shown.account_url(self.account.code)


class KeyManagerForm(forms.Form):
    """Who looks after a large customer."""

    manager = forms.ChoiceField(label=_("Key-account manager"), required=False, choices=shown.staff)


class KeyManager(OfAccount):
    """Choose who looks after a large customer in person."""

    title = _("Key-account manager")
    form_class = KeyManagerForm

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        return {"manager": str(self.account.key_manager_id or "")}

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.choose_key_manager(
            self.account.code, shown.user_id(form.cleaned_data["manager"]), by_id=request.user.pk
        )
        return shown.account_url(self.account.code)


@permissions.needs(FROST)
@require_POST
def tag_exposed(request: HttpRequest, code: str) -> HttpResponse:
    """Say that the meters of an account are exposed to frost, or no longer."""
    row = Account.objects.filter(code=code).first()
    if row is None:
        raise Http404
    exposed = request.POST.get("exposed") == "1"
    actions.tag_exposed([row.pk], exposed=exposed, by_id=request.user.pk)
    return HttpResponseRedirect(shown.account_url(code))
