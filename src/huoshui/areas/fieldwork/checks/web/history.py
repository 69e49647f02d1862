"""Pages of checks: all of them, and one with its answers and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork import words as job_words
from huoshui.areas.fieldwork.checks import queries, words
from huoshui.areas.fieldwork.checks.kinds import ItemKind, Verdict
from huoshui.areas.fieldwork.checks.web.rounds import (
    READ,
    check_url,
    of_asset_url,
    round_url,
    trail_to_rounds,
)
from huoshui.kernel.pages import kit

ROUND = pgettext_lazy("equipment", "Round")
WRONG = pgettext_lazy("check", "Not in order")


def result(row: models.Check) -> str:
    """Return which verdict stands for a whole check."""
    if row.wrong:
        return str(Verdict.WRONG)
    return str(Verdict.MISSING if row.missing else Verdict.GOOD)


def _job(row: models.Check) -> models.Job | None:
    return row.finding.job if row.finding else None


def _job_words(row: models.Check) -> str:
    job = _job(row)
    return f"{job.number} {job_words.STATES[job.state]}" if job else ""


def _job_url(row: models.Check) -> str | None:
    job = _job(row)
    return reverse("fieldwork:job", args=[job.number]) if job else None


def _kept(rows: Any, wanted: str) -> Any:
    if wanted == "wrong":
        return rows.filter(wrong__gt=0)
    if wanted == "not_whole":
        return rows.filter(missing__gt=0)
    return rows.filter(wrong__gt=0, finding__job__isnull=True) if wanted == "without" else rows


class Checks(kit.ListPage):
    """Every look at an asset, the latest first."""

    title = pgettext_lazy("equipment", "Checks")
    permission = READ
    url_name = "checks:history"
    columns = (
        kit.Column("checked_at", pgettext_lazy("check", "Checked at"), format="moment",
                   href=lambda row: check_url(row.pk)),
        kit.Column("asset_code", _("Asset"), href=lambda row: of_asset_url(row.asset_code)),
        kit.Column("result", pgettext_lazy("check", "Result"), value=result,
                   badge={str(code): pair for code, pair in words.VERDICTS.items()},
                   sort="wrong"),
        kit.Column("what", WRONG, value=lambda row: words.wrong_words(row.answers), sort=False),
        kit.Column("job", _("Job"), value=_job_words, href=_job_url, sort="finding__job__number"),
        kit.Column("by", pgettext_lazy("check", "Checked by"), sort="by__name", phone=False),
        kit.Column("round", ROUND, value=lambda row: row.round.shown_name if row.round else "",
                   href=lambda row: round_url(row.round.code) if row.round else None,
                   sort="round__code", phone=False),
        kit.Column("note", _("Note"), sort=False, phone=False, optional=True),
    )  # fmt: skip
    search = ("asset_code", "by__name", "round__name", "round__name_en", "round__code", "note")
    filters = (
        kit.ChoiceFilter(
            "show", _("Show"), apply=_kept,
            choices=(("wrong", WRONG), ("without", pgettext_lazy("check", "Without a job")),
                     ("not_whole", pgettext_lazy("check", "Not answered"))),
        ),
        kit.ChoiceFilter("check_list__asset_kind", _("Kind of asset"),
                         choices=tuple(words.ASSET_KINDS.items())),
        kit.PeriodFilter("checked_at", pgettext_lazy("check", "Checked at")),
    )  # fmt: skip
    default_sort = "-checked_at"
    empty = _("Nothing was checked yet.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return trail_to_rounds()

    def rows(self, request: HttpRequest) -> Any:
        """Return every check."""
        return queries.checks()


class CheckPage(kit.DetailPage):
    """One look at one asset: its answers, pictures, and what comes of it."""

    permission = READ
    template = "fieldwork/check.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.Check:
        """Return the check, or answer that there is none."""
        row = queries.checks().filter(pk=kwargs["number"]).first()
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.Check) -> str:
        """Say of what, by which list."""
        name = words.named(obj.check_list.name_zh, obj.check_list.name_en)
        return f"{obj.asset_code} · {name}"

    def badges(self, request: HttpRequest, obj: models.Check) -> Sequence[SafeString]:
        """Say whether all is in order."""
        return (kit.badge(*words.VERDICTS[Verdict(result(obj))]),)

    def trail(self, request: HttpRequest, obj: models.Check) -> Sequence[tuple[Any, str]]:
        """Lead back to the checks of the asset."""
        return (*trail_to_rounds(), (obj.asset_code, of_asset_url(obj.asset_code)))

    def facts(self, request: HttpRequest, obj: models.Check) -> Sequence[kit.Section]:
        """Say when, who, on which round, what came of it."""
        job = _job(obj)
        return (
            kit.Section(
                pgettext_lazy("equipment", "Check"),
                [
                    kit.Fact(pgettext_lazy("check", "Checked at"), obj.checked_at,
                             format="moment"),
                    kit.Fact(pgettext_lazy("check", "Checked by"), obj.by),
                    kit.Fact(_("Asset"), obj.asset_code, href=of_asset_url(obj.asset_code)),
                    *([kit.Fact(ROUND, obj.round.shown_name, href=round_url(obj.round.code))]
                      if obj.round else []),
                    *([kit.Fact(_("Note"), obj.note)] if obj.note else []),
                    *([kit.Fact(pgettext_lazy("patrol", "Finding"), obj.finding.found_at,
                                format="moment",
                                href=reverse("patrol:finding", args=[obj.finding.pk]))]
                      if obj.finding else []),
                    *([kit.Fact(_("Job"), job.number, href=_job_url(obj) or "",
                                note=str(job_words.STATES[job.state]))] if job else []),
                ],
            ),
        )  # fmt: skip

    def context(self, request: HttpRequest, obj: models.Check) -> dict[str, Any]:
        """Add the answers; a picture that is still on the phone is said to be."""
        hashes = {one["value"] for one in obj.answers if one["kind"] == ItemKind.PHOTO}
        there = models.PhonePhoto.objects.filter(by=obj.by, content_hash__in=filter(None, hashes))
        photos = {one.content_hash: one.file for one in there.select_related("file")}
        return {
            "answers": [
                {
                    "name": words.item_name(one), "value": words.value(one),
                    "limits": words.limits(one), "badge": words.VERDICTS[one["verdict"]],
                    "is_photo": one["kind"] == ItemKind.PHOTO and bool(one["value"]),
                    "photo": photos.get(one["value"]) if one["kind"] == ItemKind.PHOTO else None,
                }
                for one in obj.answers
            ]
        }  # fmt: skip
