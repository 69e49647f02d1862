"""Give many cases of one kind to a person or a unit, and say what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import cases, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import queries
from huoshui.kernel.cases.declaring import CaseType
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.web import addresses, bulk, forms, seen, ways
from huoshui.kernel.pages import formats, kit
from huoshui.kernel.pages.kit.bulk import NothingSelected


@dataclass(frozen=True)
class Outcome:
    """What became of one case; ``why`` and ``next_step`` where it was left as it is."""

    number: str
    title: str
    why: str = ""
    next_step: str = ""

    @property
    def url(self) -> str:
        """The page of the case."""
        return addresses.case_url(self.number)


class GiveManyForm(forms.GiveForm):
    """To whom; something has to change."""

    def clean(self) -> dict[str, Any]:
        """Somebody, a unit or a deadline is named."""
        given = super().clean() or {}
        if not self.errors and not any(given.get(one) for one in ("owner", "unit", "due_at")):
            self.add_error("owner", _("Choose a person, a unit or a deadline."))
        return given


class GiveMany(kit.FormPage):
    """Say who is responsible for the ticked cases from now on."""

    permission = permissions.SIGNED_IN
    form_class = GiveManyForm
    submit_label = _("Give them")

    @cached_property
    def case_type(self) -> CaseType:
        """The kind of the address; refuses who may give none of it."""
        return seen.type_or_refusal(self.request.user, self.kwargs["type_code"], "assign")

    @cached_property
    def chosen(self) -> list[Case]:
        """The cases of the address that the reader sees; refuses where there is none."""
        asked = self.request.GET.get("ids", "").split(",")
        keys = {int(one) for one in asked if one.isdecimal() and len(one) < 16}
        bulk.refuse_too_many(len(keys))
        rows = queries.readable(self.request.user, self.case_type.code)  # type: ignore[arg-type]
        found = list(rows.filter(pk__in=keys).order_by("pk"))
        if not found:
            raise NothingSelected
        return found

    def respond(self) -> HttpResponse:
        """Refuse first who may not."""
        assert self.case_type
        assert self.chosen
        return super().respond()

    def heading(self, request: HttpRequest) -> str:
        """Say how many."""
        count = len(self.chosen)
        return ngettext("Give %(n)s case", "Give %(n)s cases", count) % {"n": count}

    @property
    def explanation(self) -> str:  # type: ignore[override]
        """Name the first of them."""
        named = formats.listed(one.number for one in self.chosen[:10])
        return f"{named} …" if len(self.chosen) > 10 else named

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ways.trail(self.case_type)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return addresses.list_url(self.case_type.code)

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse:
        """Give each by itself: what one of them refuses must not stop the others."""
        outcomes = [self._given(one, form.cleaned_data) for one in self.chosen]
        refused = [one for one in outcomes if one.why]
        context = {
            "title": gettext("What became of them"),
            "trail": self.trail(request),
            "refused": refused,
            "done": [one for one in outcomes if not one.why],
            "list_url": addresses.list_url(self.case_type.code),
        }
        return render(request, "cases/given.html", context)

    def _given(self, row: Case, given: dict[str, Any]) -> Outcome:
        try:
            cases.assign(
                row.number,
                by_id=int(self.request.user.pk),  # type: ignore[arg-type]
                owner_id=given["owner"].pk if given["owner"] else None,
                unit=given["unit"] or None,
                due_at=given["due_at"],
                note=given["note"],
            )
        except errors.Refused as refusal:
            return Outcome(row.number, row.title, str(refusal.message), str(refusal.next_step))
        return Outcome(row.number, row.title)
