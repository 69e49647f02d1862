"""The cards of areas, the table that compares them, and the form that names a team."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import actions, area_cards, choices, queries, small_map, teams, units
from huoshui.areas.network.contracts import cards as contracts
from huoshui.areas.network.models import Zone
from huoshui.areas.network.web.shown import url_of_code, zone_url
from huoshui.kernel import audit
from huoshui.kernel.accounts import permissions, personal
from huoshui.kernel.accounts.models import User
from huoshui.kernel.organisation import tree
from huoshui.kernel.organisation.forms import UnitField, day_field
from huoshui.kernel.pages import formats, kit

GIVE = "network.give_teams"
COLOURS = {
    contracts.CardState.GOOD: "green",
    contracts.CardState.WATCH: "orange",
    contracts.CardState.BAD: "red",
}
TEAM_OF = {
    contracts.Duty.OPERATION: _("Team for operation"),
    contracts.Duty.PATROL: _("Team for patrol"),
    contracts.Duty.LEAKAGE: _("Team for leakage"),
    contracts.Duty.REPAIR: _("Team for repair"),
    contracts.Duty.DATA: _("Team for data"),
}


def area_url(code: str) -> str:
    """Return the address of an area's card."""
    return url_of_code("network:area", code)


def _href(key: str, row: Mapping[str, Any]) -> str | None:
    figure = row["figures"].get(key)
    return figure.href or None if figure else None


class Areas(kit.ListPage):
    """All areas with their teams and figures, to compare."""

    title = _("Area cards")
    permission = "network.read"
    url_name = "network:areas"
    search = ("code", "name", "name_en", *(f"team_{duty}" for duty in contracts.Duty))
    filters = (kit.ChoiceFilter("kind", _("Kind"), choices=choices.ZONE_KINDS.items()),)
    default_sort = "code"
    empty = _("No zones yet. They come with the network, or are assigned by a program.")

    @cached_property
    def lines(self) -> list[contracts.CardLines]:
        """What this reader may see of the cards."""
        return area_cards.for_reader(self.request.user)

    @property
    def columns(self) -> Sequence[kit.Column]:  # type: ignore[override]
        """The area and its teams, then a column for each line of the cards."""
        return (
            kit.Column("code", _("Code"), href=lambda row: area_url(row["code"])),
            kit.Column("shown_name", _("Name"), href=lambda row: area_url(row["code"])),
            kit.Column("kind", _("Kind"), labels=choices.ZONE_KINDS, phone=False),
            *(
                kit.Column(f"team_{duty}", TEAM_OF[duty], optional=duty != contracts.Duty.OPERATION)
                for duty in contracts.Duty
            ),
            *(
                kit.Column(
                    f"{lines.id}_{one.key}", one.label, unit=one.unit, format=one.format,
                    href=functools.partial(_href, f"{lines.id}_{one.key}"),
                    optional=not one.is_listed, phone=one.is_listed,
                )
                for lines in self.lines for one in lines.columns
            ),
        )  # fmt: skip

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return every zone with the figures of itself and its parts."""
        listed = queries.zone_rows()
        figures = area_cards.gather(self.lines, teams.areas())
        responsible, names = teams.by_zone(), tree.on()
        keys = [f"{lines.id}_{one.key}" for lines in self.lines for one in lines.columns]
        return [
            {
                **row,
                **{key: _value(figures[row["code"]].get(key)) for key in keys},
                "figures": figures[row["code"]],
                **{
                    f"team_{duty}": names.name_of(one.unit_id)
                    if (one := responsible[row["code"]].get(contracts.Duty(duty)))
                    else ""
                    for duty in choices.DUTIES
                },
            }
            for row in listed
        ]  # fmt: skip


def _value(figure: contracts.CardFigure | None) -> float | None:
    return figure.value if figure else None


def _shown(figure: contracts.CardFigure | None, column: contracts.CardColumn) -> Any:
    """Return a figure as the card shows it: in colour where it says whether somebody is needed."""
    if figure is None or figure.value is None:
        return None
    colour = COLOURS.get(figure.state)
    words = formats.text(figure.value, column.format)
    return kit.badge(words, colour) if colour else words


class AreaCard(kit.DetailPage):
    """One area: its team, and every indicator there is of it."""

    permission = "network.read"
    template = "network/area_card.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Mapping[str, Any]:
        """Return the zone."""
        found = queries.zone_rows(kwargs["code"])
        if not found:
            raise Http404
        return found[0]

    def heading(self, request: HttpRequest, obj: Mapping[str, Any]) -> Any:
        """Return the area's name."""
        return obj["shown_name"]

    def trail(self, request: HttpRequest, obj: Mapping[str, Any]) -> Sequence[tuple[Any, str]]:
        """Lead back to the table."""
        return ((_("Area cards"), reverse("network:areas")), (obj["code"], ""))

    def actions(self, request: HttpRequest, obj: Mapping[str, Any]) -> Sequence[SafeString]:
        """Lead to the zone, and to naming a team."""
        give = kit.link_button(
            _("Name a team"), reverse("network:give_team", args=[obj["code"]]), icon="users"
        )
        return (
            *([give] if permissions.holds(request.user, GIVE) else []),
            kit.link_button(_("Zone"), zone_url(obj["code"]), icon="layout-grid"),
        )

    def facts(self, request: HttpRequest, obj: Mapping[str, Any]) -> Sequence[kit.Section]:
        """Return a section for each part of the product that says something of the area."""
        lines = area_cards.for_reader(request.user)
        areas = teams.areas([obj["code"]])
        figures = area_cards.gather(lines, areas)[obj["code"]]
        return [
            kit.Section(one.label, [_fact(one, column, figures) for column in one.columns])
            for one in lines
            if any(f"{one.id}_{column.key}" in figures for column in one.columns)
        ]

    def context(self, request: HttpRequest, obj: Mapping[str, Any]) -> dict[str, Any]:
        """Return the team, and who it was before."""
        code = obj["code"]
        names = tree.on()
        zones = dict(queries.zone_choices())
        present = teams.by_zone()[code]
        people = User.objects.in_bulk([one.person_id for one in present.values() if one.person_id])
        rows, shown_full = [], False
        for duty, label in choices.DUTIES.items():
            team = present.get(contracts.Duty(duty))
            person = people.get(team.person_id) if team and team.person_id else None
            rows.append({"duty": label, "team": team, "person": person, "phone": ""})
            if team is None:
                continue
            rows[-1]["unit"] = names.name_of(team.unit_id)
            rows[-1]["of_zone"] = zones[team.of_zone] if team.of_zone != code else ""
            if person is not None:
                rows[-1]["phone"] = personal.phone_for(request.user, person.phone, team.unit_id)
                shown_full |= bool(person.phone) and personal.may_see(request.user, team.unit_id)
        if shown_full:
            audit.record(request.user.pk, "network.team_read", f"zone:{code}", {})
        in_charge = units.of_zone(code)
        return {
            "team_rows": rows,
            "former": [
                {"duty": choices.DUTIES[one.duty], "unit": names.name_of(one.unit_id),
                 "person": one.person, "from_date": one.from_date, "until_date": one.until_date}
                for one in teams.history(code) if one.until_date is not None
            ],
            "in_charge": names.name_of(in_charge),
            "parts": len(teams.areas([code])[code]) - 1,
            "map_props": small_map.of_zone(code),
        }  # fmt: skip


