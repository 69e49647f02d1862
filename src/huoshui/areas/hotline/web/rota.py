"""The rota: who sits at the hotline, today and in the coming week, and when nobody does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.hotline import refusals
from huoshui.areas.hotline.actions import rota as actions
from huoshui.areas.hotline.models import Shift
from huoshui.areas.hotline.queries import rota as queries
from huoshui.areas.hotline.web.who import id_of
from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

PLAN, TAKE = "hotline.plan_rota", "hotline.take_calls"


def _people() -> list[tuple[str, str]]:
    return [(str(user.pk), str(user)) for user in queries.agents()]


def _when(rows: Any, wanted: str) -> Any:
    now = clock.now()
    return rows.filter(until__gt=now) if wanted == "coming" else rows.filter(until__lte=now)


def _shift_url(row: Shift) -> str:
    return reverse("hotline:shift", args=[row.pk])


class Rota(kit.ListPage):
    """All shifts that stand, with who sits now and when nobody is planned."""

    title = _("Rota")
    permission = "hotline.read_calls"
    url_name = "hotline:rota"
    columns = (
        kit.Column("user", pgettext_lazy("shift", "Who"), sort="user__name", href=_shift_url),
        kit.Column("from_at", pgettext_lazy("shift", "From"), format="moment"),
        kit.Column("until", pgettext_lazy("shift", "Until"), format="moment"),
        kit.Column("offered_to", _("Offered to"), sort="offered_to__name"),
    )
    search = ("user__name", "user__username")
    default_sort = "-from_at"
    filters = (
        kit.ChoiceFilter("when", _("Which"), apply=_when,
                         choices=(("coming", _("Now and coming")), ("past", _("Past")))),
        kit.ChoiceFilter("user", pgettext_lazy("shift", "Who"), field="user_id", choices=_people),
        kit.PeriodFilter("from_at", pgettext_lazy("shift", "From")),
    )  # fmt: skip
    empty = _("No shift is planned. Plan shifts so that the hotline answers day and night.")

    def rows(self, request: HttpRequest) -> QuerySet[Shift]:
        return queries.shifts()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, PLAN):
            return ()
        return (kit.link_button(_("Plan shifts"), reverse("hotline:plan-shift"), icon="plus"),)

    def above(self, request: HttpRequest) -> SafeString | None:
        now = clock.now()
        return render_to_string(
            "hotline/rota_above.html",
            {
                "on_duty": [str(shift.user) for shift in queries.on_duty(now)],
                "gaps": queries.gaps(now, now + queries.LOOK_AHEAD)[:12],
            },
            request=request,
        )


class ShiftForm(forms.Form):
    """Who, from when until when, on how many days."""

    user = forms.ChoiceField(label=pgettext_lazy("shift", "Who"), choices=_people)
    from_at = kit.MomentField(label=pgettext_lazy("shift", "From"))
    until = kit.MomentField(label=pgettext_lazy("shift", "Until"))
    days = forms.IntegerField(
        label=_("On so many days"), initial=1, min_value=1, max_value=actions.REPEATS_MAX
    )


class PlanShift(kit.FormPage):
    """Plan shifts."""

    title = _("Plan shifts")
    permission = PLAN
    form_class = ShiftForm

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Rota"), reverse("hotline:rota")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:rota")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        morning = clock.local(clock.now()).replace(hour=8, minute=0, second=0, microsecond=0)
        begin = morning + timedelta(days=1)
        return {"from_at": begin, "until": begin + timedelta(hours=8)}

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        actions.plan_shift(
            user_id=int(given["user"]), from_at=given["from_at"], until=given["until"],
            days=given["days"], by_id=id_of(request),
        )  # fmt: skip
        return f"{reverse('hotline:rota')}?when=coming"


class OfferForm(forms.Form):
    """To whom a shift is offered."""

    to = forms.ChoiceField(label=pgettext_lazy("shift", "To whom"), choices=_people)


class ShiftPage(kit.DetailPage):
    """One shift, and what may be done with it."""

    permission = "hotline.read_calls"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Shift:
        found = queries.shifts().filter(pk=kwargs["shift_id"]).first()
        if found is None:
            raise refusals.NoSuch("shift", kwargs["shift_id"])
        return found

    def heading(self, request: HttpRequest, obj: Shift) -> Any:
        return gettext("Shift of %(who)s") % {"who": obj.user}

    def trail(self, request: HttpRequest, obj: Shift) -> Sequence[tuple[Any, str]]:
        return ((_("Rota"), reverse("hotline:rota")),)

    def facts(self, request: HttpRequest, obj: Shift) -> Sequence[kit.Section]:
        return (
            kit.Section("", (
                kit.Fact(pgettext_lazy("shift", "From"), obj.from_at, format="moment"),
                kit.Fact(pgettext_lazy("shift", "Until"), obj.until, format="moment"),
                kit.Fact(_("Offered to"), str(obj.offered_to or "")),
            )),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: Shift) -> Sequence[SafeString]:
        if obj.until <= clock.now():
            return ()
        found = []
        me = request.user.pk
        if obj.offered_to_id == me:
            url = reverse("hotline:accept-shift", args=[obj.pk])
            found.append(kit.action_button(request, _("Take this shift"), url, icon="check"))
        if obj.user_id == me and permissions.holds(request.user, TAKE):
            url = reverse("hotline:offer-shift", args=[obj.pk])
            found.append(kit.link_button(_("Offer it to a colleague"), url, icon="users"))
        if permissions.holds(request.user, PLAN):
            url = reverse("hotline:cancel-shift", args=[obj.pk])
            found.append(
                kit.action_button(
                    request,
                    _("Cancel the shift"),
                    url,
                    colour="danger",
                    icon="trash",
                    confirm=_("Take this shift off the rota?"),
                )
            )
        return found


class OfferShift(kit.FormPage):
    """Offer one's own shift to a colleague."""

    title = _("Offer it to a colleague")
    permission = TAKE
    form_class = OfferForm
    submit_label = _("Offer")
    explanation = _("The shift stays yours until your colleague has taken it.")

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("hotline:shift", args=[self.kwargs["shift_id"]])

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.offer_shift(
            self.kwargs["shift_id"], to_id=int(form.cleaned_data["to"]), by_id=id_of(request)
        )
        return self.get_cancel_url(request)


@permissions.needs(TAKE)
@require_POST
def accept_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Take a shift that was offered to one."""
    return _done(request, actions.accept_shift, shift_id)


@permissions.needs(PLAN)
@require_POST
def cancel_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Take a shift off the rota."""
    return _done(request, actions.cancel_shift, shift_id)


def _done(request: HttpRequest, deed: Callable[..., object], shift_id: int) -> HttpResponse:
    try:
        deed(shift_id, by_id=id_of(request))
    except errors.Refused as refusal:
        messages.error(request, f"{refusal.message} {refusal.next_step}")
    return HttpResponseRedirect(reverse("hotline:rota"))
