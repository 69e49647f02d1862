"""Pages of construction sites near pipes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import belonging, kinds, queries, site_actions, words
from huoshui.areas.fieldwork.patrol.web import forms, maps, private
from huoshui.areas.fieldwork.patrol.web.rounds import MANAGE, READ
from huoshui.areas.fieldwork.web import labels, who
from huoshui.kernel import clock, files
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

RECORD = "fieldwork.record_patrol"
SETTLE = "fieldwork.settle_damage"
Step = kinds.SiteStep
RISKS = {str(code): pair for code, pair in words.RISKS.items()}
DEEDS = (
    (Step.VISITED, _("Note a visit"), "primary", "eye"),
    (Step.DISCLOSED, _("Pipes shown to the builder"), "", "clipboard-check"),
    (Step.DAMAGED, _("Pipe damaged"), "ghost-danger", "alert-triangle"),
    (Step.CLAIMED, _("Compensation claimed"), "", "coin"),
    (Step.PAID, _("Compensation paid"), "", "cash"),
    (Step.FINISHED, _("Site finished"), "", "check"),
)
STEP_OF = {str(step): step for step, *_rest in DEEDS}
AFTER_THE_END = (Step.DAMAGED, *site_actions.MONEY)


def site_url(row: models.ConstructionSite) -> str:
    """Return the address of a site's page."""
    return reverse("patrol:site", args=[row.number])


def _nearest(row: models.ConstructionSite) -> float | None:
    return row.near[0][1] if row.near else None


def _is_late(row: models.ConstructionSite) -> bool:
    due = queries.visit_due_at(row)
    return due is not None and due < clock.now()


def _due(row: models.ConstructionSite) -> datetime | None:
    return queries.visit_due_at(row)


def _kept(rows: Any, wanted: str) -> Any:
    if wanted == "over":
        return rows.filter(finished_at__isnull=False)
    if wanted == "late":
        late = [row.pk for row in rows.filter(finished_at__isnull=True) if _is_late(row)]
        return rows.filter(pk__in=late)
    if wanted == "unshown":
        return rows.filter(finished_at__isnull=True, disclosed_at__isnull=True)
    return rows.filter(finished_at__isnull=True) if wanted == "open" else rows


