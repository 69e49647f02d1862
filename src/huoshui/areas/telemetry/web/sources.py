"""The pages of data sources: how each is, and how it is set up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import connector_health, contracts, source_actions, sources
from huoshui.areas.telemetry.web import words
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

MANAGE = "telemetry.sources"


@dataclass(frozen=True)
class SourceRow:
    """One source as the list shows it."""

    code: str
    title: str
    connector: str
    state: str
    latest_at: datetime | None
    per_minute: float | None
    delay: str
    fault: str
    url: str


def health_by_code() -> dict[str, contracts.ConnectorHealth]:
    """Return the latest report of every source."""
    return {one.name: one for one in connector_health.reports()}


def row_of(source: contracts.Source, health: contracts.ConnectorHealth | None) -> SourceRow:
    """Return one line of the list."""
    manifest = sources.connectors().get(source.connector)
    state = connector_health.state_of(source, health)
    latest_us = health.latest_reading_us if health else None
    works = state == "connected" and health is not None
    return SourceRow(
        code=source.code,
        title=source.title,
        connector=manifest.title if manifest else source.connector,
        state=state,
        latest_at=contracts.from_us(latest_us) if latest_us is not None else None,
        per_minute=health.readings_per_s * 60 if health and works else None,
        delay=delay_words(health),
        fault=fault_words(source, health, state),
        url=reverse("telemetry:source", args=[source.code]),
    )


def delay_words(health: contracts.ConnectorHealth | None) -> str:
    """Say how late readings come, or that the sender's clock is ahead."""
    if health is None or health.delay_s is None:
        return ""
    span = formats.duration(timedelta(seconds=abs(health.delay_s)))
    if health.delay_s < -connector_health.AHEAD_S:
        return gettext("%(span)s ahead") % {"span": span}
    return gettext("%(span)s late") % {"span": span} if health.delay_s > 1 else gettext("none")


def fault_words(
    source: contracts.Source, health: contracts.ConnectorHealth | None, state: str
) -> str:
    """Say in the reader's words what is wrong now, if anything is."""
    manifest = sources.connectors().get(source.connector)
    if state == "silent":
        return gettext("The part “ingest” does not run or hangs.")
    if health is None or manifest is None or not health.note or state == "paused":
        return ""
    return manifest.says(health.note)


