"""Bring a case back into the present whose state the declaration of its kind no longer has."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import cases
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.web.deeds import Deed


class MendForm(forms.Form):
    """Where the case stands from now on, and why."""

    state = forms.ChoiceField(label=_("State from now on"))
    note = forms.CharField(
        label=_("Why?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, case_type: CaseType, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state: Any = self.fields["state"]
        state.choices = [(one.code, one.label) for one in case_type.states]


class Mend(Deed):
    """Put a case into a state of today's declaration."""

    title = _("Bring into the present")
    explanation = _(
        "The kind of this case was changed, and the state that it stands in is gone. Choose the "
        "state that comes nearest; its deadlines begin now."
    )
    done = _("The case stands in a state of today.")

    def refuse(self) -> None:
        """Refuse who may not do it; whether it is needed says the deed itself."""
        permissions.require(self.request.user, "cases.mend")

    def get_form(self, request: HttpRequest, **arguments: Any) -> MendForm:
        """Return the form with the states of today."""
        return MendForm(self.case_type, **arguments)

    def do(self, form: Any) -> None:
        """Do it."""
        given = form.cleaned_data
        cases.mend(self.case.number, given["state"], by_id=self.by_id, note=given["note"])
