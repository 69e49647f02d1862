"""What the checks of the network found: a list that says what each finding means and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import actions, check_words, choices, queries, small_map
from huoshui.areas.network.models import Finding
from huoshui.areas.network.web.shown import asset_url
from huoshui.kernel.accounts import permissions
from huoshui.kernel.jobs import work
from huoshui.kernel.pages import formats, kit

LEVELS = {
    code: (label, check_words.LEVEL_COLOURS[code]) for code, label in check_words.LEVELS.items()
}
TITLES = {one.code: one.title for one in check_words.CHECKS}
OPEN, ACCEPTED = "open", "accepted"


def figures(row: Mapping[str, Any]) -> str | None:
    """Return the figures of a finding with their unit."""
    values = [row["value"], row["expected"]]
    said = [formats.text(value, ",.2f") for value in values if value is not None]
    unit = check_words.BY_CODE[row["check_code"]].unit
    return f"{' / '.join(said)} {unit}".strip() if said else None


def by_state(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
    """Keep open findings, or accepted ones."""
    return rows.filter(accepted_at__isnull=wanted == OPEN)


class Findings(kit.ListPage):
    """What the newest run of the checks found."""

    title = _("Checks of the network")
    permission = "network.read"
    url_name = "network:findings"
    columns = (
        kit.Column("level", _("Severity"), badge=LEVELS),
        kit.Column("check_code", _("Finding"), labels=TITLES,
                   href=lambda row: reverse("network:finding", args=[row["pk"]])),
        kit.Column("subject", _("Assets"), value=lambda row: row["subject"].replace("|", " · "),
                   sort="subject"),
        kit.Column("figures", _("Figures found"), value=figures, sort="value", align="end"),
        kit.Column("zone_name", _("Zone"), phone=False),
        kit.Column("found_at", _("First found"), format="moment", phone=False),
        kit.Column("reason", _("Accepted because"), phone=False),
    )  # fmt: skip
    search = ("subject", "reason")
    search_hint = _("Code of an asset")
    filters = (
        kit.ChoiceFilter("check", _("Finding"), field="check_code", choices=TITLES.items()),
        kit.ChoiceFilter("level", _("Severity"), choices=check_words.LEVELS.items()),
        kit.ChoiceFilter("zone", _("Zone"), field="zone__code", choices=queries.zone_choices),
        kit.ChoiceFilter(
            "state",
            _("State"),
            choices=((OPEN, _("Not accepted")), (ACCEPTED, _("Accepted as it is"))),
            apply=by_state,
        ),
    )
    default_sort = "check_code"
    empty = _("Nothing found, or the checks have not run yet. Run them with the button above.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return Finding.objects.values(
            "pk", "level", "check_code", "subject", "value", "expected", "found_at", "reason",
            "accepted_at", zone_name=queries.zone_name("zone__"),
        )  # fmt: skip

    def row_css(self, row: Any) -> str:
        return "hs-row-muted" if row["accepted_at"] else ""

    def above(self, request: HttpRequest) -> SafeString | None:
        totals = Finding.objects.aggregate(found=Count("id"), seen=Max("seen_at"))
        if not totals["found"]:
            return None
        said = _("Findings: %(count)s. The checks ran last at %(at)s.") % {
            "count": formats.text(totals["found"], "d"),
            "at": formats.text(totals["seen"], "moment"),
        }
        return format_html('<p class="text-secondary">{}</p>', said)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "network.edit"):
            return ()
        url = reverse("network:run_checks")
        return (kit.action_button(request, _("Run the checks"), url, icon="player-play"),)


@permissions.needs("network.edit")
@require_POST
def run_checks(request: HttpRequest) -> HttpResponse:
    """Run the checks in the background and show how far they are."""
    return HttpResponseRedirect(work.begin(request, actions.check_network))


class FindingDetail(kit.DetailPage):
    """One finding: what it means, why it matters, what to do."""

    permission = "network.read"
    template = "network/finding.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Finding:
        found = (
            Finding.objects.select_related("asset", "other", "accepted_by")
            .filter(pk=kwargs["pk"])
            .first()
        )
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest, obj: Finding) -> Any:
        return check_words.BY_CODE[obj.check_code].title

    def badges(self, request: HttpRequest, obj: Finding) -> Sequence[SafeString]:
        found = [kit.badge(*LEVELS[obj.level])]
        if obj.accepted_at:
            found.append(kit.badge(_("Accepted as it is"), "green"))
        return found

    def trail(self, request: HttpRequest, obj: Finding) -> Sequence[tuple[Any, str]]:
        return ((_("Checks of the network"), reverse("network:findings")), (obj.subject, ""))

    def actions(self, request: HttpRequest, obj: Finding) -> Sequence[SafeString]:
        if not permissions.holds(request.user, "network.edit"):
            return ()
        if obj.accepted_at:
            url = reverse("network:reopen_finding", args=[obj.pk])
            return (kit.action_button(request, _("Open it again"), url),)
        url = reverse("network:accept_finding", args=[obj.pk])
        return (kit.link_button(_("Accept as it is"), url, icon="check"),)

    def facts(self, request: HttpRequest, obj: Finding) -> Sequence[kit.Section]:
        row = {"value": obj.value, "expected": obj.expected, "check_code": obj.check_code}
        assets = [
            kit.Fact(choices.KINDS[one.kind], one.code, href=asset_url(one.code))
            for one in (obj.asset, obj.other)
            if one is not None
        ]
        what = [
            *assets,
            kit.Fact(_("Figures found"), figures(row)),
            kit.Fact(_("First found"), obj.found_at, format="moment"),
        ]
        if obj.accepted_at:
            who = obj.accepted_by.name if obj.accepted_by else ""
            what += [
                kit.Fact(_("Accepted"), f"{formats.text(obj.accepted_at, 'moment')} {who}"),
                kit.Fact(_("Because"), obj.reason),
            ]
        return (kit.Section(_("Finding"), what),)

    def context(self, request: HttpRequest, obj: Finding) -> dict[str, Any]:
        known = obj.lon is not None and obj.lat is not None
        return {
            "check": check_words.BY_CODE[obj.check_code],
            "map_props": small_map.of_spot(obj.lon, obj.lat) if known else None,  # type: ignore[arg-type]
        }


class AcceptForm(forms.Form):
    """Why a finding is right as it is."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class AcceptFinding(kit.FormPage):
    """Accept a finding as it is, with a reason that whoever comes next can read."""

    title = _("Accept as it is")
    permission = "network.edit"
    form_class = AcceptForm
    submit_label = _("Accept")

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("network:finding", args=[self.kwargs["pk"]])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Checks of the network"), reverse("network:findings")), (self.title, ""))

    def submit(self, request: HttpRequest, form: AcceptForm) -> str:
        actions.accept_findings(
            [self.kwargs["pk"]], reason=form.cleaned_data["reason"], by_id=request.user.pk
        )
        return reverse("network:findings")


@permissions.needs("network.edit")
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the acceptance of a finding."""
    actions.reopen_finding(pk, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("network:finding", args=[pk]))