class Sources(kit.ListPage):
    """Every source with its state."""

    title = _("Data sources")
    permission = "telemetry.read"
    url_name = "telemetry:sources"
    template = "telemetry/sources.html"
    columns = (
        kit.Column("title", _("Name"), href=lambda row: row.url),
        kit.Column("connector", _("Kind of connection")),
        kit.Column("state", _("State"), badge=words.CONNECTOR_STATES),
        kit.Column("latest_at", _("Newest reading"), format="moment"),
        kit.Column("per_minute", _("Readings a minute"), format=".1f"),
        kit.Column("delay", _("Delay"), phone=False, sort=False),
        kit.Column("fault", _("What is wrong"), sort=False),
        kit.Column("code", _("Code"), phone=False),
    )
    search = ("title", "code", "connector")
    filters = (
        kit.ChoiceFilter(
            "state",
            _("State"),
            choices=tuple((code, label) for code, (label, _c) in words.CONNECTOR_STATES.items()),
        ),
        kit.ChoiceFilter(
            "connector",
            _("Kind of connection"),
            choices=lambda: [(m.title, m.title) for m in sources.connectors().values()],
        ),
    )
    default_sort = "title"
    empty = _("No data source is set up yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the sources."""
        health = health_by_code()
        return [row_of(one, health.get(one.code)) for one in sources.sources()]

    def row_css(self, row: SourceRow) -> str:
        """Mark sources that do not work."""
        return "hs-row-alert" if row.state in ("disconnected", "silent") else ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Lead to unknown codes and, where allowed, to a new source."""
        found = [
            kit.link_button(gettext("Unknown codes"), reverse("telemetry:unknown"), icon="list")
        ]
        if permissions.holds(request.user, MANAGE):
            found.append(
                kit.link_button(
                    gettext("Add a source"),
                    reverse("telemetry:source_kinds"),
                    colour="primary",
                    icon="plus",
                )
            )
        return found


def source_or_404(code: str) -> contracts.Source:
    """Return a source that is set up, the settings' broker among them."""
    found = next((one for one in sources.sources() if one.code == code), None)
    if found is None:
        raise source_actions.NoSuchSource(code)
    return found


class SourcePage(kit.DetailPage):
    """One source: its state, what is wrong and what to do, its options without secrets."""

    permission = "telemetry.read"
    template = "telemetry/source.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> contracts.Source:
        """Return the source, or refuse."""
        return source_or_404(kwargs["code"])

    def heading(self, request: HttpRequest, obj: contracts.Source) -> str:
        """Name the source."""
        return obj.title

    def trail(self, request: HttpRequest, obj: contracts.Source) -> Sequence[tuple[Any, str]]:
        """Lead back to all sources."""
        return ((_("Data sources"), reverse("telemetry:sources")),)

    def badges(self, request: HttpRequest, obj: contracts.Source) -> Sequence[SafeString]:
        """Show the state."""
        state = connector_health.state_of(obj, health_by_code().get(obj.code))
        return (kit.badge(*words.CONNECTOR_STATES.get(state, (state, "secondary"))),)

    def actions(self, request: HttpRequest, obj: contracts.Source) -> Sequence[SafeString]:
        """Try, change, pause, remove: for those who may, and not for the settings' own broker."""
        if not permissions.holds(request.user, MANAGE):
            return ()

        def url(name: str) -> str:
            return reverse(f"telemetry:{name}", args=[obj.code])

        found = [
            kit.action_button(
                request, gettext("Test the connection"), url("source_check"), colour=""
            )
        ]
        if obj.changed_at is None:
            return found
        found.append(kit.link_button(gettext("Change"), url("source_edit"), icon="edit"))
        if obj.is_enabled:
            found.append(
                kit.action_button(
                    request,
                    gettext("Pause"),
                    url("source_pause"),
                    colour="warning",
                    confirm=gettext("Stop taking readings from this source?"),
                )
            )
        else:
            found.append(
                kit.action_button(
                    request, gettext("Resume"), url("source_pause"), values={"resume": "1"}
                )
            )
        found.append(
            kit.action_button(
                request,
                gettext("Remove"),
                url("source_remove"),
                colour="danger",
                confirm=gettext("Remove this source and its secrets? Points and readings stay."),
            )
        )
        return found

    def facts(self, request: HttpRequest, obj: contracts.Source) -> Sequence[kit.Section]:
        """Show how it works now, then how it is set up."""
        health = health_by_code().get(obj.code)
        return (*(state_sections(health) if health else ()), option_section(obj))

    def context(self, request: HttpRequest, obj: contracts.Source) -> dict[str, Any]:
        """Add the present fault with its remedy, and the latest problems."""
        health = health_by_code().get(obj.code)
        manifest = sources.connectors().get(obj.connector)
        state = connector_health.state_of(obj, health)
        problems = [
            {
                "ago": ago(one.seen_at, clock.real_now()),
                "what": manifest.says(one.code) if manifest else one.code,
                "remedy": manifest.remedy(one.code) if manifest else "",
                "where": one.where,
                "detail": one.message,
                "count": one.count,
            }
            for one in (health.problems[:12] if health else ())
        ]
        note = health.note if health and state == "disconnected" else ""
        return {
            "fault": fault_words(obj, health, state),
            "remedy": manifest.remedy(note) if manifest and note else "",
            "problems": problems,
            "is_built_in": obj.changed_at is None,
        }


def ago(moment: datetime | None, now: datetime) -> str | None:
    """Say how long ago something was by the machine's clock.

    Never as a time of day: beside readings, which follow the clock that is shown, there would be
    two clocks on one page of a demo.
    """
    if moment is None:
        return None
    return gettext("%(span)s ago") % {"span": formats.duration(max(now - moment, timedelta(0)))}


def state_sections(health: contracts.ConnectorHealth) -> tuple[kit.Section, ...]:
    """Return the facts about a source at work."""
    now = clock.real_now()
    latest = health.latest_message_at
    latest_us = health.latest_reading_us
    return (
        kit.Section(
            _("At work"),
            (
                kit.Fact(_("Address"), health.address),
                kit.Fact(_("In this state for"), formats.duration(now - health.state_since)),
                kit.Fact(_("Latest message"), ago(latest, now)),
                kit.Fact(
                    _("Newest reading"),
                    contracts.from_us(latest_us) if latest_us is not None else None,
                    format="moment",
                ),
                kit.Fact(_("Delay of readings"), delay_words(health) or None),
                kit.Fact(_("Readings a minute"), health.readings_per_s * 60, format=".1f"),
                kit.Fact(_("Messages a minute"), health.messages_per_s * 60, format=".1f"),
            ),
        ),
        kit.Section(
            _("Since its start"),
            (
                kit.Fact(_("Started"), ago(health.started_at, now)),
                kit.Fact(_("Messages received"), health.messages, format="d"),
                kit.Fact(_("of these, sent again"), health.messages_again, format="d"),
                kit.Fact(_("Messages refused"), health.messages_refused, format="d"),
                kit.Fact(_("Readings stored"), health.readings_accepted, format="d"),
                kit.Fact(
                    _("Kept for adoption"),
                    health.readings_unknown,
                    format="d",
                    href=f"{reverse('telemetry:unknown')}?source={health.name}"
                    if health.readings_unknown
                    else "",
                ),
                kit.Fact(_("Readings refused"), health.readings_refused, format="d"),
                kit.Fact(_("Messages waiting"), health.messages_waiting, format="d"),
                kit.Fact(_("Store did not answer"), health.store_failures, format="d"),
            ),
        ),
    )


def option_section(source: contracts.Source) -> kit.Section:
    """Return the options in words; of secrets only whether there is one."""
    manifest = sources.connectors().get(source.connector)
    if manifest is None:
        return kit.Section(_("Set up as"), (kit.Fact(_("Kind of connection"), source.connector),))
    kept = sources.secrets_of(source.code) if source.changed_at else {"password": ""}
    facts = [kit.Fact(_("Code"), source.code), kit.Fact(_("Kind of connection"), manifest.title)]
    for option in manifest.options:
        label = sources.spoken(option["label"])
        if option["type"] in sources.SECRET_TYPES:
            if option["name"] in kept:
                facts.append(kit.Fact(label, _("kept")))
            continue
        value = source.options.get(option["name"])
        if value in (None, ""):
            continue
        if option["type"] == "switch":
            value = _("yes") if value else _("no")
        elif option["type"] == "choice":
            labels = {one["value"]: sources.spoken(one["label"]) for one in option["choices"]}
            value = labels.get(value, value)
        elif option["type"] == "lines":
            value = _("%(count)d lines") % {"count": len(str(value).strip().splitlines())}
        facts.append(kit.Fact(label, str(value)))
    return kit.Section(_("Set up as"), tuple(facts))
