"""Registers leakage with the kernel: permissions, schedule, listeners, menu, slots, map layer."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

EVERYBODY = (
    "manager",
    "dispatcher",
    "leakage_engineer",
    "crew_leader",
    "crew",
    "service_manager",
    "viewer",
)


class LeakageConfig(AppConfig):
    name = "huoshui.areas.leakage"
    label = "leakage"
    verbose_name = _("Leakage")

    def ready(self) -> None:
        self._declare_permissions()
        self._name_deeds()
        self._offer_import()
        self._listen_and_schedule()
        self._register_pages()

    def _declare_permissions(self) -> None:
        from huoshui.kernel.accounts import permissions

        permissions.declare(
            "leakage.read", _("See night flows and leaks"), posts=EVERYBODY, in_house=True
        )
        permissions.declare(
            "leakage.make_job",
            _("Make a job of a suspected leak"),
            posts=("leakage_engineer", "dispatcher", "manager"),
        )
        permissions.declare(
            "leakage.dismiss",
            _("Dismiss a suspected leak"),
            posts=("leakage_engineer", "manager"),
        )
        permissions.declare(
            "leakage.configure",
            _("Set up how zones are watched"),
            posts=("leakage_engineer",),
        )

    def _offer_import(self) -> None:
        from huoshui.kernel.intake import kinds

        # Loaded when somebody imports: judging brings the laboratory with it.
        def tables() -> Any:
            from huoshui.areas.leakage import zone_tables

            return zone_tables

        kinds.declare_kind(
            kinds.Kind(
                code="zones",
                label=_("Watched zones"),
                description=_("Zones with their inlets and outlets; their nights are judged."),
                permission="leakage.configure",
                check=lambda *given: tables().check(*given),
                carry_out=lambda *given: tables().carry_out(*given),
                counted=_("zones"),
                template=lambda out: tables().template(out),
                order=50,
            )
        )

    def _name_deeds(self) -> None:
        from huoshui.kernel import audit

        audit.name_deed("leakage.zone_set_up", _("Watching of a zone set up"))
        audit.name_deed("leakage.job_made", _("Job made of a suspected leak"))
        audit.name_deed("leakage.leak_dismissed", _("Suspected leak dismissed"))
        audit.name_deed("leakage.job_result_taken_in", _("Result of a job taken in"))
        audit.name_deed("leakage.repair_verified", _("Repair verified by the night flow"))
        audit.name_details({"meters": _("Meters"), "price_cents_per_m3": _("Price of water")})
        self._name_events()
        audit.name_subject("leakage.zone", _("Zone"))
        audit.name_subject("leakage.suspected_leak", _("Suspected leak"))

    def _name_events(self) -> None:
        from huoshui.areas.leakage import contracts
        from huoshui.kernel import audit, events

        events.name_event(contracts.LeakSuspected, _("Leak suspected"))
        events.name_event(contracts.LeakDismissed, _("Suspected leak dismissed"))
        events.name_event(contracts.LeakReopened, _("Suspected leak opened again"))
        events.name_event(contracts.LeakVerified, _("Repair verified by the night flow"))
        audit.name_details(
            {
                "leak_id": _("Suspected leak"),
                "leakage.size_m3h": _("Size [m³/h]"),
                "leakage.low_m3h": _("At least [m³/h]"),
                "leakage.high_m3h": _("At most [m³/h]"),
                "leakage.saved_m3h": _("Saved [m³/h]"),
            }
        )

    def _listen_and_schedule(self) -> None:
        from huoshui.areas.fieldwork import contracts as fieldwork
        from huoshui.areas.leakage import actions, tasks
        from huoshui.areas.telemetry import contracts as telemetry
        from huoshui.kernel import events, jobs

        events.listen(
            fieldwork.JobClosed,
            actions.on_job_closed,
            name="leakage.on_job_closed",
            label=_("Leakage: take in the result of a job"),
        )
        events.listen(
            fieldwork.JobCancelled,
            actions.on_job_cancelled,
            name="leakage.on_job_cancelled",
            label=_("Leakage: take back a cancelled job"),
        )
        events.listen(
            telemetry.ReadingsCorrected,
            tasks.on_readings_corrected,
            name="leakage.on_readings_corrected",
            label=_("Leakage: judge the nights of corrected readings anew"),
        )
        jobs.schedule(
            "leakage.walks",
            every=tasks.WALKS_EVERY,
            offset=tasks.WALKS_OFFSET,
            run=tasks.tell_walks,
            catch_up=False,
            label=_("Propose which pipes are worth walking"),
        )
        jobs.schedule(
            "leakage.judge_nights",
            every=tasks.EVERY,
            offset=tasks.OFFSET,
            run=tasks.judge_due_nights,
            catch_up=False,
            label=_("Judge the night flows"),
        )

    def _register_pages(self) -> None:
        from huoshui.areas.leakage import area_lines
        from huoshui.areas.leakage.web import panels
        from huoshui.areas.network import contracts as network_contracts
        from huoshui.areas.network import facade as network
        from huoshui.kernel import slots
        from huoshui.kernel.pages import menu

        menu.add("analysis", _("Night flow"), "leakage:zones", "leakage.read", "droplet-half-2", 10)
        menu.add("analysis", _("Suspected leaks"), "leakage:leaks", "leakage.read", "ripple", 20)
        slots.fill(
            "network.zone.panels", panels.zone_night_flow, permission="leakage.read", order=20
        )
        network.register_card_lines(area_lines.LINES)
        slots.fill("telemetry.alarm.panels", panels.alarm_leak, permission="leakage.read")
        slots.fill("fieldwork.job.panels", panels.job_leak, permission="leakage.read", order=20)
        network.register_map_layer(
            network_contracts.MapLayer(
                id="suspected_leaks",
                label=_("Suspected leaks"),  # type: ignore[arg-type]
                kind="pulses",
                url="/api/v1/leakage/map",
                permission="leakage.read",
                order=40,
                refresh_s=10,
            )
        )