def _fact(
    lines: contracts.CardLines,
    column: contracts.CardColumn,
    figures: Mapping[str, contracts.CardFigure],
) -> kit.Fact:
    figure = figures.get(f"{lines.id}_{column.key}")
    return kit.Fact(
        column.label, _shown(figure, column), column.unit,
        href=figure.href if figure else "", note=figure.note if figure else "",
    )  # fmt: skip


class TeamForm(forms.Form):
    """For which duties, who, and from when."""

    duties = forms.MultipleChoiceField(
        label=_("Responsible for"), widget=forms.CheckboxSelectMultiple,
        choices=choices.DUTIES.items(),
    )  # fmt: skip
    unit = UnitField(label=_("Unit"), nothing=_("as of the zone above"))
    person = forms.ModelChoiceField(
        label=_("Person in charge"), required=False, queryset=User.objects.none(),
        empty_label=pgettext_lazy("person", "anybody of the unit"),
    )  # fmt: skip
    from_date = day_field(_("From the day"))

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        people = User.objects.filter(is_active=True, is_service=False).order_by("name", "username")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class GiveTeam(kit.FormPage):
    """Say which team is responsible for an area."""

    title = _("Team of the area")
    permission = GIVE
    form_class = TeamForm
    explanation = _(
        "One team may take several duties. What it replaces stays on record with its days. Without "
        "a unit the area has no team of its own: that of the zone above does it."
    )

    @cached_property
    def zone(self) -> Zone:
        """The zone that the address names."""
        found = Zone.objects.filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the card."""
        return (
            (_("Area cards"), reverse("network:areas")),
            (queries.name_of(self.zone), area_url(self.zone.code)),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the card."""
        return area_url(self.zone.code)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin today, with every duty."""
        return {"from_date": tree.today(), "duties": list(choices.DUTIES)}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Make them responsible."""
        given = form.cleaned_data
        actions.give_team(
            self.zone.code, given["duties"], given["unit"], person=given["person"],
            from_date=given["from_date"], by_id=request.user.pk,
        )  # fmt: skip
        messages.success(request, gettext("Kept."))
        return area_url(self.zone.code)
