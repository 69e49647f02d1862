"""Pages of signs of wear: the list, one sign with its chart, what was suggested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork import words as job_words
from huoshui.areas.fieldwork.upkeep.condition import (
    actions,
    looking,
    queries,
    rules,
    saying,
    words,
)
from huoshui.areas.fieldwork.upkeep.condition.web import charts
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

READ, MANAGE, REQUEST = (
    "fieldwork.read_jobs", "fieldwork.manage_upkeep", "fieldwork.request_job",
)  # fmt: skip
LABEL = words.FIELDS
SHOW = (
    ("waiting", pgettext_lazy("suggestion", "To be decided")),
    ("leads", pgettext_lazy("sign of wear", "Leads to its limit")),
    ("retired", pgettext_lazy("upkeep", "Not followed any more")),
)
PAST_SHOWN = 20


def indicator_url(row: models.ConditionIndicator) -> str:
    """Return the address of a sign of wear."""
    return reverse("upkeep:indicator", args=[row.code])


def suggestion_url(row: models.ConditionSuggestion) -> str:
    """Return the address of a suggestion."""
    return reverse("upkeep:suggestion", args=[row.pk])


def _shown(rows: Any, wanted: str) -> Any:
    if wanted == "retired":
        return rows.filter(is_retired=True)
    rows = rows.filter(is_retired=False)
    return rows.filter(waiting__gt=0) if wanted == "waiting" else rows.filter(
        limit_date__isnull=False)  # fmt: skip


def _now(row: models.ConditionIndicator) -> str:
    return saying.figure(row, row.level_now)


def _limit(row: models.ConditionIndicator) -> str:
    return saying.figure(row, row.limit)


class Indicators(kit.ListPage):
    """All signs of wear, those that reach their limit first on top."""

    title = _("Signs of wear")
    permission = READ
    url_name = "upkeep:indicators"
    columns = (
        kit.Column("name", LABEL["name"], href=indicator_url),
        kit.Column("asset_code", _("Asset"),
                   href=lambda row: reverse("network:asset", args=[row.asset_code])),
        kit.Column("level_now", pgettext_lazy("sign of wear", "Now"), value=_now, sort=False),
        kit.Column("limit", LABEL["limit"], value=_limit, sort=False),
        kit.Column("limit_date", pgettext_lazy("sign of wear", "Reached about"), format="day"),
        kit.Column("limit_date_min", pgettext_lazy("sign of wear", "At the earliest"),
                   format="day", phone=False),
        kit.Column("days", pgettext_lazy("sign of wear", "Days known"), format="d", phone=False),
        kit.Column("code", LABEL["code"], phone=False, optional=True),
    )  # fmt: skip
    search = ("code", "name", "asset_code", "point")
    filters = (kit.ChoiceFilter("show", _("Show"), choices=SHOW, apply=_shown),)
    default_sort = "limit_date"
    empty = _("No sign of wear is watched yet. Name a point of a machine and its limit.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the signs that are followed, or the retired ones when asked."""
        rows = queries.indicators()
        retired = request.GET.get("show") == "retired"
        return rows if retired else rows.filter(is_retired=False)

    def row_css(self, row: models.ConditionIndicator) -> str:
        """Mark what waits for a decision."""
        return "hs-row-alert" if row.waiting else ""  # type: ignore[attr-defined]

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to maintenance."""
        return ((_("Maintenance"), reverse("upkeep:plans")),)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Lead to what was suggested; offer a new sign."""
        found = [kit.link_button(pgettext("sign of wear", "Suggestions"),
                                 reverse("upkeep:suggestions"), icon="bulb")]  # fmt: skip
        if permissions.holds(request.user, MANAGE):
            found.append(kit.link_button(gettext("New sign of wear"),
                                         reverse("upkeep:new-indicator"), colour="primary",
                                         icon="plus"))  # fmt: skip
        return found


