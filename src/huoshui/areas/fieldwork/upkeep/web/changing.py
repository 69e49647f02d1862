"""The forms that make, change, retire and fill in a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep import actions, queries, refusals
from huoshui.areas.fieldwork.upkeep.web import forms, points
from huoshui.areas.fieldwork.web import who
from huoshui.kernel.pages import formats, kit


def _said(plan: models.MaintenancePlan) -> str:
    """Say when a plan is due now that it is kept."""
    if plan.due_date is None:
        return gettext("Plan %(code)s is kept; its running hours are not known yet.") % {
            "code": plan.code
        }
    return gettext("Plan %(code)s is kept; due next on %(day)s.") % {
        "code": plan.code, "day": formats.day(plan.due_date),
    }  # fmt: skip


def next_code() -> str:
    """Return the next free number of a plan, such as BY-0042."""
    latest = models.MaintenancePlan.objects.filter(code__regex=r"^BY-[0-9]{4,8}$")
    number = max((int(code[3:]) for code in latest.values_list("code", flat=True)), default=0)
    return f"BY-{number + 1:04d}"


class _Keeping(kit.FormPage):
    """What making and changing a plan have in common."""

    permission = actions.MANAGE
    form_class = forms.PlanForm

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Maintenance"), reverse("upkeep:plans")),)

    def keep(self, request: HttpRequest, code: str, form: forms.PlanForm) -> str:
        """Keep what was said; what is wrong is shown beside its field."""
        values = {name: form.cleaned_data[name] for name in actions.FIELDS
                  if name in form.cleaned_data}  # fmt: skip
        try:
            plan, _changed = actions.keep_plan(code, values, by_id=who.id_of(request))
        except refusals.UpkeepNotUsable as refused:
            for name, words in refused.problems.items():
                form.add_error(name, words)
            raise
        messages.success(request, _said(plan))
        return reverse("upkeep:plan", args=[plan.code])


class NewPlan(_Keeping):
    """Make a plan."""

    title = _("New maintenance plan")
    once = True

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Take the asset from the address, for the link on its page."""
        asset_code = request.GET.get("asset", "")
        return {"asset_code": asset_code, "done_date": queries.today(),
                "hours_point": points.of_asset(asset_code, "running_hours"),
                "from_month": 1, "until_month": 12, "ahead_days": 7}  # fmt: skip

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("upkeep:plans")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Make it; a number that is taken is refused, not overwritten."""
        code = form.cleaned_data["code"] or next_code()
        if queries.plan(code) is not None:
            words = gettext("There is a plan of this number already.")
            form.add_error("code", words)
            raise refusals.UpkeepNotUsable({"code": words})
        return self.keep(request, code, form)


class _OfPlan(kit.FormPage):
    permission = actions.MANAGE

    @cached_property
    def plan(self) -> models.MaintenancePlan:
        """The plan that the address names."""
        row = queries.plan(self.kwargs["code"])
        if row is None:
            raise refusals.NoSuchUpkeep(self.kwargs["code"])
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list and the plan."""
        return (
            (_("Maintenance"), reverse("upkeep:plans")),
            (f"{self.plan.code} {self.plan.name}", self.get_cancel_url(request)),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the plan."""
        return reverse("upkeep:plan", args=[self.plan.code])


class ChangePlan(_OfPlan, _Keeping):
    """Change a plan, or take up a retired one again."""

    title = _("Change maintenance plan")
    confirm = _("Change this plan? When it is due next is computed anew; an open job stays.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what is kept."""
        values = {name: getattr(self.plan, name) for name in actions.FIELDS}
        return {**values, "code": self.plan.code}

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Leave the number out: it stays."""
        form = forms.PlanForm(**arguments)
        del form.fields["code"]
        return form

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it; a retired plan is followed again."""
        form.cleaned_data["is_retired"] = False
        return self.keep(request, self.plan.code, form)


class RetirePlan(_OfPlan):
    """Stop following a plan."""

    title = pgettext_lazy("upkeep", "Retire the plan")
    form_class = forms.RetireForm
    submit_label = pgettext_lazy("upkeep", "Retire")
    submit_colour = "danger"
    confirm = _("No job will be asked for any more. Retire this plan?")
    explanation = _("Its history stays, and so does a job that is open. It can be taken up again.")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Retire it."""
        actions.retire(self.plan.code, reason=form.cleaned_data["reason"], by_id=who.id_of(request))
        messages.success(request, gettext("The plan is retired."))
        return self.get_cancel_url(request)


class EnterDone(_OfPlan):
    """Enter work as done without a job."""

    once = True
    title = _("Enter as done")
    form_class = forms.DoneForm
    explanation = _("For work that was done without a job, such as from a paper book.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Propose today."""
        return {"day": queries.today()}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it; the plan goes on from there."""
        values = form.cleaned_data
        actions.record_done(self.plan.code, values["day"], hours=values["hours"],
                            by_id=who.id_of(request))  # fmt: skip
        messages.success(request, gettext("Entered as done."))
        return self.get_cancel_url(request)
