"""Pages of findings and of the places where they come again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork import words as job_words
from huoshui.areas.fieldwork.patrol import actions, area_lines, queries, rules, words
from huoshui.areas.fieldwork.patrol.web import maps
from huoshui.areas.fieldwork.patrol.web.rounds import READ, round_url
from huoshui.areas.fieldwork.web import labels, who
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

REQUEST = "fieldwork.request_job"
WHAT = pgettext_lazy("patrol", "Found")
TRAIL = ((_("Patrol rounds"), "patrol:rounds"),)


def finding_url(row: models.PatrolFinding) -> str:
    """Return the address of a finding's page."""
    return reverse("patrol:finding", args=[row.pk])


def _job_url(row: models.PatrolFinding) -> str | None:
    return reverse("fieldwork:job", args=[row.job.number]) if row.job else None


def _job(row: models.PatrolFinding) -> str:
    if row.job is None:
        return ""
    return f"{row.job.number} {job_words.STATES[row.job.state]}"


def _kept(rows: Any, wanted: str) -> Any:
    if wanted == "without":
        return rows.filter(job__isnull=True)
    over = ("closed", "cancelled")
    if wanted == "open":
        return rows.filter(job__isnull=False).exclude(job__state__in=over)
    return rows.filter(job__state__in=over) if wanted == "over" else rows


def trail_to_rounds() -> Sequence[tuple[Any, str]]:
    """Return the way back to the rounds."""
    return tuple((label, reverse(name)) for label, name in TRAIL)


class Findings(kit.ListPage):
    """Everything patrollers found, the latest first."""

    title = pgettext_lazy("patrol", "Findings")
    permission = READ
    url_name = "patrol:findings"
    columns = (
        kit.Column("kind", WHAT, labels=words.FINDINGS, href=finding_url),
        kit.Column("found_at", _("Found at"), format="moment"),
        kit.Column("asset_code", _("Asset")),
        kit.Column("note", _("Note"), sort=False, phone=False),
        kit.Column("round", _("Round"),
                   value=lambda row: row.round.shown_name if row.round else "",
                   sort="round__code", phone=False),
        kit.Column("by", pgettext_lazy("patrol", "Found by"), sort="by__name", phone=False),
        kit.Column("job", _("Job"), value=_job, href=_job_url, sort="job__number"),
    )  # fmt: skip
    search = ("asset_code", "note", "by__name", "round__name", "round__name_en", "round__code")
    filters = (
        kit.ChoiceFilter("kind", WHAT, choices=tuple(words.FINDINGS.items())),
        kit.ChoiceFilter(
            "show", _("Show"), apply=_kept,
            choices=(("without", _("Without a job")), ("open", _("With an open job")),
                     ("over", _("Done with"))),
        ),
        kit.PeriodFilter("found_at", _("Found at")),
    )  # fmt: skip
    default_sort = "-found_at"
    empty = _("Patrollers have found nothing yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return everything that was found."""
        return queries.findings()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return trail_to_rounds()

    def above(self, request: HttpRequest) -> SafeString | None:
        """Show what is open on a map."""
        return maps.spots(request, reverse("api:fieldwork-patrol-findings"))


class FindingPage(kit.DetailPage):
    """One finding: where, what, its photo, and what comes of it."""

    permission = READ
    template = "fieldwork/finding.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.PatrolFinding:
        """Return the finding, or answer that there is none."""
        row = queries.findings().filter(pk=kwargs["number"]).first()
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.PatrolFinding) -> str:
        """Say what was found, and where."""
        what = str(words.FINDINGS[obj.kind])
        return f"{what} · {obj.asset_code}" if obj.asset_code else what

    def badges(self, request: HttpRequest, obj: models.PatrolFinding) -> Sequence[SafeString]:
        """Show how its job stands."""
        if obj.job is None:
            return (kit.badge(gettext("Without a job"), "orange"),)
        state = obj.job.state
        return (kit.badge(job_words.STATES[state], job_words.STATE_COLOURS[state]),)

    def trail(self, request: HttpRequest, obj: models.PatrolFinding) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return (
            *trail_to_rounds(),
            (pgettext_lazy("patrol", "Findings"), reverse("patrol:findings")),
        )

    def facts(self, request: HttpRequest, obj: models.PatrolFinding) -> Sequence[kit.Section]:
        """Say what, where, when, who."""
        return (
            kit.Section(
                WHAT,
                [
                    *([kit.Fact(_("Note"), obj.note)] if obj.note else []),
                    kit.Fact(_("Found at"), obj.found_at, format="moment"),
                    kit.Fact(pgettext_lazy("patrol", "Found by"), obj.by),
                    *([kit.Fact(_("Asset"), obj.asset_code,
                                href=labels.asset_url(obj.asset_code))] if obj.asset_code else []),
                    *([kit.Fact(_("Round"), obj.round.shown_name, href=round_url(obj.round.code))]
                      if obj.round else []),
                    *([kit.Fact(_("Walk"), obj.walk.began_at, format="moment",
                                href=reverse("patrol:walk", args=[obj.walk.pk]))]
                      if obj.walk else []),
                    *([kit.Fact(_("Job"), obj.job.number, href=_job_url(obj) or "")]
                      if obj.job else []),
                ],
            ),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: models.PatrolFinding) -> Sequence[SafeString]:
        """Offer to make a job of it where none is under way."""
        open_job = obj.job is not None and obj.job.state not in ("closed", "cancelled")
        if open_job or not permissions.holds(request.user, REQUEST):
            return ()
        url = reverse("patrol:finding-job", args=[obj.pk])
        return (kit.link_button(gettext("Make a job of it"), url, colour="primary", icon="plus"),)

    def context(self, request: HttpRequest, obj: models.PatrolFinding) -> dict[str, Any]:
        """Add map and photo."""
        photo = None
        if obj.photo_hash:
            there = models.PhonePhoto.objects.filter(by=obj.by, content_hash=obj.photo_hash)
            photo = there.select_related("file").first()
        place = maps.point(obj.lon, obj.lat, role="stop")
        return {
            "map_props": maps.drawn(request, [place]),
            "photo": photo.file if photo else None,
            "awaited": bool(obj.photo_hash) and photo is None,
        }


