"""The pages of leakage: watched zones, one zone, suspected leaks, one suspected leak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.leakage import actions, contracts, models, queries, refusals, words
from huoshui.areas.leakage.web import forms, shown, who
from huoshui.areas.network import facade as network
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

STATE_BADGES = {
    code: (label, words.LEAK_COLOURS[code]) for code, label in words.LEAK_STATES.items()
}


@permissions.needs("leakage.read")
def zones(request: HttpRequest) -> HttpResponse:
    """Show every watched zone with tonight's flow, its band and what stands against it."""
    found = shown.all_zones()
    cards = [{"zone": zone, "chart": shown.small_chart(zone)} for zone in found]
    context = {"title": _("Night flow"), "cards": cards, "saved": shown.saved_in_all()}
    return render(request, "leakage/zones.html", context)


class ZonePage(kit.DetailPage):
    """One zone: its nights against their band, how the number is made, its suspected leaks."""

    permission = "leakage.read"
    template = "leakage/zone.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> shown.Zone:
        """Return the zone, or answer that it is not watched."""
        setup = queries.setup(kwargs["code"])
        if setup is None:
            raise refusals.ZoneNotWatched(kwargs["code"])
        return shown.zone(setup, queries.latest_nights_of(setup.pk, 1))

    def heading(self, request: HttpRequest, obj: shown.Zone) -> str:
        """Name the zone."""
        return gettext("Night flow of %(zone)s") % {"zone": obj.name}

    def badges(self, request: HttpRequest, obj: shown.Zone) -> Sequence[SafeString]:
        """Show how the latest night was judged."""
        found = [kit.badge(obj.state, obj.colour)] if obj.night else []
        if obj.leak:
            found.append(kit.badge(obj.leak_state, obj.leak_colour))
        return found

    def trail(self, request: HttpRequest, obj: shown.Zone) -> Sequence[tuple[Any, str]]:
        """Lead back to all zones."""
        return ((_("Night flow"), reverse("leakage:zones")),)

    def actions(self, request: HttpRequest, obj: shown.Zone) -> Sequence[SafeString]:
        """Lead to the zone's other page."""
        url = reverse("network:zone", args=[obj.code])
        found = [kit.link_button(gettext("All about this zone"), url, icon="map-pin")]
        if permissions.holds(request.user, "leakage.configure"):
            url = reverse("leakage:set-up", args=[obj.code])
            found.append(kit.link_button(gettext("Set up"), url, icon="settings"))
        return found

    def context(self, request: HttpRequest, obj: shown.Zone) -> dict[str, Any]:
        """Add the chart, the explanation and the suspected leaks."""
        now = clock.now()
        leaks = [shown.leak(row, now, name=obj.name) for row in queries.leaks_of(obj.setup.pk)]
        return {
            "figures": shown.zone_figures(obj),
            "chart": shown.large_chart(obj.code),
            "explanation": shown.explanation(obj),
            "leaks": leaks[::-1],
        }


def leak_url(row: models.SuspectedLeak) -> str:
    """Return the address of a suspected leak's page."""
    return reverse("leakage:leak", args=[row.pk])


def _zone_choices() -> list[tuple[str, str]]:
    return list(network.zone_names().items())


def job_url(row: Any) -> str | None:
    """Return the address of the job made of a suspected leak, or None without one."""
    return reverse("fieldwork:job", args=[row.job_number]) if row.job_number else None


class Leaks(kit.ListPage):
    """All suspected leaks, the latest first."""

    title = _("Suspected leaks")
    permission = "leakage.read"
    url_name = "leakage:leaks"
    columns = (
        kit.Column("id", _("Number"), href=leak_url, format="d"),
        kit.Column(
            "zone", _("Zone"), value=lambda row: row.setup.zone_code, labels=network.zone_names
        ),
        kit.Column("state", _("State"), badge=STATE_BADGES),
        kit.Column("since_date", _("Since"), format="day"),
        kit.Column("size_m3h", pgettext_lazy("suspected leak", "Size"), format=".1f", unit="m³/h"),
        kit.Column("low_m3h", _("At least"), format=".1f", unit="m³/h", phone=False),
        kit.Column("high_m3h", _("At most"), format=".1f", unit="m³/h", phone=False),
        kit.Column("saved_m3h", _("Saved"), format=".1f", unit="m³/h"),
        kit.Column("job_number", _("Job"), href=job_url),
    )
    search = ("setup__zone_code", "job_number", "found_asset_code")
    search_hint = _("Zone, job, asset")
    filters = (
        kit.ChoiceFilter("state", _("State"), choices=tuple(words.LEAK_STATES.items())),
        kit.ChoiceFilter("zone", _("Zone"), field="setup__zone_code", choices=_zone_choices),
    )
    default_sort = "-detected_at"
    empty = _("No suspected leaks. They appear when a zone's night flow leaves its band.")

    def rows(self, request: HttpRequest) -> Any:
        """Return all suspected leaks."""
        return queries.leaks()

    def row_css(self, row: models.SuspectedLeak) -> str:
        """Mark the ones nobody has taken up."""
        return "hs-row-alert" if row.state == contracts.LeakState.OPEN else ""


