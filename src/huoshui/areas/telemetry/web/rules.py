"""The pages of alarm rules: the list, one rule, its form, its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import (
    contracts,
    labels,
    models,
    queries_rules,
    refusals,
    rules,
)
from huoshui.areas.telemetry.web import alarm_words, words
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import Post
from huoshui.kernel.pages import kit

MANAGE = "telemetry.manage_rules"
SET_LIMITS = "telemetry.set_limits"
STATES: dict[str, tuple[Any, str]] = {
    "draft": (_("Draft"), "secondary"),
    "live": (_("Live"), "green"),
    "retired": (_("Retired"), "yellow"),
}


def rule_name(row: models.AlarmRule) -> str:
    """Return a rule's name in the reader's language."""
    return row.name_zh if (get_language() or "zh").startswith("zh") else row.name_en


def rule_of(code: str) -> models.AlarmRule:
    """Return a rule with what its page names, or refuse."""
    row = models.AlarmRule.objects.select_related("point", "reference").filter(code=code).first()
    if row is None:
        raise refusals.NoSuchRule(code)
    return row


def scope_text(row: models.AlarmRule, zones: Mapping[str, str]) -> str:
    """Say for which points a rule is meant."""
    if row.point is not None:
        return alarm_words.spoken_name(row.point)
    kind = str(words.KINDS[row.point_kind]) if row.point_kind else gettext("All kinds")
    where = zones.get(row.zone_id, row.zone_id) if row.zone_id else gettext("everywhere")
    return f"{kind} · {where}"


def unit_of(row: models.AlarmRule) -> str:
    """Return the unit of a rule's threshold."""
    if row.kind == "no_data":
        return "s"
    kind = row.point.kind if row.point else row.point_kind
    unit = contracts.KINDS[kind].unit if kind else ""
    return f"{unit}/h" if row.kind == "rate" else unit


