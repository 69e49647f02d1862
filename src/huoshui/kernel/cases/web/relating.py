"""The forms by which people say how cases hang together."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import cases
from huoshui.kernel.cases import reading
from huoshui.kernel.cases.web import forms, seen
from huoshui.kernel.cases.web.deeds import Deed


class Relate(Deed):
    """Say how the case hangs together with another one."""

    title = _("Relate to another case")
    short = "relate"
    form_class = forms.RelateForm
    submit_label = _("Relate")
    done = _("The cases are related.")
    explanation = _(
        "A duplicate rests with its original: its clocks stop, and it is closed with it."
    )

    def do(self, form: Any) -> None:
        """Relate them, if the reader sees the other one as well."""
        given = form.cleaned_data
        other = seen.case_or_refusal(self.request.user, given["other"])
        cases.relate(
            self.case.number, given["how"], other.number, by_id=self.by_id, note=given["note"]
        )


class Unrelate(Deed):
    """Take a relation back."""

    title = _("Remove the relation")
    short = "relate"
    submit_label = _("Remove it")
    submit_colour = "warning"
    done = _("The relation is removed.")

    def heading(self, request: HttpRequest) -> Any:
        """Say which one."""
        label = reading.relation_label(self.kwargs["how"])
        return f"{self.title}: {label} {self.kwargs['other']}"

    def do(self, form: Any) -> None:
        """Remove it."""
        cases.unrelate(self.case.number, self.kwargs["how"], self.kwargs["other"], by_id=self.by_id)
