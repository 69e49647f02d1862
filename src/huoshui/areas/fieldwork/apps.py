"""Registers fieldwork with the kernel: permissions, slots, menu, map layer."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

SERVICE = ("service_manager", "hotline_agent", "grid_specialist")
EVERYBODY = ("manager", "dispatcher", "leakage_engineer", "crew_leader", "crew", "viewer", *SERVICE)


class FieldworkConfig(AppConfig):
    name = "huoshui.areas.fieldwork"
    label = "fieldwork"
    verbose_name = _("Fieldwork")

    def ready(self) -> None:
        from huoshui.kernel.accounts import permissions

        permissions.declare("fieldwork.read_jobs", _("See jobs"), posts=EVERYBODY, in_house=True)
        permissions.declare(
            "fieldwork.request_job",
            _("Ask for a job"),
            posts=("manager", "dispatcher", "leakage_engineer", "crew_leader", *SERVICE),
            by_unit=True,
        )
        permissions.declare(
            "fieldwork.assign_job",
            _("Give a job to a crew"),
            posts=("dispatcher", "crew_leader"),
            by_unit=True,
        )
        permissions.declare(
            "fieldwork.report_job",
            _("Report a job as done"),
            posts=("crew", "crew_leader"),
            by_unit=True,
        )
        permissions.declare(
            "fieldwork.close_job",
            _("Check and close a job"),
            posts=("manager", "dispatcher", "leakage_engineer", "crew_leader"),
            by_unit=True,
        )
        permissions.declare(
            "fieldwork.cancel_job",
            _("Cancel a job"),
            posts=("manager", "dispatcher", "crew_leader"),
            by_unit=True,
        )
        self._name_deeds()
        self._register_pages()
        self._listen()

        from huoshui.areas.fieldwork import registration

        registration.register()

    def _listen(self) -> None:
        from huoshui.areas.fieldwork import tasks
        from huoshui.areas.network import contracts as network
        from huoshui.kernel import events

        events.listen(
            network.AssetJobWanted,
            tasks.make_job_of_report,
            name="fieldwork.job_of_asset_report",
            label=_("Make jobs of what passers-by report"),
        )

    def _name_deeds(self) -> None:
        from huoshui.kernel import audit

        audit.name_deed("fieldwork.job_requested", _("Job requested"))
        audit.name_deed("fieldwork.job_assigned", _("Job assigned"))
        audit.name_deed("fieldwork.job_reported", _("Job reported as done"))
        audit.name_deed("fieldwork.job_returned", _("Job returned to the crew"))
        audit.name_deed("fieldwork.job_closed", _("Job closed"))
        audit.name_deed("fieldwork.job_cancelled", _("Job cancelled"))
        audit.name_deed("fieldwork.phone_entry", _("Handed in by a phone"))
        audit.name_deed("fieldwork.phone_photo", _("Photo handed in by a phone"))
        audit.name_deed("fieldwork.phone_day_agreed", _("Day of a phone agreed"))
        audit.name_subject("fieldwork.job", _("Job"))
        audit.name_subject("fieldwork.phone", _("Phone of a crew"))
        self._name_events()

    def _name_events(self) -> None:
        from huoshui.areas.fieldwork import contracts, words
        from huoshui.kernel import audit, events

        events.name_event(contracts.JobRequested, _("Job requested"))
        events.name_event(contracts.JobAssigned, _("Job assigned"))
        events.name_event(contracts.JobBegun, _("Crew at a job"))
        events.name_event(contracts.JobDone, _("Job reported as done"))
        events.name_event(contracts.JobReturned, _("Job returned to the crew"))
        events.name_event(contracts.JobClosed, _("Job closed"))
        events.name_event(contracts.JobCancelled, _("Job cancelled"))
        audit.name_details(
            {
                "job_id": _("Job"),
                "job": _("Job"),
                "fieldwork.assigned_to_id": _("Given to"),
                "found_asset_code": _("Found at asset"),
                "found_size_m3h": _("Size found [m³/h]"),
            }
        )
        from huoshui.areas.fieldwork.phone import words as phone_words

        audit.name_details(
            {
                "fieldwork.kind": _("What was recorded"),
                "fieldwork.outcome": _("What became of it"),
                "fieldwork.code": _("Why"),
                "fieldwork.hash": _("Hash of the content"),
                "fieldwork.size_bytes": _("Size [bytes]"),
                "fieldwork.day": pgettext_lazy("day of the calendar", "Day"),
                "fieldwork.entries": _("Entries"),
                "fieldwork.photos": _("Photos"),
                "done_at": _("Done at"),
                "fieldwork.repaired_at": _("Repaired"),
                "fieldwork.water_back_at": _("Water back"),
                "fieldwork.cause": _("Cause"),
            }
        )
        audit.name_values("fieldwork.kind", lambda code: phone_words.KINDS.get(code, code))
        audit.name_values("fieldwork.outcome", lambda code: phone_words.OUTCOMES.get(code, code))
        audit.name_values("fieldwork.code", lambda code: phone_words.said(code, {})[0] or code)
        for key in ("found", "result"):
            audit.name_values(f"fieldwork.{key}", lambda code: words.FOUND.get(code, code))
        audit.name_values("fieldwork.cause", lambda code: words.CAUSES.get(code, code))
        audit.name_values("fieldwork.state", lambda code: words.STATES.get(code, code))

    def _register_pages(self) -> None:
        from huoshui.areas.fieldwork.web import panels
        from huoshui.areas.network import contracts as network_contracts
        from huoshui.areas.network import facade as network
        from huoshui.kernel import files, slots
        from huoshui.kernel.pages import menu

        files.declare_kind("job_photo", permission="fieldwork.read_jobs")
        menu.add("work", _("Jobs"), "fieldwork:jobs", "fieldwork.read_jobs", "clipboard-list", 10)
        menu.add(
            "work", _("On the phone"), "phone:app", "fieldwork.report_job", "device-mobile", 11
        )
        slots.declare("fieldwork.job.panels", "At the foot of a job's page. Receives job.")
        from huoshui.areas.fieldwork import area_lines
        from huoshui.areas.fieldwork.phone.web import panels as phone_panels

        slots.fill(
            "fieldwork.job.panels",
            phone_panels.job_entries,
            permission="fieldwork.read_jobs",
            order=10,
        )
        slots.fill(
            "network.asset.panels", panels.asset_jobs, permission="fieldwork.read_jobs", order=60
        )
        slots.fill(
            "network.zone.panels", panels.zone_jobs, permission="fieldwork.read_jobs", order=60
        )
        network.register_card_lines(area_lines.LINES)
        network.register_map_layer(
            network_contracts.MapLayer(
                id="open_jobs",
                label=_("Open jobs"),  # type: ignore[arg-type]
                kind="points",
                url="/api/v1/fieldwork/map",
                permission="fieldwork.read_jobs",
                order=60,
                refresh_s=10,
            )
        )
