"""The forms that take a job from one step to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import actions, contracts, models, queries, refusals, rules
from huoshui.areas.fieldwork.queries import differing
from huoshui.areas.fieldwork.web import forms, labels, who
from huoshui.kernel import files
from huoshui.kernel.pages import kit

PHOTO = "job_photo"


class NewJob(kit.FormPage):
    """Ask for a job."""

    title = _("New job")
    permission = "fieldwork.request_job"
    once = True
    form_class = forms.NewJobForm
    submit_label = _("Ask for the job")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Take the place from the address, for links from an asset, a zone or the map."""
        asked = request.GET
        return {
            "asset_code": asked.get("asset", ""),
            "zone_code": asked.get("zone", ""),
            "lon": asked.get("lon", ""),
            "lat": asked.get("lat", ""),
        }

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Jobs"), reverse("fieldwork:jobs")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("fieldwork:jobs")

    def submit(self, request: HttpRequest, form: forms.NewJobForm) -> str:
        """Ask, and show the new job."""
        values = form.cleaned_data
        row = actions.request_job(
            title=values["title"],
            description=values["description"],
            kind=contracts.JobKind(values["kind"]),
            priority=contracts.Priority(values["priority"]),
            place=contracts.Place(
                asset_code=values["asset_code"],
                zone_code=values["zone_code"],
                lon=values["lon"],
                lat=values["lat"],
            ),
            due_at=values["due_at"],
            by_id=who.id_of(request),
            work=contracts.Work(
                values["job_type"].code if values["job_type"] else "",
                window_from_at=values["window_from_at"],
                window_until=values["window_until"],
            ),
        )
        messages.success(request, gettext("Job %(number)s was asked for.") % {"number": row.number})
        return reverse("fieldwork:job", args=[row.number])


class Step(kit.FormPage):
    """One step of one job; says which job, and goes back to it."""

    done: Any = ""
    once = True

    @cached_property
    def job(self) -> models.Job:
        """The job the address names."""
        row = queries.job(self.kwargs["number"])
        if row is None:
            raise refusals.NoSuchJob(self.kwargs["number"])
        return row

    @property
    def job_url(self) -> str:
        """The page of the job."""
        return reverse("fieldwork:job", args=[self.job.number])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the job and to the list."""
        return (
            (_("Jobs"), reverse("fieldwork:jobs")),
            (f"{self.job.number} {labels.title(self.job)}", self.job_url),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the job."""
        return self.job_url

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Take the step and go back to the job."""
        self.take(request, form.cleaned_data)
        messages.success(request, str(self.done))
        return self.job_url

    def take(self, request: HttpRequest, values: dict[str, Any]) -> None:
        """Do it."""
        raise NotImplementedError


class Assign(Step):
    """Give a job to a crew."""

    title = _("Give the job to a crew")
    permission = "fieldwork.assign_job"
    once = True
    form_class = forms.AssignForm
    submit_label = _("Give it")
    done = _("The job was given.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the one who has it."""
        return {"to": self.job.assigned_to_id}

    def take(self, request: HttpRequest, values: dict[str, Any]) -> None:
        """Give it."""
        actions.assign_job(
            number=self.job.number, to=values["to"], by_id=who.id_of(request), note=values["note"]
        )


class Report(Step):
    """Report a job as done, on a phone in the street."""

    title = _("Report the job as done")
    permission = "fieldwork.report_job"
    form_class = forms.ReportForm
    template = "fieldwork/report.html"
    submit_label = _("Send the report")
    done = _("Thank you. A second person will check the report.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the asset the job names."""
        return {"found_asset_code": self.job.asset_code}

    def take(self, request: HttpRequest, values: dict[str, Any]) -> None:
        """Keep the photos, then report."""
        if len(values["photos"]) > rules.PHOTOS_PER_REPORT_MAX:
            raise refusals.TooManyPhotos(len(values["photos"]))
        actions.check_may_report(number=self.job.number, by=request.user)  # type: ignore[arg-type]
        kept = [files.keep(photo, who.id_of(request), PHOTO) for photo in values["photos"]]
        actions.report_job(
            number=self.job.number,
            by=request.user,  # type: ignore[arg-type]
            found=contracts.Found(values["found"]),
            found_asset_code=values["found_asset_code"],
            found_size_m3h=values["found_size_m3h"],
            note=values["note"],
            photo_ids=[photo.pk for photo in kept],
        )


class Close(Step):
    """Confirm a report as the second person."""

    title = _("Check and close the job")
    permission = "fieldwork.close_job"
    once = True
    template = "fieldwork/close.html"
    submit_label = _("The report is right: close the job")
    submit_colour = "success"
    done = _("The job is closed.")

    def take(self, request: HttpRequest, values: dict[str, Any]) -> None:
        """Close it, by the versions chosen where reports differ."""
        chosen = {field: number for field, number in values.items() if field != "note"}
        actions.close_job(
            number=self.job.number, by_id=who.id_of(request), note=values["note"], chosen=chosen
        )

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Ask for a version of each field on which the reports differ."""
        return forms.CloseForm(differing.of_job(self.job.pk), **arguments)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Show what is to be confirmed."""
        found = differing.of_job(self.job.pk)
        latest = queries.reports(self.job.pk)
        return {"reports": labels.reports_shown(latest if found else latest[:1])}


class Return(Step):
    """Send a report back to the crew."""

    title = _("Send the job back to the crew")
    permission = "fieldwork.close_job"
    once = True
    form_class = forms.ReasonForm
    submit_label = _("Send it back")
    submit_colour = "warning"
    done = _("The job is with the crew again.")

    def take(self, request: HttpRequest, values: dict[str, Any]) -> None:
        """Send it back."""
        actions.return_job(
            number=self.job.number, by_id=who.id_of(request), reason=values["reason"]
        )


class CancelJob(Step):
    """Give a job up."""

    title = _("Cancel the job")
    permission = "fieldwork.cancel_job"
    once = True
    form_class = forms.ReasonForm
    submit_label = _("Cancel the job for good")
    submit_colour = "danger"
    done = _("The job is cancelled.")

    def take(self, request: HttpRequest, values: dict[str, Any]) -> None:
        """Cancel it."""
        actions.cancel_job(
            number=self.job.number, by_id=who.id_of(request), reason=values["reason"]
        )