class IndicatorPage(kit.DetailPage):
    """One sign of wear: its days, its trend, when that reaches the limit."""

    permission = READ
    template = "fieldwork/indicator.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.ConditionIndicator:
        """Return the sign of wear or answer that there is none."""
        row = queries.indicator(kwargs["code"])
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.ConditionIndicator) -> str:
        """Return what is suggested."""
        return obj.name

    def badges(self, request: HttpRequest, obj: models.ConditionIndicator) -> Sequence[SafeString]:
        """Say whether it is followed."""
        return (kit.badge(LABEL["is_retired"]),) if obj.is_retired else ()

    def trail(
        self, request: HttpRequest, obj: models.ConditionIndicator
    ) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return (
            (_("Maintenance"), reverse("upkeep:plans")),
            (_("Signs of wear"), reverse("upkeep:indicators")),
        )

    def facts(self, request: HttpRequest, obj: models.ConditionIndicator) -> Sequence[kit.Section]:
        """Say where it leads, and what it is made of."""
        return (
            kit.Section(pgettext("sign of wear", "Where it leads"), self._ahead(obj)),
            kit.Section(pgettext("sign of wear", "What is watched"), self._watched(obj)),
        )

    def _ahead(self, obj: models.ConditionIndicator) -> list[kit.Fact]:
        slope = None if obj.slope_a_day is None else obj.slope_a_day * 30
        span = [None if one is None else saying.figure(obj, one * 30)
                for one in (obj.slope_a_day_min, obj.slope_a_day_max)]  # fmt: skip
        return [
            kit.Fact(pgettext("sign of wear", "Now"), saying.figure(obj, obj.level_now)),
            kit.Fact(LABEL["limit"], saying.figure(obj, obj.limit)),
            kit.Fact(pgettext("sign of wear", "In 30 days"), saying.figure(obj, slope),
                     note=gettext("95 %%: %(least)s to %(most)s") % {
                         "least": span[0], "most": span[1]} if slope is not None else ""),
            kit.Fact(pgettext("sign of wear", "Reached about"), obj.limit_date, format="day"),
            kit.Fact(pgettext("sign of wear", "At the earliest"), obj.limit_date_min,
                     format="day"),
            kit.Fact(pgettext("sign of wear", "At the latest"), obj.limit_date_max, format="day",
                     note=gettext("perhaps never") if obj.limit_date and not obj.limit_date_max
                     else ""),
            kit.Fact(pgettext("sign of wear", "Days known"), obj.days, format="d"),
            kit.Fact(pgettext("sign of wear", "Looked at"), obj.looked_at, format="moment"),
        ]  # fmt: skip

    def _watched(self, obj: models.ConditionIndicator) -> list[kit.Fact]:
        def point(code: str) -> str:
            return reverse("telemetry:point", args=[code]) if code else ""

        bounds = [
            f"≥ {obj.while_min:g}" if obj.while_min is not None else "",
            f"≤ {obj.while_max:g}" if obj.while_max is not None else "",
        ]
        found = [
            kit.Fact(_("Asset"), obj.asset_code,
                     href=reverse("network:asset", args=[obj.asset_code])),
            kit.Fact(LABEL["point"], obj.point, href=point(obj.point)),
            kit.Fact(LABEL["how"], words.HOWS[obj.how]),
        ]  # fmt: skip
        if obj.other_point:
            found.append(kit.Fact(LABEL["other_point"], obj.other_point,
                                  href=point(obj.other_point)))  # fmt: skip
        if obj.while_point:
            said = " ".join([obj.while_point, *filter(None, bounds)])
            found.append(kit.Fact(LABEL["while_point"], said, href=point(obj.while_point)))
        found += [
            kit.Fact(LABEL["window_days"], obj.window_days, format="d"),
            kit.Fact(LABEL["warn_days"], obj.warn_days, format="d"),
            kit.Fact(LABEL["lead_days"], obj.lead_days, format="d"),
            kit.Fact(LABEL["since_date"], obj.since_date, format="day"),
            kit.Fact(_("Type of job"), job_words.name_of(obj.job_type)),
            kit.Fact(LABEL["crew"], obj.crew.name if obj.crew else None),
        ]
        return found

    def actions(self, request: HttpRequest, obj: models.ConditionIndicator) -> Sequence[SafeString]:
        """Lead to the open suggestion; offer to change it."""
        found = []
        waiting = obj.suggestions.filter(state=rules.State.OPEN).first()
        if waiting is not None:
            found.append(kit.link_button(gettext("Decide the suggestion"), suggestion_url(waiting),
                                         colour="primary", icon="bulb"))  # fmt: skip
        unit = network.unit_in_charge(asset_code=obj.asset_code)
        if permissions.may_in(request.user, MANAGE, unit):
            found.append(kit.link_button(gettext("Change"),
                                         reverse("upkeep:change-indicator", args=[obj.code]),
                                         icon="edit"))  # fmt: skip
        return found

    def context(self, request: HttpRequest, obj: models.ConditionIndicator) -> dict[str, Any]:
        """Add the chart of now, and what was suggested before."""
        found = looking.read(obj, clock.local(clock.now()).date())
        past = queries.suggestions().filter(indicator=obj)
        return {
            "chart": charts.of_now(obj, found),
            "past": [
                {"url": suggestion_url(one), "at": one.made_at, "state": words.STATES[one.state],
                 "verdict": words.VERDICTS.get(one.verdict)}
                for one in past[:PAST_SHOWN]
            ],
        }  # fmt: skip


def _said(row: models.ConditionSuggestion) -> str:
    return row.verdict