class Sites(kit.ListPage):
    """All construction sites."""

    title = _("Construction sites")
    permission = READ
    url_name = "patrol:sites"
    columns = (
        kit.Column("number", _("Number"), href=site_url),
        kit.Column("name", _("Construction site"), href=site_url),
        kit.Column("risk", _("Risk"), badge=RISKS, sort="visit_every_days"),
        kit.Column("builder", _("Builder"), phone=False),
        kit.Column("nearest", _("Nearest pipe"), value=_nearest, format=".0f", unit="m",
                   sort=False),
        kit.Column("due", _("Visit until"), value=_due, format="moment", sort=False),
        kit.Column("disclosed_at", _("Pipes shown"), format="moment", phone=False),
        kit.Column("finished_at", pgettext_lazy("site", "Finished"), format="moment",
                   phone=False, optional=True),
    )  # fmt: skip
    search = ("number", "name", "builder", "permit")
    filters = (
        kit.ChoiceFilter(
            "show", _("Show"), apply=_kept,
            choices=(("open", _("Not finished")), ("late", pgettext_lazy("site", "Visit overdue")),
                     ("unshown", _("Pipes not shown yet")),
                     ("over", pgettext_lazy("site", "Finished"))),
        ),
        kit.ChoiceFilter("risk", _("Risk"),
                         choices=[(code, pair[0]) for code, pair in RISKS.items()]),
    )  # fmt: skip
    default_sort = "-number"
    empty = _("No construction sites yet. Register one with the button above.")

    def rows(self, request: HttpRequest) -> Any:
        """Return all sites."""
        return queries.sites(is_open=False)

    def row_css(self, row: models.ConstructionSite) -> str:
        """Mark what should have been visited."""
        return "hs-row-alert" if _is_late(row) else ""

    def above(self, request: HttpRequest) -> SafeString | None:
        """Show those that are not finished on a map."""
        return maps.spots(request, reverse("api:fieldwork-patrol-sites"))

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new site."""
        if not permissions.holds(request.user, MANAGE):
            return ()
        url = reverse("patrol:new-site")
        return (kit.link_button(gettext("New site"), url, colour="primary", icon="plus"),)


class SitePage(kit.DetailPage):
    """One construction site: pipes near by, danger, what happened there."""

    permission = READ
    template = "fieldwork/site.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.ConstructionSite:
        """Return the site, or answer that there is none."""
        row = queries.site(kwargs["number"])
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.ConstructionSite) -> str:
        """Return number and name."""
        return f"{obj.number} {obj.name}"

    def badges(self, request: HttpRequest, obj: models.ConstructionSite) -> Sequence[SafeString]:
        """Show its danger, and what is late."""
        if obj.finished_at is not None:
            return (kit.badge(words.STEPS[Step.FINISHED][0], "secondary"),)
        level, colour = RISKS[obj.risk]
        found = [kit.badge(gettext("Risk: %(level)s") % {"level": level}, colour)]
        if _is_late(obj):
            found.append(kit.badge(pgettext("site", "Visit overdue"), "red"))
        if obj.disclosed_at is None:
            found.append(kit.badge(gettext("Pipes not shown yet"), "orange"))
        return found

    def trail(
        self, request: HttpRequest, obj: models.ConstructionSite
    ) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Construction sites"), reverse("patrol:sites")),)

    def facts(self, request: HttpRequest, obj: models.ConstructionSite) -> Sequence[kit.Section]:
        """Say who builds what, when, how, and how often it is looked at."""
        sees = private.sees_builder(request.user, obj)
        if sees and (obj.contact or obj.phone):
            private.note_builder(request.user, obj)
        return (
            kit.Section(
                _("Construction site"),
                [
                    kit.Fact(_("Builder"), obj.builder),
                    kit.Fact(_("Contact"), private.name_of(obj.contact, sees=sees) or None),
                    kit.Fact(_("Telephone"), private.phone_of(obj.phone, sees=sees) or None),
                    kit.Fact(_("Number of the permit"), obj.permit or None),
                    kit.Fact(_("Digs with"), words.MACHINES[obj.machine]),
                    kit.Fact(_("How deep"), obj.depth_m, unit="m", format=".1f"),
                    kit.Fact(_("Begins"), obj.begin_date, format="day"),
                    kit.Fact(_("Ends, expected"), obj.end_date, format="day"),
                ],
            ),
            kit.Section(
                pgettext_lazy("site", "Watching over it"),
                [
                    kit.Fact(_("Risk"), RISKS[obj.risk][0]),
                    kit.Fact(_("Visit every so many days"), obj.visit_every_days, format="d"),
                    kit.Fact(_("Last visit"), obj.visited_at, format="moment"),
                    kit.Fact(_("Visit until"), _due(obj), format="moment"),
                    kit.Fact(_("Pipes shown"), obj.disclosed_at, format="moment"),
                    kit.Fact(_("Registered"), obj.registered_at, format="moment"),
                ],
            ),
        )

    def actions(self, request: HttpRequest, obj: models.ConstructionSite) -> Sequence[SafeString]:
        """Offer what may be noted now."""
        found = []
        is_damaged = obj.events.filter(what=Step.DAMAGED).exists()
        for step, label, colour, icon in DEEDS:
            is_money = step in site_actions.MONEY
            if not belonging.may_at_site(request.user, SETTLE if is_money else RECORD, obj):
                continue
            if obj.finished_at is not None and step not in AFTER_THE_END:
                continue
            if is_money and not is_damaged:
                continue
            name = "patrol:site-money" if is_money else "patrol:site-event"
            url = reverse(name, args=[obj.number, str(step)])
            found.append(kit.link_button(label, url, colour=colour, icon=icon))
        if obj.finished_at is None and belonging.may_at_site(request.user, MANAGE, obj):
            url = reverse("patrol:change-site", args=[obj.number])
            found.append(kit.link_button(gettext("Change"), url, icon="edit"))
        return found

    def context(self, request: HttpRequest, obj: models.ConstructionSite) -> dict[str, Any]:
        """Add the map, the pipes near by and what happened."""
        sees = private.sees_builder(request.user, obj)
        events = list(queries.events_of(obj))
        pictures = queries.pictures_of(events)
        place = maps.point(obj.lon, obj.lat, role="stop")
        return {
            "map_props": maps.drawn(request, [place]),
            "near": [
                {"code": code, "url": labels.asset_url(code), "away": away, "bore": bore}
                for code, away, bore in obj.near
            ],
            "events": [
                {
                    "label": words.STEPS[one.what][0], "colour": words.STEPS[one.what][1],
                    "at": one.at, "by": one.by, "note": one.note,
                    "person": private.name_of(one.person, sees=sees),
                    "asset": one.asset_code, "asset_url": labels.asset_url(one.asset_code),
                    "amount": one.amount_yuan,
                    "photos": [*one.photos.all(), *pictures.get((one.by_id, one.photo_hash), [])],
                    "awaited": bool(one.photo_hash)
                    and (one.by_id, one.photo_hash) not in pictures,
                    "job": one.job.number if one.job else "",
                }
                for one in events
            ],
        }  # fmt: skip


class NewSite(kit.FormPage):
    """Register a construction site."""

    title = _("New construction site")
    permission = MANAGE
    once = True
    form_class = forms.SiteForm
    template = "fieldwork/placed_form.html"
    explanation = _(
        "Pipes near by are found by the place. Their bore and distance, the depth and the machine "
        "say how dangerous the site is and how often it is visited."
    )

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start today, at the place of the address."""
        return {
            "begin_date": clock.local(clock.now()).date(), "near_m": 50, "machine": "excavator",
            "lon": request.GET.get("lon", ""), "lat": request.GET.get("lat", ""),
        }  # fmt: skip

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the map on which the place is chosen."""
        return {"picker": maps.picker(request)}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Construction sites"), reverse("patrol:sites")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("patrol:sites")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Register it, and show it."""
        row = site_actions.register_site(values=form.cleaned_data, by_id=who.id_of(request))
        return site_url(row)


