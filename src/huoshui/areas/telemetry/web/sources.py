"""The page of data sources: how the connectors are, and which codes nobody declared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import connector_health, contracts, models
from huoshui.areas.telemetry.web import words
from huoshui.kernel import clock
from huoshui.kernel.pages import formats, kit

# A connector reports every second; after this it is not well, whatever it said before.
SILENT_AFTER = timedelta(seconds=15)


def card_of(health: contracts.ConnectorHealth) -> dict[str, Any]:
    """Return one connector as the page shows it."""
    now = clock.real_now()
    silent = now - health.reported_at > SILENT_AFTER and health.state != "stopped"
    state = "silent" if silent else health.state
    latest = health.latest_message_at
    facts = (
        kit.Fact(_("Address"), health.address),
        kit.Fact(_("In this state for"), formats.duration(now - health.state_since)),
        kit.Fact(_("Note"), words.label_of(words.CONNECTOR_NOTES, health.note)),
        kit.Fact(
            _("Latest message"),
            None
            if latest is None
            else _("%(span)s ago") % {"span": formats.duration(max(now - latest, timedelta(0)))},
        ),
        kit.Fact(_("Messages a second"), 0.0 if silent else health.messages_per_s, format=".1f"),
        kit.Fact(_("Readings a second"), 0.0 if silent else health.readings_per_s, format=".1f"),
        kit.Fact(_("Messages received"), health.messages, format="d"),
        kit.Fact(_("of these, sent again"), health.messages_again, format="d"),
        kit.Fact(_("Messages refused"), health.messages_refused, format="d"),
        kit.Fact(_("Readings stored"), health.readings_accepted, format="d"),
        kit.Fact(_("Readings refused"), health.readings_refused, format="d"),
        kit.Fact(_("Messages waiting"), health.messages_waiting, format="d"),
        kit.Fact(_("Store did not answer"), health.store_failures, format="d"),
    )
    return {
        "name": health.name.upper(),
        "badge": kit.badge(*words.CONNECTOR_STATES.get(state, (state, "secondary"))),
        "section": kit.Section("", facts),
        "problems": [
            {
                "at": one.seen_at,
                "what": words.label_of(words.PROBLEMS, one.code),
                "where": one.where,
                "count": one.count,
            }
            for one in health.problems[:10]
        ],
    }


class Sources(kit.ListPage):
    """The connectors' health, and below it the codes that nobody declared."""

    title = _("Data sources")
    permission = "telemetry.read"
    url_name = "telemetry:sources"
    template = "telemetry/sources.html"
    columns = (
        kit.Column("code", _("Unknown code")),
        kit.Column("source", _("Source")),
        kit.Column("count", _("Readings"), format="d"),
        kit.Column("sample", _("A value"), format=".6g"),
        kit.Column("earliest_at", _("Since"), format="moment", phone=False),
        kit.Column("latest_at", _("Newest reading"), format="moment"),
    )
    search = ("code", "source")
    default_sort = "-latest_at"
    empty = _("Every code that arrives is declared.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the codes nobody declared."""
        return models.UnknownPoint.objects.all()

    def above(self, request: HttpRequest) -> SafeString | None:
        """Show the connectors above the list."""
        from django.template.loader import render_to_string

        cards = [card_of(health) for health in connector_health.reports()]
        return render_to_string("telemetry/connectors.html", {"connectors": cards})
