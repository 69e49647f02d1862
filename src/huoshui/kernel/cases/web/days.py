"""Working days: the country's calendar of a year, and the days that differ here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases import workdays
from huoshui.kernel.cases.models import LocalDay
from huoshui.kernel.pages import kit

SET = "cases.set_days"
KINDS: dict[str, tuple[Any, str]] = {
    "holiday": (_("Day off"), "red"),
    "swapped": (_("Swapped: people work"), "blue"),
    "off_here": (_("Day off here"), "orange"),
    "works_here": (_("Working day here"), "purple"),
}


@dataclass(frozen=True)
class Special:
    """One day that is not simply a working day or a weekend."""

    day: date
    weekday: Any
    kind: str
    note: str
    by: str
    is_local: bool


def specials(year: int) -> list[Special]:
    """Return the special days of a year in their order; one query."""
    from huoshui.kernel.cases.web.calendars import WEEKDAYS

    rows = LocalDay.objects.filter(day__year=year).select_related("by")
    local = {row.day: row for row in rows}
    differs = {day: row.is_working for day, row in local.items()}
    found = []
    day = date(year, 1, 1)
    while day.year == year:
        name = WEEKDAYS[day.weekday()]
        if day in local:
            row = local[day]
            kind = "works_here" if row.is_working else "off_here"
            found.append(Special(day, name, kind, row.note, str(row.by or ""), True))
        elif workdays.is_working_day(day, differs):
            if day.weekday() >= 5:
                found.append(Special(day, name, "swapped", "", "", False))
        elif day.weekday() < 5 or workdays.name_of(day):
            found.append(Special(day, name, "holiday", workdays.name_of(day), "", False))
        day += timedelta(days=1)
    return found


@dataclass(frozen=True)
class YearFilter(kit.ChoiceFilter):
    """Which year; the present one stands in the box where nobody chose."""

    present: str = ""

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        """Keep the rows: the list is made for one year."""
        return rows

    def controls(self, query: QueryDict) -> SafeString:
        """Show the year that is shown as chosen."""
        told = query.copy()
        told[self.name] = self.present
        return super().controls(told)


class Days(kit.ListPage):
    """The special days of a year."""

    title = _("Working days")
    permission = permissions.SIGNED_IN
    url_name = "cases:days"
    columns: Sequence[kit.Column] = (
        kit.Column("day", pgettext_lazy("day of the calendar", "Day"), format="day"),
        kit.Column("weekday", _("Weekday"), sort=False),
        kit.Column("kind", _("What it is"), badge=KINDS),
        kit.Column("note", _("Name or reason")),
        kit.Column("by", _("Set by"), phone=False),
    )
    search = ("note",)
    default_sort = "day"
    page_size = 100
    empty = _("Nothing is known of this year.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        this = clock.local(clock.now()).year
        years = [(year, str(year)) for year in range(this - 2, this + 3)]
        asked = request.GET.get("year", "")
        self.year = int(asked) if asked in {str(year) for year, _label in years} else this
        self.filters = (
            YearFilter(
                "year",
                pgettext_lazy("year of the calendar", "Year"),
                choices=years,
                present=str(self.year),
            ),
            kit.ChoiceFilter(
                "kind", _("What it is"), choices=[(code, one[0]) for code, one in KINDS.items()]
            ),
        )
        if permissions.holds(request.user, SET):
            self.columns = (
                *type(self).columns,
                kit.Column("remove", "", value=self._remove, sort=False),
            )

    def rows(self, request: HttpRequest) -> list[Special]:
        """Return the days of the chosen year."""
        return specials(self.year)

    def _remove(self, row: Special) -> SafeString | None:
        if not row.is_local:
            return None
        url = reverse("cases:clear-day", args=[row.day.isoformat()])
        return kit.action_button(self.request, gettext("Remove"), url, colour="sm", icon="x")

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer to set a day to those who may."""
        if not permissions.holds(request.user, SET):
            return ()
        url = reverse("cases:set-day")
        return (kit.link_button(gettext("Set a day"), url, colour="primary", icon="plus"),)

    def above(self, request: HttpRequest) -> SafeString:
        """Say how far the calendar of the year is known."""
        values = {"year": self.year, "provisional": workdays.is_provisional(self.year)}
        return render_to_string("cases/days_note.html", values, request)


class DayForm(forms.Form):
    """One day or several that differ here."""

    day = forms.DateField(
        label=pgettext_lazy("day of the calendar", "Day"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("Until and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: this one day."),
    )
    is_working = forms.ChoiceField(
        label=_("What it is"),
        choices=(("no", _("Day off here")), ("yes", _("Working day here"))),
    )
    note = forms.CharField(label=_("Why?"), max_length=200)

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first, and not a year away."""
        values = super().clean() or {}
        first, last = values.get("day"), values.get("until")
        if first and last and not 0 <= (last - first).days <= 60:
            self.add_error("until", _("At most sixty days at once, the last not before the first."))
        return values


class SetDay(kit.FormPage):
    """Say that a day differs here."""

    title = _("Set a day")
    permission = SET
    form_class = DayForm
    explanation = _("Deadlines that run already keep theirs; new ones are counted with this day.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Working days"), reverse("cases:days")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("cases:days")

    def submit(self, request: HttpRequest, form: DayForm) -> str:
        """Set it, and every day until the last."""
        given = form.cleaned_data
        day, last = given["day"], given["until"] or given["day"]
        with transaction.atomic():
            while day <= last:
                workdays.set_local_day(
                    day,
                    is_working=given["is_working"] == "yes",
                    note=given["note"],
                    by_id=int(request.user.pk),  # type: ignore[arg-type]
                )
                day += timedelta(days=1)
        messages.success(request, gettext("The days are set."))
        return f"{reverse('cases:days')}?year={last.year}"


class ClearDay(kit.FormPage):
    """Let a day be what it is in the country again."""

    title = _("Remove a local day")
    permission = SET
    submit_label = _("Remove")

    def heading(self, request: HttpRequest) -> str:
        """Say which day."""
        return f"{self.title}: {self.kwargs['day']}"

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("cases:days")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Remove it."""
        day: date = self.kwargs["day"]
        workdays.clear_local_day(day, by_id=int(request.user.pk))  # type: ignore[arg-type]
        messages.success(request, gettext("The day is as in the country again."))
        return f"{reverse('cases:days')}?year={day.year}"
