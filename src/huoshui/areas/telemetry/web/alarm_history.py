"""Everything that ever happened to alarms, and what is kept silent at present."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import models, rules
from huoshui.areas.telemetry.web import alarm_pages, alarm_words, words
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


class AlarmHistory(kit.ListPage):
    """Who did what with which alarm, and what its condition did; nothing is ever deleted."""

    title = _("History of alarms")
    permission = "telemetry.read"
    url_name = "telemetry:alarm-history"
    search = (
        "alarm__point__code",
        "alarm__point__name_en",
        "alarm__point__name_zh",
        "alarm__zone__code",
        "alarm__zone__name",
        "text",
    )
    search_hint = _("Point, zone or remark")
    filters = (
        kit.PeriodFilter("at", _("When")),
        kit.ChoiceFilter("what", _("What happened"), choices=tuple(alarm_words.DEEDS.items())),
        kit.ChoiceFilter(
            "priority",
            _("Priority"),
            field="alarm__priority",
            choices=tuple((code, words.PRIORITIES[code][0]) for code in rules.PRIORITY_ORDER),
        ),
        kit.ChoiceFilter(
            "rule", _("What is wrong"), field="alarm__rule", choices=tuple(words.RULES.items())
        ),
        kit.ChoiceFilter(
            "zone",
            _("Zone"),
            choices=lambda: list(network.zone_names().items()),
            apply=lambda rows, code: rows.filter(Q(alarm__zone=code) | Q(alarm__point__zone=code)),
        ),
    )
    default_sort = "-at"
    empty = _("Nothing has happened to any alarm yet.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        self.columns = (
            kit.Column("at", _("When"), format="moment"),
            kit.Column("what", _("What happened"), labels=alarm_words.DEEDS),
            kit.Column(
                "place",
                _("Where"),
                value=lambda row: alarm_words.place_name(row.alarm, self.zones),
                href=lambda row: alarm_words.alarm_url(row.alarm),
            ),
            kit.Column("code", _("Code"), value=lambda row: row.alarm.subject, phone=False),
            kit.Column(
                "priority",
                _("Priority"),
                value=lambda row: alarm_words.priority_badge(row.alarm),
            ),
            kit.Column("alarm__rule", _("What is wrong"), labels=words.RULES, sort=False),
            kit.Column("by", _("Who"), sort=False),
            kit.Column("text", _("Remark"), sort=False),
            kit.Column(
                "message",
                _("Details"),
                value=lambda row: alarm_words.message(row.alarm),
                phone=False,
            ),
        )

    @cached_property
    def zones(self) -> dict[str, str]:
        """The zones' names, asked for once."""
        return network.zone_names()

    def rows(self, request: HttpRequest) -> Any:
        """Return every line with its alarm."""
        return models.AlarmEntry.objects.select_related("alarm__point", "by")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Alarms"), reverse("telemetry:alarms")),)


class Suppressions(kit.ListPage):
    """What does not call at present, by whose decision, why and until when."""

    title = _("Shelved and out of service")
    permission = "telemetry.read"
    url_name = "telemetry:suppressions"
    search = ("point__code", "point__name_en", "point__name_zh", "zone__code", "reason")
    search_hint = _("Point, zone or reason")
    filters = (
        kit.ChoiceFilter(
            "kind",
            _("Kind"),
            choices=tuple(
                (code, label) for code, (label, _colour) in alarm_words.SUPPRESSIONS.items()
            ),
        ),
        kit.ChoiceFilter(
            "over",
            pgettext_lazy("telemetry", "Over or not"),
            choices=(("no", _("Still in force")), ("yes", pgettext_lazy("telemetry", "Over"))),
            apply=lambda rows, wanted: rows.filter(ended_at__isnull=wanted == "no"),
        ),
        kit.PeriodFilter("from_at", _("Since")),
    )
    default_sort = "-from_at"
    empty = _("Every alarm calls: nothing is shelved, suppressed or out of service.")

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        found = [
            kit.Column("kind", _("Kind"), badge=alarm_words.SUPPRESSIONS),
            kit.Column("place", _("Where"), value=self.place),
            kit.Column("rule", _("What is wrong"), value=self.rule_name),
            kit.Column("reason", _("Reason"), sort=False),
            kit.Column("by", _("Who"), sort=False),
            kit.Column("from_at", _("Since"), format="moment"),
            kit.Column("until", _("Until"), format="moment"),
            kit.Column("ended_at", _("Ended at"), format="moment", phone=False),
        ]
        if request.GET.get("format") != "xlsx":
            found.insert(7, kit.Column("id", "", value=partial(end_button, request), sort=False))
        self.columns = tuple(found)

    @cached_property
    def zones(self) -> dict[str, str]:
        """The zones' names, asked for once."""
        return network.zone_names()

    def place(self, row: models.Suppression) -> str:
        """Return the name of the point or the zone."""
        if row.point:
            return alarm_words.spoken_name(row.point)
        return self.zones.get(row.zone_id or "", row.zone_id or "")

    def rule_name(self, row: models.Suppression) -> Any:
        """Return which condition is silent."""
        return words.RULES.get(row.rule, row.rule) if row.rule else gettext("All alarms")

    def rows(self, request: HttpRequest) -> Any:
        """Return all of them, those in force first by the default filter of the link."""
        return models.Suppression.objects.select_related("point", "by", "zone")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Alarms"), reverse("telemetry:alarms")),)


def end_button(request: HttpRequest, row: models.Suppression) -> SafeString:
    """Return the button that lets an alarm call again."""
    if row.ended_at is not None or row.kind == "by_design":
        return SafeString("")
    name, label, needed = (
        ("unshelve", gettext("End the shelving"), alarm_pages.SHELVE)
        if row.kind == "shelved"
        else ("put-back", gettext("Back in service"), alarm_pages.SERVICE)
    )
    if not permissions.holds(request.user, needed):
        return SafeString("")
    url = reverse(f"telemetry:{name}", args=[row.pk])
    values = {"next": request.get_full_path()}
    return kit.action_button(request, label, url, colour="sm", icon="bell", values=values)
