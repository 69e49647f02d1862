"""The list of proposals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import models, words
from huoshui.areas.fieldwork.queries import planning as queries
from huoshui.kernel.pages import kit


def plan_url(row: models.Plan) -> str:
    """Return the board with a proposal laid over it."""
    return f"{reverse('fieldwork:board')}?plan={row.pk}"


def _saved(row: models.Plan) -> float | None:
    if not row.nearest_drive_s or row.drive_s is None:
        return None
    return 1 - row.drive_s / row.nearest_drive_s


def _hours(row: models.Plan) -> float | None:
    return None if row.drive_s is None else row.drive_s / 3600


class Plans(kit.ListPage):
    """All proposals, the latest first."""

    title = pgettext_lazy("plan", "Proposals")
    permission = "fieldwork.assign_job"
    url_name = "fieldwork:plans"
    columns = (
        kit.Column("id", _("Number"), href=plan_url),
        kit.Column("state", _("State"), badge=words.PLAN_STATES),
        kit.Column("from_at", pgettext_lazy("time", "From"), format="moment"),
        kit.Column("until", _("Until"), format="moment", phone=False),
        kit.Column("drive_s", _("Driving"), value=_hours, format=".1f", unit="h"),
        kit.Column("saved", _("Less than nearest first"), value=_saved, format="percent",
                   sort=False),
        kit.Column("asked_by", _("Asked for by"), sort="asked_by__name", phone=False),
        kit.Column("decided_by", _("Decided by"), sort="decided_by__name", phone=False),
    )  # fmt: skip
    filters = (
        kit.ChoiceFilter("state", _("State"), choices=[
            (str(code), label) for code, (label, _c) in words.PLAN_STATES.items()
        ]),
        kit.PeriodFilter("asked_at", _("Asked for")),
    )  # fmt: skip
    default_sort = "-id"
    empty = _("No plan was proposed yet. The board asks for one.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the board."""
        return ((_("Dispatch"), reverse("fieldwork:board")),)

    def rows(self, request: HttpRequest) -> Any:
        """Return all proposals."""
        return queries.plans()
