"""The pages of retention: how long readings are kept, what they take, what was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import models, refusals, retention
from huoshui.areas.telemetry.web import api, asking
from huoshui.kernel.pages import kit

RETAIN = "telemetry.retain"
MB = 1e6


@dataclass(frozen=True)
class ClassRow:
    """One class as the list shows it."""

    code: str
    name: str
    points: int
    keep_days: int | None
    kept: str
    readings_per_day: float
    mb_now: float
    mb_per_day: float
    mb_in_the_end: float | None
    days_left: float | None
    lasts: str
    url: str


def name_of(row: models.RetentionClass) -> str:
    """Return the name of a class in the reader's language."""
    return row.name_zh if api.language().startswith("zh") else row.name_en


def class_rows() -> list[ClassRow]:
    """Return all classes with their sizes."""
    names = {row.code: row for row in models.RetentionClass.objects.all()}
    found = []
    for size in retention.sizes().classes:
        row = names[size.code]
        # How long may have changed since the sizes were looked at.
        kept = row.keep_days
        end = size.bytes_in_the_end
        found.append(
            ClassRow(
                code=size.code,
                name=name_of(row),
                points=size.points,
                keep_days=kept,
                kept=days_words(kept) if kept else gettext("for ever"),
                readings_per_day=size.readings_per_day,
                mb_now=size.bytes_now / MB,
                mb_per_day=size.bytes_per_day / MB,
                mb_in_the_end=None if end is None else end / MB,
                days_left=size.days_left,
                lasts=lasts_words(size.days_left) if size.bytes_per_day else "",
                url=reverse("telemetry:retention_change", args=[size.code]),
            )
        )
    return found


def days_words(days: float) -> str:
    """Return a number of days in words, years where they are many."""
    if days >= 730:
        return gettext("%(years).1f years") % {"years": days / 365.25}
    return gettext("%(days)d days") % {"days": days}


def lasts_words(days_left: float | None) -> str:
    """Say how long the free disk lasts."""
    if days_left is None:
        return gettext("for ever")
    return gettext("over 10 years") if days_left > 3653 else days_words(days_left)


class Retention(kit.ListPage):
    """The classes: how long their readings are kept and what they take."""

    title = _("Retention of readings")
    permission = "telemetry.read"
    url_name = "telemetry:retention"
    columns: Sequence[kit.Column] = (
        kit.Column("name", _("Class"), href=lambda row: row.url),
        kit.Column("points", _("Points"), format=".0f"),
        kit.Column("kept", _("Readings are kept"), sort="keep_days"),
        kit.Column("readings_per_day", _("Readings a day"), format=".0f", phone=False),
        kit.Column("mb_now", _("Stored"), unit="MB", format=".1f"),
        kit.Column("mb_per_day", _("Growth a day"), unit="MB", format=".2f", phone=False),
        kit.Column("mb_in_the_end", _("At most"), unit="MB", format=".0f", phone=False),
        kit.Column("lasts", _("The free disk lasts"), sort="days_left"),
    )
    search = ("name",)
    default_sort = "name"
    empty = _("There are no classes.")

    def rows(self, request: HttpRequest) -> list[ClassRow]:
        """Return the classes."""
        return class_rows()

    def above(self, request: HttpRequest) -> SafeString:
        """Say which points are in which class."""
        return format_html(
            '<div class="alert alert-info" role="status">{} {}</div>',
            _(
                "Customers' meters are the points of customer use: many, once an hour, and tied to"
                " persons. Calculated points follow from others by a formula and can be worked out"
                " again. All other points are process values."
            ),
            _("A point can be put into another class on its own page, and many from the list."),
        )

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Lead to what was deleted."""
        return (kit.link_button(gettext("Deleted readings"), reverse("telemetry:deletions")),)


class RetentionForm(forms.Form):
    """How long the readings of a class are kept."""

    keep_days = forms.IntegerField(
        label=_("Days"),
        required=False,
        min_value=retention.LEAST_DAYS,
        help_text=_("Empty: for ever. Two years are 730 days."),
    )


class ChangeRetention(kit.FormPage):
    """Say how long the readings of a class are kept."""

    title = _("Retention of readings")
    permission = RETAIN
    form_class = RetentionForm
    submit_colour = "warning"
    confirm = _("Readings older than this are deleted within hours and cannot be brought back.")
    explanation = _(
        "Single readings older than this are deleted, whole days at a time. Hourly values (count,"
        " least, mean, greatest) are kept for ever. Each deletion leaves a record."
    )

    def _row(self) -> models.RetentionClass:
        row = models.RetentionClass.objects.filter(code=self.kwargs["code"]).first()
        if row is None:
            raise refusals.NoSuchRetentionClass(self.kwargs["code"])
        return row

    def heading(self, request: HttpRequest) -> str:
        """Name the class."""
        return gettext("How long are readings kept: %(name)s") % {"name": name_of(self._row())}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the classes."""
        return ((_("Retention of readings"), reverse("telemetry:retention")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the classes."""
        return reverse("telemetry:retention")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with what holds now."""
        return {"keep_days": self._row().keep_days}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Change it."""
        days = form.cleaned_data["keep_days"]
        retention.keep_for(self.kwargs["code"], days, asking.reader_id(request))
        retention.sizes(fresh=True)
        return reverse("telemetry:retention")


@dataclass(frozen=True)
class DeletionRow:
    """One deletion as the list shows it."""

    name: str
    before_date: date
    days: int
    readings: int
    mb_freed: float
    begun_at: datetime
    state: str


STATES: dict[str, tuple[Any, str]] = {
    "done": (_("Done"), "green"),
    "interrupted": (_("Interrupted, goes on by itself"), "orange"),
}


class Deletions(kit.ListPage):
    """What was deleted because its time was over."""

    title = _("Deleted readings")
    permission = "telemetry.read"
    url_name = "telemetry:deletions"
    columns = (
        kit.Column("begun_at", _("Deleted"), format="moment"),
        kit.Column("name", _("Class")),
        kit.Column("before_date", _("Older than"), format="day"),
        kit.Column("days", _("Days"), format=".0f"),
        kit.Column("readings", _("Readings"), format=".0f"),
        kit.Column("mb_freed", _("Freed"), unit="MB", format=".1f", phone=False),
        kit.Column("state", _("State"), badge=STATES),
    )
    search = ("name",)
    filters = (
        kit.ChoiceFilter(
            "state",
            _("State"),
            choices=tuple((code, label) for code, (label, _colour) in STATES.items()),
        ),
        kit.PeriodFilter("begun_at", _("Deleted")),
    )
    default_sort = "-begun_at"
    empty = _("No reading has been deleted.")

    def rows(self, request: HttpRequest) -> list[DeletionRow]:
        """Return the deletions."""
        return [
            DeletionRow(
                name=name_of(row.retention),
                before_date=row.before_date,
                days=row.days,
                readings=row.readings,
                mb_freed=row.bytes_freed / MB,
                begun_at=row.begun_at,
                state="done" if row.done_at else "interrupted",
            )
            for row in models.Deletion.objects.select_related("retention")
        ]