class LeakPage(kit.DetailPage):
    """One suspected leak from its first night to the water its repair saved."""

    permission = "leakage.read"
    template = "leakage/leak.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> shown.Leak:
        """Return the suspected leak or answer that there is none."""
        row = queries.leak(kwargs["leak_id"])
        if row is None:
            raise Http404
        return shown.leak(row, clock.now())

    def heading(self, request: HttpRequest, obj: shown.Leak) -> str:
        """Name it by number and zone."""
        return gettext("Suspected leak %(number)s in %(zone)s") % {
            "number": obj.row.pk,
            "zone": obj.zone_name,
        }

    def badges(self, request: HttpRequest, obj: shown.Leak) -> Sequence[SafeString]:
        """Show where it stands."""
        return (kit.badge(obj.state, obj.colour),)

    def trail(self, request: HttpRequest, obj: shown.Leak) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Suspected leaks"), reverse("leakage:leaks")),)

    def facts(self, request: HttpRequest, obj: shown.Leak) -> Sequence[kit.Section]:
        """Say how large, since when, and what it cost."""
        row = obj.row
        return (
            kit.Section(_("Estimate"), self._estimate(row, obj)),
            kit.Section(_("Repair"), self._repair(row, obj)),
        )

    def _estimate(self, row: models.SuspectedLeak, obj: shown.Leak) -> list[kit.Fact]:
        interval = gettext("95 %% interval: %(low)s to %(high)s m³/h") % shown.interval(
            row.low_m3h, row.high_m3h
        )
        return [
            kit.Fact(
                pgettext_lazy("suspected leak", "Size"),
                row.size_m3h,
                "m³/h",
                format=".1f",
                note=interval,
            ),
            kit.Fact(_("Since the night of"), row.since_date, format="day"),
            kit.Fact(_("Detected"), row.detected_at, format="moment"),
            kit.Fact(
                _("Zone"), obj.zone_name, href=reverse("leakage:zone", args=[row.setup.zone_code])
            ),
            kit.Fact(
                _("Lost so far") if obj.standing else _("Lost"),
                obj.lost.volume_m3,
                "m³",
                format=".0f",
                note=gettext("about %(money)s yuan") % {"money": shown.yuan(obj.lost.money_yuan)},
            ),
            kit.Fact(_("Calculated by"), row.model_version),
        ]

    def _repair(self, row: models.SuspectedLeak, obj: shown.Leak) -> list[kit.Fact]:
        found = row.found_asset_code
        asset_url = reverse("network:asset", args=[found]) if found else ""
        facts = [kit.Fact(_("Job"), row.job_number or _("none yet"), href=job_url(row) or "")]
        if found:
            facts.append(kit.Fact(_("Leak found at"), found, href=asset_url))
        if row.repaired_at is not None:
            facts += [
                kit.Fact(_("Repair confirmed"), row.repaired_at, format="moment"),
                kit.Fact(_("Proven by the night flow"), row.verified_at, format="moment"),
            ]
        if row.saved_m3h is not None and obj.saved is not None:
            interval = gettext("95 %% interval: %(low)s to %(high)s m³/h") % shown.interval(
                row.saved_m3h_low, row.saved_m3h_high
            )
            facts += [
                kit.Fact(_("Saved flow"), row.saved_m3h, "m³/h", format=".1f", note=interval),
                kit.Fact(_("Water saved"), obj.saved.volume_m3, "m³", format=".0f"),
                kit.Fact(_("Money saved"), obj.saved_yuan, _("yuan"), format=".0f"),
            ]
        return facts

    def actions(self, request: HttpRequest, obj: shown.Leak) -> Sequence[SafeString]:
        """Offer a job, or to dismiss it, to those who may."""
        found: list[SafeString] = []
        if obj.row.state == contracts.LeakState.OPEN:
            if permissions.holds(request.user, "leakage.make_job"):
                url = reverse("leakage:make-job", args=[obj.row.pk])
                found.append(
                    kit.action_button(request, gettext("Make a job"), url, icon="clipboard-list")
                )
            if permissions.holds(request.user, "leakage.dismiss"):
                url = reverse("leakage:dismiss", args=[obj.row.pk])
                found.append(kit.link_button(gettext("This is no leak"), url, icon="x"))
        return found

    def context(self, request: HttpRequest, obj: shown.Leak) -> dict[str, Any]:
        """Add the timeline, the chart and the formulas."""
        row = obj.row
        return {
            "steps": shown.steps(queries.timeline(row.pk)),
            "since_date": row.since_date,
            "chart": shown.large_chart(row.setup.zone_code, since=row.since_date),
            "formulas": shown.formulas(obj),
        }