class OfSite(kit.FormPage):
    """A form about one site."""

    @cached_property
    def row(self) -> models.ConstructionSite:
        """The site the address names."""
        row = queries.site(self.kwargs["number"])
        if row is None:
            raise Http404
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the site."""
        return (
            (_("Construction sites"), reverse("patrol:sites")),
            (f"{self.row.number} {self.row.name}", site_url(self.row)),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the site."""
        return site_url(self.row)


class ChangeSite(OfSite):
    """Change a site."""

    title = _("Change the site")
    permission = MANAGE
    form_class = forms.SiteForm
    template = "fieldwork/placed_form.html"

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the map on which the place is chosen."""
        return {"picker": maps.picker(request)}

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the site as it is; refuses whose post does not reach its unit."""
        permissions.require_in(request.user, MANAGE, [belonging.of_site(self.row)])
        private.note_builder(request.user, self.row)
        return {name: getattr(self.row, name) for name in site_actions.FIELDS}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Change it."""
        site_actions.change_site(
            self.row.number, values=form.cleaned_data, by_id=who.id_of(request)
        )
        return site_url(self.row)


class SiteEventPage(OfSite):
    """Note what happened at a site."""

    permission = RECORD
    is_money = False

    @cached_property
    def step(self) -> kinds.SiteStep:
        """What the address says happened."""
        step = STEP_OF.get(self.kwargs["what"])
        if step is None or (step in site_actions.MONEY) != self.is_money:
            raise Http404
        return step

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Give the form its own key, so that a second press counts once."""
        return {"key": uuid.uuid4().hex}

    def heading(self, request: HttpRequest) -> Any:
        """Say what is noted."""
        return next(label for step, label, *_rest in DEEDS if step == self.step)

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form with the fields of this sort of event."""
        pipes = [code for code, *_rest in self.row.near]
        return forms.SiteEventForm(what=self.step, pipes=pipes, **arguments)

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Note it, and show the site."""
        values = dict(form.cleaned_data)
        by_id = who.id_of(request)
        photos = [files.read(one, "site_photo") for one in values.pop("photos", None) or ()]
        kept = [files.keep(one, by_id, "site_photo").pk for one in photos]
        site_actions.note_at_site(self.row.number, self.step, by_id=by_id, photo_ids=kept, **values)
        messages.success(request, gettext("It is noted."))
        return site_url(self.row)


class SiteMoneyPage(SiteEventPage):
    """Note what is claimed for damage, or was paid."""

    permission = SETTLE
    is_money = True