class FindingJob(kit.FormPage):
    """Make a job of a finding."""

    title = _("Make a job of it")
    permission = REQUEST
    once = True
    submit_label = _("Ask for the job")
    explanation = _("The place, the note and how pressing it is are taken from the finding.")

    @cached_property
    def row(self) -> models.PatrolFinding:
        """The finding the address names."""
        row = queries.findings().filter(pk=self.kwargs["number"]).first()
        if row is None:
            raise Http404
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the finding."""
        return (*trail_to_rounds(), (words.FINDINGS[self.row.kind], finding_url(self.row)))

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the finding."""
        return finding_url(self.row)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Ask for it, and show it."""
        job = actions.job_of_finding(self.row.pk, by_id=who.id_of(request))
        messages.success(request, gettext("Job %(number)s was asked for.") % {"number": job.number})
        return reverse("fieldwork:job", args=[job.number])


@dataclass(frozen=True)
class HazardRow:
    """A repeat-hazard point as the list shows it."""

    one: queries.Hazard

    @property
    def count(self) -> int:
        """How many findings."""
        return self.one.count

    @property
    def what(self) -> str:
        """What was found."""
        return maps.hazard_kinds(self.one)

    @property
    def assets(self) -> str:
        """At which assets."""
        return ", ".join(sorted({row.asset_code for row in self.one.findings if row.asset_code}))

    @property
    def radius_m(self) -> float:
        """How far it reaches from its middle."""
        return self.one.radius_m

    @property
    def earliest_at(self) -> datetime:
        """The first of the findings."""
        return self.one.earliest_at

    @property
    def latest_at(self) -> datetime:
        """The last of the findings."""
        return self.one.latest_at

    @property
    def url(self) -> str:
        """The address of the latest finding."""
        return finding_url(max(self.one.findings, key=lambda row: (row.found_at, row.pk)))


def _in_zone(rows: list[HazardRow], code: str) -> list[HazardRow]:
    zones = area_lines.zones_of_hazards(row.one for row in rows)
    return [row for row in rows if code in zones[row.one.pk]]


class Hazards(kit.ListPage):
    """Places where patrollers found something again and again within a year."""

    title = _("Repeat-hazard points")
    permission = READ
    url_name = "patrol:hazards"
    columns = (
        kit.Column("what", WHAT, href=lambda row: row.url, sort=False, value=lambda row: row.what),
        kit.Column("count", pgettext_lazy("patrol", "Times found"), format="d"),
        kit.Column("assets", _("Assets"), sort=False, value=lambda row: row.assets, phone=False),
        kit.Column("earliest_at", _("First found"), format="moment", phone=False),
        kit.Column("latest_at", _("Last found"), format="moment"),
        kit.Column("radius_m", _("Reaches"), format=".0f", unit="m", phone=False),
    )
    search = ("what", "assets")
    filters = (
        kit.ChoiceFilter("zone", _("Zone"), choices=lambda: network.zone_names().items(),
                         apply=_in_zone),
    )  # fmt: skip
    default_sort = "-count"
    empty = _("Nothing was found again and again at one place within a year.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the places."""
        return [HazardRow(one) for one in queries.hazards()]

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the rounds."""
        return trail_to_rounds()

    def above(self, request: HttpRequest) -> SafeString | None:
        """Say what counts, and show them on a map."""
        said = gettext(
            "At least %(times)s findings within %(within)s m of each other, in the past year."
        ) % {"times": rules.HAZARD_TIMES, "within": f"{rules.HAZARD_WITHIN_M:.0f}"}
        drawn = maps.spots(request, reverse("api:fieldwork-patrol-hazards"))
        return format_html('<p class="hs-explanation">{}</p>{}', said, drawn)