@permissions.needs("leakage.make_job")
@require_POST
def make_job(request: HttpRequest, leak_id: int) -> HttpResponse:
    """Make a job of a suspected leak and go to it."""
    job = actions.make_job(leak_id=leak_id, by_id=who.id_of(request))
    messages.success(request, gettext("Job %(number)s was made.") % {"number": job.number})
    return HttpResponseRedirect(reverse("fieldwork:job", args=[job.number]))


class Dismiss(kit.FormPage):
    """Say that a suspected leak is none."""

    title = _("This is no leak")
    permission = "leakage.dismiss"
    form_class = forms.DismissForm
    submit_label = _("Dismiss the suspicion")
    submit_colour = "warning"
    explanation = _(
        "The zone's higher night flow then counts as its normal one, and the band moves up to it "
        "within two weeks. Do this when a known cause explains it: a new customer who works at "
        "night, flushing, a valve that was opened."
    )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the suspected leak."""
        return reverse("leakage:leak", args=[self.kwargs["leak_id"]])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Suspected leaks"), reverse("leakage:leaks")),)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Dismiss it, with the reason."""
        leak_id = int(self.kwargs["leak_id"])
        actions.dismiss(
            leak_id=leak_id, by_id=who.id_of(request), reason=form.cleaned_data["reason"]
        )
        return reverse("leakage:leak", args=[leak_id])


class SetUp(kit.FormPage):
    """Say how a zone's balance is measured and what its water is worth."""

    title = _("How this zone is watched")
    permission = "leakage.configure"
    form_class = forms.SetUpForm
    submit_label = _("Save")
    explanation = _(
        "Night flow is what flows in, less what flows out, less the rise of the tank, less what "
        "customers' meters counted. Nights judged so far stay as they are."
    )

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with what holds now."""
        setup = queries.setup(self.kwargs["code"])
        if setup is None:
            return {"price_yuan": "3.00"}
        balance = queries.balance_of(setup)
        return {
            "inlets": ", ".join(balance.inlets),
            "outlets": ", ".join(balance.outlets),
            "level_point": balance.level_point or "",
            "tank_area_m2": balance.tank_area_m2,
            "meters": ", ".join(balance.meters),
            "price_yuan": f"{setup.price_cents_per_m3 / 100:.2f}",
        }

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to all zones."""
        code = self.kwargs["code"]
        return ((_("Night flow"), reverse("leakage:zones")), (shown.zone_name(code), ""))

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the zone."""
        if queries.setup(self.kwargs["code"]) is None:
            return reverse("network:zone", args=[self.kwargs["code"]])
        return reverse("leakage:zone", args=[self.kwargs["code"]])

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Save it."""
        values = form.cleaned_data
        level = values["level_point"].strip()
        actions.set_up_zone(
            self.kwargs["code"],
            inlets=values["inlets"],
            outlets=values["outlets"],
            storage=contracts.Storage(level, values["tank_area_m2"]) if level else None,
            meters=values["meters"],
            price_cents_per_m3=int(values["price_yuan"] * 100),
            watched_since=None,
            by_id=who.id_of(request),
        )
        return reverse("leakage:zone", args=[self.kwargs["code"]])