class Rules(kit.ListPage):
    """All alarm rules; drafts can be tried on the past before they go live."""

    title = _("Alarm rules")
    permission = "telemetry.read"
    url_name = "telemetry:rules"
    search = ("code", "name_en", "name_zh", "point__code", "point__name_en", "point__name_zh")
    search_hint = _("Rule or point")
    filters = (
        kit.ChoiceFilter(
            "state", _("State"), choices=tuple((c, w) for c, (w, _colour) in STATES.items())
        ),
        kit.ChoiceFilter("kind", _("Kind of rule"), choices=tuple(words.RULES.items())),
        kit.ChoiceFilter("point_kind", _("Kind of points"), choices=tuple(words.KINDS.items())),
        kit.ChoiceFilter("zone", _("Zone"), choices=lambda: list(network.zone_names().items())),
        kit.ChoiceFilter(
            "priority",
            _("Priority"),
            choices=tuple((code, words.PRIORITIES[code][0]) for code in rules.PRIORITY_ORDER),
        ),
    )
    default_sort = "code"
    empty = _(
        "No rules yet. Points raise alarms by their own limits; rules add delays, zones, rates,"
        " silence and conditions of several points."
    )

    def __init__(self, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(request, **kwargs)
        zones = network.zone_names()
        self.columns = (
            kit.Column(
                "code",
                _("Rule"),
                value=rule_name,
                sort="code",
                href=lambda row: reverse("telemetry:rule", args=[row.code]),
            ),
            kit.Column("state", _("State"), badge=STATES),
            kit.Column("kind", _("Kind of rule"), labels=words.RULES),
            kit.Column("scope", _("For"), value=lambda row: scope_text(row, zones)),
            kit.Column("threshold", _("Threshold"), format=".2f"),
            kit.Column("unit", _("Unit"), value=unit_of, phone=False),
            kit.Column("priority", _("Priority"), value=alarm_words.priority_badge),
            kit.Column("on_delay_s", _("On delay"), format="duration", phone=False),
            kit.Column("dead_band", _("Dead band"), format=".2f", phone=False),
            kit.Column("changed_at", _("Changed at"), format="moment", phone=False),
        )

    def rows(self, request: HttpRequest) -> Any:
        """Return all rules."""
        return models.AlarmRule.objects.select_related("point")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the alarms."""
        return ((_("Alarms"), reverse("telemetry:alarms")),)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer what the reader may do."""
        found = []
        if permissions.holds(request.user, MANAGE):
            url = reverse("telemetry:new-rule")
            found.append(kit.link_button(gettext("New rule"), url, colour="primary", icon="plus"))
        changes = reverse("telemetry:limit-changes")
        found += [
            kit.link_button(gettext("Changes of limits"), changes, icon="history"),
            kit.link_button(
                gettext("Calculated points"), reverse("telemetry:formulas"), icon="calculator"
            ),
            kit.link_button(
                gettext("Excel for import"),
                reverse("telemetry:export-rules", args=["xlsx"]),
                icon="file-spreadsheet",
            ),
            kit.link_button(
                gettext("Text (TOML)"), reverse("telemetry:export-rules", args=["toml"]),
                icon="file-text",
            ),
        ]  # fmt: skip
        return found


class RulePage(kit.DetailPage):
    """One rule: what it says, which points it watches, how its limit came to be."""

    permission = "telemetry.read"
    template = "telemetry/rule.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.AlarmRule:
        """Return the rule."""
        return rule_of(kwargs["code"])

    def heading(self, request: HttpRequest, obj: models.AlarmRule) -> str:
        """Name the rule."""
        return rule_name(obj)

    def badges(self, request: HttpRequest, obj: models.AlarmRule) -> Sequence[SafeString]:
        """Show its state and priority."""
        return kit.badge(*STATES[obj.state]), alarm_words.priority_badge(obj)

    def trail(self, request: HttpRequest, obj: models.AlarmRule) -> Sequence[tuple[Any, str]]:
        """Lead back to the rules."""
        return ((_("Alarm rules"), reverse("telemetry:rules")),)

    def actions(self, request: HttpRequest, obj: models.AlarmRule) -> Sequence[SafeString]:
        """Offer trying, changing, and putting to work."""
        found = [
            kit.link_button(
                gettext("Try on the past"),
                reverse("telemetry:try-rule", args=[obj.code]),
                icon="clock-play",
                colour="primary" if obj.state == "draft" else "",
            )
        ]
        if permissions.holds(request.user, SET_LIMITS) and obj.threshold is not None:
            url = f"{reverse('telemetry:set-limit')}?rule={obj.code}"
            found.append(kit.link_button(gettext("Change the limit"), url, icon="edit"))
        if not permissions.holds(request.user, MANAGE):
            return found
        url = reverse("telemetry:edit-rule", args=[obj.code])
        found.append(kit.link_button(gettext("Edit"), url, icon="settings"))
        moves = {
            "draft": (("live", gettext("Put to work")),),
            "live": (("draft", gettext("Stop")), ("retired", gettext("Retire"))),
            "retired": (("draft", gettext("Bring back as a draft")),),
        }
        for state, label in moves[obj.state]:
            found.append(
                kit.action_button(
                    request,
                    label,
                    reverse("telemetry:rule-state", args=[obj.code]),
                    colour="primary" if state == "live" else "",
                    values={"state": state},
                )
            )
        return found

    def facts(self, request: HttpRequest, obj: models.AlarmRule) -> Sequence[kit.Section]:
        """Say everything the rule says."""
        unit = unit_of(obj)
        posts = {post.code: post.name for post in Post.objects.all()} if obj.escalate_to else {}
        condition = (
            kit.Fact(labels.FIELDS["kind"], words.RULES[obj.kind]),
            kit.Fact(_("For"), scope_text(obj, network.zone_names())),
            kit.Fact(labels.FIELDS["threshold"], obj.threshold, unit, format=".2f"),
            kit.Fact(_("Time span"), obj.window_s, format="duration"),
            kit.Fact(
                labels.FIELDS["reference"],
                alarm_words.spoken_name(obj.reference) if obj.reference else None,
            ),
            kit.Fact(labels.FIELDS["expression"], obj.expression),
            kit.Fact(labels.FIELDS["suppress_while"], obj.suppress_while),
            kit.Fact(labels.FIELDS["dead_band"], obj.dead_band or None, unit, format=".2f"),
            kit.Fact(_("On delay"), obj.on_delay_s or None, format="duration"),
            kit.Fact(_("Off delay"), obj.off_delay_s or None, format="duration"),
        )

        def yes(value: bool) -> str:
            return gettext("Yes") if value else gettext("No")

        follows = (
            kit.Fact(labels.FIELDS["must_acknowledge"], yes(obj.must_acknowledge)),
            kit.Fact(labels.FIELDS["is_latched"], yes(obj.is_latched)),
            kit.Fact(labels.FIELDS["has_sound"], yes(obj.has_sound)),
            kit.Fact(_("Sounds again every"), obj.repeat_every_s, format="duration"),
            kit.Fact(_("Escalates after"), obj.escalate_after_s, format="duration"),
            kit.Fact(labels.FIELDS["escalate_to"], posts.get(obj.escalate_to, obj.escalate_to)),
            kit.Fact(labels.FIELDS["may_set_min"], obj.may_set_min, unit, format=".2f"),
            kit.Fact(labels.FIELDS["may_set_max"], obj.may_set_max, unit, format=".2f"),
            kit.Fact(
                _("Advice to the operator"),
                obj.advice_zh if (get_language() or "zh").startswith("zh") else obj.advice_en,
            ),
        )
        return kit.Section(_("Condition"), condition), kit.Section(_("What follows"), follows)

    def context(self, request: HttpRequest, obj: models.AlarmRule) -> dict[str, Any]:
        """Add the points it watches and the history of its limit."""
        meant = queries_rules.points_of(obj)
        return {
            "points": [
                {
                    "name": alarm_words.spoken_name(point),
                    "url": reverse("telemetry:point", args=[point.code]),
                }
                for point in meant[:20]
            ],
            "points_total": len(meant),
            "changes": queries_rules.limit_history(rule_id=obj.pk),
            "change_states": {"waiting": 1},
        }
