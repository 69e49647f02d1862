"""The forms that keep a sign of wear, and decide what was suggested because of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.upkeep.condition import actions, queries, refusals, rules
from huoshui.areas.fieldwork.upkeep.condition.web import forms, pages
from huoshui.areas.fieldwork.web import who
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit


class _Keeping(kit.FormPage):
    permission = actions.MANAGE
    form_class = forms.IndicatorForm

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Signs of wear"), reverse("upkeep:indicators")),)

    def keep(self, request: HttpRequest, code: str, form: forms.IndicatorForm) -> str:
        """Keep what was said; what is wrong is shown beside its field."""
        try:
            row = actions.keep_indicator(code, form.cleaned_data, by_id=who.id_of(request))
        except refusals.IndicatorNotUsable as refused:
            for name, said in refused.problems.items():
                form.add_error(name, said)
            raise
        messages.success(request, gettext("It is kept, and looked at within six hours."))
        return pages.indicator_url(row)


class NewIndicator(_Keeping):
    """Watch a new sign of wear."""

    title = _("New sign of wear")
    once = True
    explanation = _(
        "What wears shows it: a bearing grows warmer, a pump takes more power for the same water. "
        "The trend of its days, with how sure it is, says when the limit is reached."
    )

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Take the asset from the address, for the link on its page."""
        return {"asset_code": request.GET.get("asset", ""), "is_upper": True, "window_days": 60,
                "warn_days": 60, "lead_days": 7}  # fmt: skip

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Leave out what says that it is over."""
        form = forms.IndicatorForm(**arguments)
        del form.fields["is_retired"]
        return form

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("upkeep:indicators")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it under the next free number."""
        return self.keep(request, actions.next_code(), form)


class ChangeIndicator(_Keeping):
    """Change a sign of wear, or stop following it."""

    title = _("Change sign of wear")

    @cached_property
    def row(self) -> models.ConditionIndicator:
        """The sign of wear that the address names."""
        row = queries.indicator(self.kwargs["code"])
        if row is None:
            raise refusals.NoSuchIndicator(self.kwargs["code"])
        return row

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what is kept."""
        return {name: getattr(self.row, name) for name in actions.FIELDS}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to it."""
        return pages.indicator_url(self.row)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it."""
        return self.keep(request, self.row.code, form)


@permissions.needs(pages.REQUEST)
@require_POST
def accept(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for the job of a suggestion, and show it."""
    if not models.ConditionSuggestion.objects.filter(pk=number).exists():
        raise Http404
    job = actions.accept(number, by_id=who.id_of(request))
    messages.success(request, gettext("Job %(number)s was asked for.") % {"number": job.number})
    return HttpResponseRedirect(reverse("fieldwork:job", args=[job.number]))


class _OfSuggestion(kit.FormPage):
    permission = actions.MANAGE

    @cached_property
    def row(self) -> models.ConditionSuggestion:
        """The suggestion that the address names."""
        row = queries.suggestions().filter(pk=self.kwargs["number"]).first()
        if row is None:
            raise Http404
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the suggestion."""
        return (
            (pgettext_lazy("sign of wear", "Suggestions"), reverse("upkeep:suggestions")),
            (self.row.indicator.name, self.get_cancel_url(request)),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the suggestion."""
        return pages.suggestion_url(self.row)


class Decline(_OfSuggestion):
    """Decline a suggestion."""

    title = _("Decline the suggestion")
    form_class = forms.DeclineForm
    submit_label = _("Decline")
    explanation = _(
        "What was wrong counts as false, and the trend begins anew. What comes too early is asked "
        "again after two weeks."
    )

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Decline it."""
        actions.decline(self.row.pk, reason=rules.Reason(form.cleaned_data["reason"]),
                        note=form.cleaned_data["note"], by_id=who.id_of(request))  # fmt: skip
        messages.success(request, gettext("The suggestion is declined."))
        return self.get_cancel_url(request)


class Judge(_OfSuggestion):
    """Say what the work showed."""

    title = _("Say what the work showed")
    form_class = forms.VerdictForm
    explanation = _("It is counted how often suggestions are false; that says how far to trust.")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it."""
        actions.judge(self.row.pk, verdict=rules.Verdict(form.cleaned_data["verdict"]),
                      note=form.cleaned_data["note"], by_id=who.id_of(request))  # fmt: skip
        messages.success(request, gettext("It is noted."))
        return self.get_cancel_url(request)
