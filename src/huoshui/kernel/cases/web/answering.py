"""The forms of the call-back, and of taking a closed case up again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import cases
from huoshui.kernel.cases import declaring, reading, refusals
from huoshui.kernel.cases.web import forms
from huoshui.kernel.cases.web.deeds import Deed


class CallBack(Deed):
    """Write down what whoever raised the case said when they were asked."""

    title = _("Call back")
    done = _("The call-back is written down.")

    @property
    def short(self) -> str:  # type: ignore[override]
        """The permission that the declaration names."""
        return self.asked.permission

    @cached_property
    def asked(self) -> declaring.CallBack:
        """What the declaration says of call-backs."""
        found = self.case_type.call_back
        if found is None:
            raise refusals.CallBackNotPossible(self.case.number, reading.state_label(self.case))
        return found

    def get_form(self, request: HttpRequest, **arguments: Any) -> forms.CallBackForm:
        """Return the form with the declared scores."""
        return forms.CallBackForm(self.asked, **arguments)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Show whom to call: in full to whoever may see it, because they dial; it is recorded."""
        sees = reading.may_unmask(request.user, self.case)  # type: ignore[arg-type]
        if sees and request.method != "POST":
            with transaction.atomic():
                reading.unmask(request.user, self.case)  # type: ignore[arg-type]
        person = reading.person_of(self.case, masked=not sees)
        return {**super().context(request), "person": person}

    def do(self, form: Any) -> None:
        """Write it down."""
        given = form.cleaned_data
        reached = given["reached"] == "yes"
        cases.call_back(
            self.case.number,
            score=given["score"] if reached else None,
            by_id=self.by_id,
            note=given["note"],
            due_at=given["due_at"],
            revision=self.revision,
            key=self.key,
        )


class Reopen(Deed):
    """Take a closed case up again."""

    title = _("Reopen")
    submit_label = _("Take it up again")
    submit_colour = "warning"
    done = _("The case is open again.")

    @property
    def short(self) -> str:  # type: ignore[override]
        """The permission that the declaration names."""
        return self.again.permission

    @cached_property
    def again(self) -> declaring.Reopen:
        """What the declaration says of reopening."""
        if self.case_type.reopen is None:
            raise refusals.NotClosed(self.case.number)
        return self.case_type.reopen

    def get_form(self, request: HttpRequest, **arguments: Any) -> forms.ReopenForm:
        """Return the form."""
        return forms.ReopenForm(self.again, **arguments)

    def do(self, form: Any) -> None:
        """Take it up."""
        due_at: datetime | None = form.cleaned_data["due_at"]
        cases.reopen(
            self.case.number,
            by_id=self.by_id,
            note=form.cleaned_data["note"],
            due_at=due_at,
            revision=self.revision,
            key=self.key,
        )
