"""Registers announcements with the kernel: permissions, schedules, health, menu, map layer."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

READERS = ("manager", "dispatcher", "service_manager", "hotline_agent", "grid_specialist", "viewer")


class AnnouncementsConfig(AppConfig):
    """The area of announcements."""

    name = "huoshui.areas.announcements"
    label = "announcements"
    verbose_name = _("Announcements")

    def ready(self) -> None:
        """Declare what the kernel and other areas have to know."""
        self._declare_permissions()
        self._name_deeds()
        self._schedule()
        self._register_pages()
        self._compare_by_cases()

    def _declare_permissions(self) -> None:
        from huoshui.kernel.accounts import permissions

        permissions.declare("announcements.read", _("See announcements"), posts=READERS)
        permissions.declare(
            "announcements.compose",
            _("Compose announcements and hand them in"),
            posts=("manager", "dispatcher", "service_manager"),
        )
        permissions.declare(
            "announcements.release",
            _("Release announcements to many people, and take them back"),
            posts=("manager", "service_manager"),
        )
        permissions.declare(
            "announcements.configure",
            _("Set up channels, rules of sending and texts"),
            posts=("service_manager",),
        )

    def _name_deeds(self) -> None:
        from huoshui.areas.announcements import words
        from huoshui.kernel import audit

        for code, label in (
            ("composed", _("Announcement composed")),
            ("reworded", _("Words of an announcement changed")),
            ("people_chosen", _("People of an announcement chosen")),
            ("list_brought", _("List of accounts brought in")),
            ("channels_chosen", _("Channels of an announcement chosen")),
            ("people_gathered", _("People of an announcement gathered")),
            ("people_read", _("Contact data of an announcement read")),
            ("discarded", _("Draft of an announcement thrown away")),
            ("handed_in", _("Announcement handed in")),
            ("released", _("Announcement released")),
            ("given_back", _("Announcement given back")),
            ("recalled", _("Announcement taken back")),
            ("sent_again", _("Failed messages sent again")),
            ("opted_out", _("Somebody wants no more messages")),
            ("opted_in", _("Somebody wants messages again")),
            ("channel_set_up", _("Channel set up")),
            ("channel_switched_on", _("Channel switched on")),
            ("channel_switched_off", _("Channel switched off")),
            ("rules_changed", _("Rules of sending changed")),
            ("wording_kept", _("Text to begin with kept")),
        ):
            audit.name_deed(f"announcements.{code}", label)
        audit.name_subject("announcements.announcement", _("Announcement"))
        audit.name_subject("announcements.channel", _("Channel"), lambda way: words.WAYS[way])
        audit.name_subject("announcements.rules", _("Rules of sending"))
        audit.name_subject("announcements.wording", _("Text to begin with"))
        audit.name_subject("announcements.address", _("Address"))
        audit.name_details({
            "announcements.title": _("Title"),
            "announcements.text": _("Text"),
            "announcements.everyone": _("Everybody"),
            "announcements.corners": _("Corners of the area"),
            "announcements.estates": _("Estates"),
            "announcements.zones": _("Zones"),
            "announcements.risks": _("Lists of risks"),
            "announcements.asset": _("Asset"),
            "announcements.accounts": _("Accounts"),
            "announcements.channels": _("Channels"),
            "announcements.channel": _("Channel"),
            "announcements.people": _("People"),
            "announcements.late_by_s": _("Told too late by [s]"),
            "announcements.reason": _("Reason"),
            "announcements.stopped": _("Messages stopped"),
            "announcements.messages": _("Messages"),
            "announcements.changed": _("Changed"),
            "announcements.secrets": _("Secrets changed"),
            "announcements.quiet_from": _("Quiet from"),
            "announcements.quiet_until": _("Quiet until"),
            "announcements.mass_from": _("Second person from so many people on"),
            "announcements.keep_days": _("Contact data kept [days]"),
            "announcements.page_address": _("Public address"),
        })  # fmt: skip
        audit.name_values("announcements.channels", lambda way: words.WAYS.get(way, way))
        audit.name_values("announcements.channel", lambda way: words.WAYS.get(way, way))
        audit.name_values("announcements.risks", lambda code: words.RISKS.get(code, code))

    def _schedule(self) -> None:
        from huoshui.areas.announcements import actions, tasks
        from huoshui.kernel import health, jobs

        jobs.schedule(
            "announcements.send",
            every=timedelta(seconds=10),
            run=tasks.send_what_is_due,
            catch_up=False,
            label=_("Send announcements"),
        )
        jobs.schedule(
            "announcements.forget_addresses",
            every=timedelta(days=1),
            offset=timedelta(hours=3, minutes=20),
            run=actions.forget_old_addresses,
            catch_up=False,
            label=_("Forget old contact data of announcements"),
        )
        health.declare(
            "announcements.channels",
            _("Channels"),
            tasks.channels_in_order,
        )

    def _compare_by_cases(self) -> None:
        from huoshui.areas.announcements import comparing, contracts

        comparing.offer(
            contracts.Happenings(
                "cases", pgettext_lazy("announcement", "Cases"), "", comparing.cases_between
            )
        )

    def _register_pages(self) -> None:
        from huoshui.areas.network import contracts as network_contracts
        from huoshui.areas.network import facade as network
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.pages import menu

        menu.add(
            "service", _("Announcements"), "announcements:announcements", "announcements.read",
            "bell-ringing", 40,
        )  # fmt: skip
        menu.add(
            "public", _("Public announcements"), "announcements:public_list", permissions.PUBLIC,
            "bell-ringing", 10,
        )  # fmt: skip
        network.register_map_layer(
            network_contracts.MapLayer(
                id="announcements",
                label=_("Announcements in force"),
                kind="areas",
                url="/api/v1/announcements/map",
                permission="announcements.read",
                order=70,
                refresh_s=30,
            )
        )
