"""Pages of crews: the list, one crew with its week, and the forms that change it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import models, queries, words
from huoshui.areas.fieldwork.actions import crews as actions
from huoshui.areas.fieldwork.queries import crews as crew_queries
from huoshui.areas.fieldwork.queries import stock as stock_queries
from huoshui.areas.fieldwork.web import labels, who
from huoshui.areas.fieldwork.web.choices import Named, NamedOne, keep_offering
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.organisation.forms import UnitField
from huoshui.kernel.pages import formats, kit

READ, MANAGE = "fieldwork.read_jobs", "fieldwork.manage_crews"
DAYS_SHOWN = 7


def crew_url(row: models.Crew) -> str:
    """Return the address of a crew's page."""
    return reverse("fieldwork:crew", args=[row.code])


def _skills(row: models.Crew) -> str:
    return formats.listed(words.name_of(one) for one in row.skills.all())


class Crews(kit.ListPage):
    """All crews."""

    title = _("Crews")
    permission = READ
    url_name = "fieldwork:crews"
    columns = (
        kit.Column("code", _("Number"), href=crew_url),
        kit.Column("name", _("Crew"), href=crew_url),
        kit.Column("skills", _("Skills"), value=_skills, sort=False),
        kit.Column("pattern", _("Shifts"), value=lambda row: words.name_of(row.pattern),
                   sort="pattern__code", phone=False),
        kit.Column("vehicle", _("Vehicle"), sort="vehicle__name"),
        kit.Column("depot", _("Depot"), sort="depot__name", phone=False),
        kit.Column("phone", _("Telephone"), phone=False, sort=False),
    )  # fmt: skip
    search = ("code", "name", "vehicle__name")
    default_sort = "code"
    empty = _("No crews yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the crews there are."""
        rows = crew_queries.crews().select_related("pattern", "vehicle", "depot")
        return rows.prefetch_related("skills")

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer a new crew, and what crews' work is made of."""
        found = [
            kit.link_button(label, reverse(f"fieldwork:{name}"), icon=icon)
            for label, name, icon in (
                (gettext("Skills"), "skills", "user-check"),
                (gettext("Shift patterns"), "patterns", "calendar"),
                (pgettext("job", "Types of jobs"), "types", "list-details"),
            )
        ]
        if permissions.holds(request.user, MANAGE):
            url = reverse("fieldwork:new-crew")
            found.append(kit.link_button(gettext("New crew"), url, colour="primary", icon="plus"))
        return found


class CrewPage(kit.DetailPage):
    """One crew: its people, skills and shifts, what it carries and has to do."""

    permission = READ
    template = "fieldwork/crew.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> models.Crew:
        """Return the crew, or answer that there is none."""
        row = crew_queries.crew(kwargs["code"])
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: models.Crew) -> str:
        """Return its name."""
        return obj.name

    def trail(self, request: HttpRequest, obj: models.Crew) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Crews"), reverse("fieldwork:crews")),)

    def facts(self, request: HttpRequest, obj: models.Crew) -> Sequence[kit.Section]:
        """Say who, what and when."""
        people = crew_queries.members(obj.pk)
        today = clock.local(clock.now()).date()
        week = [today + timedelta(days=number) for number in range(DAYS_SHOWN)]
        shifts = [crew_queries.shifts([obj], day).get(obj.pk) for day in week]
        return (
            kit.Section(
                _("Crew"),
                [
                    kit.Fact(_("Number"), obj.code),
                    kit.Fact(
                        pgettext_lazy("crew", "People"),
                        formats.listed(_person(one) for one in people) or None,
                    ),
                    kit.Fact(_("Skills"), _skills(obj) or None),
                    kit.Fact(_("Vehicle"), obj.vehicle),
                    kit.Fact(_("Depot"), obj.depot),
                    kit.Fact(_("Telephone"), obj.phone or None),
                    kit.Fact(_("Place last known"), obj.placed_at, format="moment"),
                ],
            ),
            kit.Section(
                _("Shifts"),
                [
                    kit.Fact(formats.short_day(day), _hours(shift) if shift else gettext("off"))
                    for day, shift in zip(week, shifts, strict=True)
                ],
            ),
        )

    def actions(self, request: HttpRequest, obj: models.Crew) -> Sequence[SafeString]:
        """Offer what may be changed."""
        if not permissions.may_in(request.user, MANAGE, obj.unit_id):
            return ()
        return tuple(
            kit.link_button(label, reverse(f"fieldwork:{name}", args=[obj.code]), icon=icon)
            for label, name, icon in (
                (gettext("Change"), "change-crew", "edit"),
                (gettext("People"), "crew-people", "users"),
                (gettext("Exception of a day"), "crew-day", "calendar"),
            )
        )

    def context(self, request: HttpRequest, obj: models.Crew) -> dict[str, Any]:
        """Add what it has to do and what lies in its vehicle."""
        stock = []
        if obj.vehicle_id is not None and permissions.holds(request.user, "fieldwork.read_stock"):
            rows = stock_queries.stock().filter(store_id=obj.vehicle_id, quantity__gt=0)
            stock = [
                {"name": words.name_of(one.part), "unit": one.part.unit, "quantity": one.quantity}
                for one in rows.order_by("part__code")
            ]
        return {
            "jobs": [
                {"number": one.number, "title": labels.title(one), "at": one.planned_at}
                for one in crew_queries.to_do(obj.pk)
            ],
            "stock": stock,
        }