class Suggestions(kit.ListPage):
    """Everything that was suggested because of signs of wear, and how often it was right."""

    title = pgettext_lazy("sign of wear", "Suggestions")
    permission = READ
    url_name = "upkeep:suggestions"
    columns = (
        kit.Column("indicator", LABEL["name"], href=suggestion_url, sort="indicator__name"),
        kit.Column("asset", _("Asset"), sort="indicator__asset_code",
                   value=lambda row: row.indicator.asset_code,
                   href=lambda row: reverse("network:asset", args=[row.indicator.asset_code])),
        kit.Column("state", _("State"), badge=words.STATES),
        kit.Column("due_date", pgettext_lazy("suggestion", "Do it until"), format="day"),
        kit.Column("limit_date", pgettext_lazy("sign of wear", "Reached about"), format="day",
                   phone=False),
        kit.Column("made_at", pgettext_lazy("suggestion", "Suggested"), format="moment"),
        kit.Column("verdict", pgettext_lazy("suggestion", "What the work showed"),
                   badge=words.VERDICTS, value=_said),
        kit.Column("decided_by", pgettext_lazy("suggestion", "Decided by"),
                   sort="decided_by__name", phone=False, optional=True),
    )  # fmt: skip
    search = ("indicator__name", "indicator__asset_code", "note")
    filters = (
        kit.ChoiceFilter("state", _("State"),
                         choices=[(str(code), pair[0]) for code, pair in words.STATES.items()]),
        kit.ChoiceFilter("verdict", pgettext_lazy("suggestion", "What the work showed"),
                         choices=[(str(code), pair[0]) for code, pair in words.VERDICTS.items()]),
    )  # fmt: skip
    default_sort = "-made_at"
    empty = _("Nothing was suggested yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return all of them."""
        return queries.suggestions()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the signs of wear."""
        return (
            (_("Maintenance"), reverse("upkeep:plans")),
            (_("Signs of wear"), reverse("upkeep:indicators")),
        )

    def above(self, request: HttpRequest) -> SafeString:
        """Count how often they were right."""
        return render_to_string(
            "fieldwork/suggestions_record.html", {"record": queries.record_of()}, request=request
        )


class SuggestionPage(kit.DetailPage):
    """One suggestion with the days it rested on, and what became of it."""

    permission = READ
    template = "fieldwork/suggestion.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.ConditionSuggestion:
        """Return the suggestion or answer that there is none."""
        row = queries.suggestions().filter(pk=kwargs["number"]).first()
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.ConditionSuggestion) -> str:
        """Return what is suggested."""
        return obj.indicator.name

    def badges(self, request: HttpRequest, obj: models.ConditionSuggestion) -> Sequence[SafeString]:
        """Show how it stands, and what the work showed."""
        found = [kit.badge(*words.STATES[obj.state])]
        if obj.verdict:
            found.append(kit.badge(*words.VERDICTS[obj.verdict]))
        return found

    def trail(
        self, request: HttpRequest, obj: models.ConditionSuggestion
    ) -> Sequence[tuple[Any, str]]:
        """Lead back to the sign of wear."""
        return (
            (_("Signs of wear"), reverse("upkeep:indicators")),
            (obj.indicator.name, indicator_url(obj.indicator)),
        )

    def facts(self, request: HttpRequest, obj: models.ConditionSuggestion) -> Sequence[kit.Section]:
        """Say until when, and what came of it."""
        asset = obj.indicator.asset_code
        came = [
            kit.Fact(pgettext("suggestion", "Do it until"), obj.due_date, format="day"),
            kit.Fact(_("Asset"), asset, href=reverse("network:asset", args=[asset])),
            kit.Fact(pgettext("suggestion", "Suggested"), obj.made_at, format="moment"),
        ]
        if obj.decided_at is not None:
            by = str(obj.decided_by) if obj.decided_by else gettext("the system")
            came.append(kit.Fact(pgettext("suggestion", "Decided"), obj.decided_at,
                                 format="moment", note=by))  # fmt: skip
        if obj.reason:
            came.append(kit.Fact(_("Reason"), words.REASONS[obj.reason]))
        if obj.note:
            came.append(kit.Fact(_("Note"), obj.note))
        if obj.job:
            came.append(kit.Fact(_("Job"), obj.job.number,
                                 href=reverse("fieldwork:job", args=[obj.job.number])))  # fmt: skip
        return (kit.Section(pgettext("sign of wear", "Suggestion"), came),)

    def actions(
        self, request: HttpRequest, obj: models.ConditionSuggestion
    ) -> Sequence[SafeString]:
        """Offer to accept, decline or judge it."""
        unit = network.unit_in_charge(asset_code=obj.indicator.asset_code)
        may = permissions.may_in(request.user, MANAGE, unit)
        found = []
        if obj.state == rules.State.OPEN:
            if permissions.may_in(request.user, REQUEST, unit):
                found.append(kit.action_button(
                    request, gettext("Accept and ask for the job"),
                    reverse("upkeep:accept-suggestion", args=[obj.pk]), colour="primary",
                    confirm=gettext("Ask for this job now?"), icon="check"))  # fmt: skip
            if may:
                url = reverse("upkeep:decline-suggestion", args=[obj.pk])
                found.append(kit.link_button(gettext("Decline"), url, icon="x"))
        elif may and obj.job and obj.job.state in actions.ENDED and not obj.verdict:
            url = reverse("upkeep:judge-suggestion", args=[obj.pk])
            label = gettext("Say what the work showed")
            found.append(kit.link_button(label, url, colour="primary", icon="clipboard-check"))
        return found

    def context(self, request: HttpRequest, obj: models.ConditionSuggestion) -> dict[str, Any]:
        """Add the chart of then."""
        return {"chart": charts.of_suggestion(obj), "said": saying.evidence(obj)}
