"""Composing in steps: words, people, channels. Each step is kept as it is left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from huoshui.areas.announcements import (
    account_lists,
    actions,
    models,
    queries,
    refusals,
    rules,
)
from huoshui.areas.announcements import words as said_words
from huoshui.areas.announcements.contracts import Kind, Risk, State, Way
from huoshui.areas.announcements.web import deeds, shown
from huoshui.areas.announcements.web.forms import (
    LIST_BYTES_MAX,
    PeopleForm,
    WaysForm,
    WordsForm,
)
from huoshui.areas.customers import facade as customers
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit.excel import EXCEL


class _Step(kit.FormPage):
    """One step of composing."""

    permission = "announcements.compose"
    template = "announcements/step.html"
    submit_label = _("Keep and go on")
    step = ""

    @property
    def number(self) -> str:
        """The number of the draft, empty for one that is not begun."""
        return str(self.kwargs.get("number", ""))

    def row(self) -> models.Announcement | None:
        """Return the draft; one that was handed in is refused."""
        if not self.number:
            return None
        row = shown.row_of(self.number)
        if row.state != State.DRAFT:
            raise refusals.NotInThisState(self.number, row.state)
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        row = self.row()
        return shown.trail(row, self.title)

    def get_cancel_url(self, request: HttpRequest) -> str:
        return shown.url_of(self.number) if self.number else reverse("announcements:announcements")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        return {"steps": shown.steps(self.row(), self.step)}


class Words(_Step):
    """The words: kind, title, text, where, from when until when."""

    title = said_words.WORDS
    form_class = WordsForm
    step = "words"

    def heading(self, request: HttpRequest) -> Any:
        return self.number or _("Compose an announcement")

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = self.row()
        if row is not None:
            return {name: getattr(row, name) for name in WordsForm.base_fields}
        asked = request.GET.get("text", "")
        found = queries.wordings(offered_only=True).filter(pk=asked) if asked.isdigit() else None
        chosen = found.first() if found is not None else None
        if chosen is None:
            return {"is_public": True}
        names = ("kind", "title_zh", "text_zh", "title_en", "text_en")
        return {"is_public": True, **{name: getattr(chosen, name) for name in names}}

    def submit(self, request: HttpRequest, form: WordsForm) -> str:
        given = dict(form.cleaned_data)
        kind = Kind(given.pop("kind"))
        urgent = given.pop("is_urgent") or kind in rules.URGENT_KINDS
        said = actions.Composed(kind=kind, is_urgent=urgent, **given)
        by_id = request.user.pk
        if self.number:
            row = actions.reword(self.number, said, by_id=by_id)
        else:
            row = actions.compose(said, by_id=by_id)
        return reverse("announcements:people", args=[row.number])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        texts = [] if self.number else list(queries.wordings(offered_only=True))
        return {
            **super().context(request),
            "texts": [
                {"name": one.name, "url": f"?text={one.pk}", "kind": said_words.KINDS[one.kind]}
                for one in texts
            ],
        }


class People(_Step):
    """The people: an area on the map, estates, zones, an outage, a list, special care."""

    title = said_words.PEOPLE
    step = "people"

    @classmethod
    def bytes_max(cls) -> int:
        """Return the largest list with the form around it."""
        return LIST_BYTES_MAX + 100_000

    def get_form(self, request: HttpRequest, **arguments: Any) -> PeopleForm:
        row = self.row()
        return PeopleForm(listed=row.listed.count() if row else 0, **arguments)

    def heading(self, request: HttpRequest) -> Any:
        return self.number

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = self.row()
        assert row is not None
        return {
            "polygon": json.dumps(row.polygon) if row.polygon else "",
            "estates": row.estates,
            "zones": row.zones,
            "asset": row.trace_asset,
            "direction": row.trace_direction,
            "frost": Risk.FROST in row.risks,
            "special_care": Risk.SPECIAL_CARE in row.risks,
            "everyone": row.everyone,
        }

    def submit(self, request: HttpRequest, form: PeopleForm) -> str:
        given, by_id = form.cleaned_data, request.user.pk
        outage = None
        if given["asset"]:
            direction = given["direction"] or network_contracts.TraceDirection.SEGMENT
            outage = actions.Outage(
                asset_code=given["asset"].strip(),
                direction=network_contracts.TraceDirection(direction),
            )
        actions.choose_people(
            self.number,
            everyone=given["everyone"],
            polygon=given["polygon"],
            estates=given["estates"],
            zones=given["zones"],
            risks=[
                risk
                for risk, name in ((Risk.SPECIAL_CARE, "special_care"), (Risk.FROST, "frost"))
                if given[name]
            ],
            outage=outage,
            by_id=by_id,
        )
        if form.found is not None:
            count = actions.list_accounts(self.number, form.found.codes, by_id=by_id)
            messages.success(
                request,
                ngettext("%(n)s account of the list.", "%(n)s accounts of the list.", count)
                % {"n": count},
            )
        elif given.get("drop_list"):
            actions.list_accounts(self.number, (), by_id=by_id)
        return reverse("announcements:ways", args=[self.number])

    def context(self, request: HttpRequest) -> dict[str, Any]:
        row = self.row()
        assert row is not None
        return {
            **super().context(request),
            "area": area_props(row, field="id_polygon"),
            "listed": row.listed.count(),
        }


def area_props(row: models.Announcement, *, field: str = "") -> dict[str, Any] | None:
    """Return what the island needs that shows the area, and lets one be drawn into ``field``."""
    boxes = [box for code in network.zone_names() if (box := network.zone_bounds(code))]
    boxes += [
        (one.lon, one.lat, one.lon, one.lat)
        for one in customers.estates()
        if one.lon is not None and one.lat is not None
    ]
    if row.west is not None:
        boxes = [(row.west, row.south, row.east, row.north)]  # type: ignore[list-item]
    if not boxes:
        return None
    west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
    east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
    ground = network.small_map_of(lon=west, lat=south)
    return {
        "tiles": ground["tiles"] if ground else None,
        "bounds": (west, south, east, north),
        "polygon": row.polygon,
        "field": field,
    }


class Ways(_Step):
    """The channels."""

    title = said_words.CHANNELS
    form_class = WaysForm
    step = "ways"

    def heading(self, request: HttpRequest) -> Any:
        return self.number

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = self.row()
        assert row is not None
        personal = [way for way in row.ways if way in rules.PERSONAL_WAYS]
        first = personal[0] if personal and row.first_way_only else "all"
        return {
            "ways": row.ways,
            "order": first if first in ("wechat", "sms") else "all",
            "staff_posts": row.staff_posts,
        }

    def submit(self, request: HttpRequest, form: WaysForm) -> str:
        given = form.cleaned_data
        order = {
            "sms": (Way.SMS, Way.WECHAT, Way.EMAIL),
        }.get(given["order"], rules.PERSONAL_WAYS)
        chosen = set(given["ways"])
        ways = [way for way in (*order, *rules.BROADCAST_WAYS) if way in chosen]
        row = actions.choose_ways(
            self.number,
            ways,
            first_way_only=given["order"] != "all",
            staff_posts=given["staff_posts"],
            by_id=request.user.pk,
        )
        if any(way in rules.PERSONAL_WAYS for way in row.ways):
            return deeds.find_people(request, row)
        return shown.url_of(self.number)


@permissions.needs("announcements.compose")
def list_template(request: HttpRequest) -> HttpResponse:
    """Give an Excel file to fill in with account numbers."""
    response = HttpResponse(content_type=EXCEL)
    response["Content-Disposition"] = 'attachment; filename="accounts.xlsx"'
    account_lists.template(response)  # type: ignore[arg-type]
    return response