def _person(one: models.CrewMember) -> str:
    name = str(one.user)
    return gettext("%(name)s (leader)") % {"name": name} if one.is_leader else name


def _hours(shift: tuple[datetime, datetime]) -> str:
    begin, end = (clock.local(one) for one in shift)
    return f"{begin:%H:%M}–{end:%H:%M}"


class CrewForm(forms.Form):
    """Everything about a crew but its people."""

    code = forms.SlugField(label=_("Number"), max_length=40, help_text=_("Such as Q-07."))
    name = forms.CharField(label=_("Crew"), max_length=80)
    skills = Named(
        label=_("Skills"),
        queryset=models.Skill.objects.filter(is_retired=False),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    pattern = NamedOne(
        label=_("Shifts"),
        queryset=models.ShiftPattern.objects.filter(is_retired=False),
        required=False,
    )
    pattern_offset_days = forms.IntegerField(
        label=_("Begins the cycle so many days in"), min_value=0, max_value=366, initial=0
    )
    depot = forms.ModelChoiceField(
        label=_("Depot"), required=False,
        queryset=models.Store.objects.filter(is_vehicle=False, is_retired=False),
    )  # fmt: skip
    vehicle = forms.ModelChoiceField(
        label=_("Vehicle"), required=False,
        queryset=models.Store.objects.filter(is_vehicle=True, is_retired=False),
    )  # fmt: skip
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    unit = UnitField(label=_("Unit in charge"), nothing=_("of no unit"))
    is_retired = forms.BooleanField(label=_("Not there any more"), required=False)


class NewCrew(kit.FormPage):
    """Add a crew."""

    title = _("New crew")
    permission = MANAGE
    once = True
    form_class: type[forms.BaseForm] = CrewForm

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin in the unit of whoever may add crews there only."""
        return {"unit": who.own_unit(request, MANAGE)}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Crews"), reverse("fieldwork:crews")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("fieldwork:crews")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Add it, and show it."""
        return self.keep(request, dict(form.cleaned_data), is_new=True)

    def keep(self, request: HttpRequest, values: dict[str, Any], *, is_new: bool) -> str:
        """Keep what was typed."""
        code, skills = values.pop("code"), values.pop("skills")
        row = actions.keep_crew(
            code, values=values, skills=[one.code for one in skills], is_new=is_new,
            by_id=who.id_of(request),
        )  # fmt: skip
        return crew_url(row)


class OfCrew(kit.FormPage):
    """A form about one crew."""

    permission = MANAGE

    @cached_property
    def crew(self) -> models.Crew:
        """The crew the address names."""
        row = crew_queries.crew(self.kwargs["code"])
        if row is None:
            raise Http404
        return row

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the crew."""
        return ((_("Crews"), reverse("fieldwork:crews")), (self.crew.name, crew_url(self.crew)))

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the crew."""
        return crew_url(self.crew)


class ChangeCrew(OfCrew):
    """Change a crew."""

    title = _("Change the crew")
    form_class = CrewForm

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return the form without its number, which stays."""
        form = CrewForm(**arguments)
        del form.fields["code"]
        row = self.crew
        keep_offering(form, skills=row.skills.all(), pattern=[row.pattern], depot=[row.depot],
                      vehicle=[row.vehicle])  # fmt: skip
        return form

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with the crew as it is."""
        row = self.crew
        return {
            "name": row.name, "skills": list(row.skills.all()), "pattern": row.pattern,
            "pattern_offset_days": row.pattern_offset_days, "depot": row.depot,
            "vehicle": row.vehicle, "phone": row.phone, "unit": row.unit_id,
            "is_retired": row.is_retired,
        }  # fmt: skip

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Change it."""
        values = dict(form.cleaned_data)
        skills = [one.code for one in values.pop("skills")]
        actions.keep_crew(self.crew.code, values=values, skills=skills, by_id=who.id_of(request))
        return crew_url(self.crew)


class PeopleForm(forms.Form):
    """Who belongs to a crew."""

    leader = forms.ModelChoiceField(label=_("Leader"), queryset=User.objects.none())
    people = forms.ModelMultipleChoiceField(
        label=pgettext_lazy("crew", "People"), queryset=User.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = User.objects.filter(pk__in=[one.pk for one in queries.crew()]).order_by("name")
        for name in ("leader", "people"):
            self.fields[name].queryset = able  # type: ignore[attr-defined]


class CrewPeople(OfCrew):
    """Say who belongs to a crew."""

    title = _("People of the crew")
    form_class = PeopleForm
    explanation = _("Whoever belongs to another crew leaves it.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with who belongs to it."""
        people = crew_queries.members(self.crew.pk)
        leader = next((one.user for one in people if one.is_leader), None)
        return {"leader": leader, "people": [one.user for one in people]}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it."""
        actions.set_members(
            self.crew.code, users=form.cleaned_data["people"],
            leader=form.cleaned_data["leader"], by_id=who.id_of(request),
        )  # fmt: skip
        return crew_url(self.crew)


class DayForm(forms.Form):
    """An exception of one day."""

    day = forms.DateField(
        label=pgettext_lazy("crew", "Day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    from_at = kit.MomentField(label=pgettext_lazy("time", "From"), required=False,
                              help_text=_("Both empty: the crew is off."))  # fmt: skip
    until = kit.MomentField(label=pgettext_lazy("crew", "Until"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Want both ends or none."""
        values = super().clean() or {}
        begin, end = values.get("from_at"), values.get("until")
        if (begin is None) != (end is None) or (begin and end and end <= begin):
            self.add_error("until", gettext("The shift must end after it begins."))
        return values


class CrewDayPage(OfCrew):
    """Let a crew work otherwise on one day."""

    title = _("Exception of a day")
    form_class = DayForm

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with today."""
        today: date = clock.local(clock.now()).date()
        return {"day": today}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep it."""
        values = form.cleaned_data
        begin, end = values["from_at"], values["until"]
        actions.set_day(
            self.crew.code, day=values["day"], shift=(begin, end) if begin else None,
            reason=values["reason"], by_id=who.id_of(request),
        )  # fmt: skip
        return crew_url(self.crew)
