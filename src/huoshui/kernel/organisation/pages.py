"""Pages of the organisation: the tree of a day, one unit with its history, and forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User
from huoshui.kernel.organisation import actions, forms, tree
from huoshui.kernel.organisation.models import Kind, Membership, Unit, UnitPeriod
from huoshui.kernel.pages import kit

READ, MANAGE = "organisation.read", "organisation.manage"


def _asked(query: QueryDict) -> date | None:
    try:
        return date.fromisoformat(query.get("day", ""))
    except ValueError:
        return None


class DayFilter(kit.Filter):
    """The day whose tree is shown; the rows are made for it, so nothing is left to narrow."""

    def given(self, query: QueryDict) -> list[tuple[str, str]]:
        day = _asked(query)
        return [(self.name, day.isoformat())] if day else []

    def narrow(self, rows: Any, query: QueryDict) -> Any:
        return rows

    def controls(self, query: QueryDict) -> SafeString:
        return format_html(
            '<label class="hs-filter"><span>{}</span>'
            '<input type="date" class="form-control" name="{}" value="{}"></label>',
            self.label,
            self.name,
            query.get(self.name, ""),
        )


def _drawn_in(row: dict[str, Any]) -> SafeString:
    """Draw a unit's name in by its depth, as a link."""
    return format_html(
        '{}<a href="{}">{}</a>',
        "　" * row["depth"],
        reverse("organisation:unit", args=[row["code"]]),
        row["name"],
    )


class Units(kit.ListPage):
    """The tree of the organisation on a day."""

    title = _("Organisation")
    permission = READ
    url_name = "organisation:units"
    columns = (
        kit.Column("name", _("Unit"), value=_drawn_in),
        kit.Column("code", _("Unit code"), sort=False, phone=False),
        kit.Column("kind", _("Kind of unit"), labels=dict(Kind.choices), sort=False),
        kit.Column("people", _("People"), format="d", sort=False),
        kit.Column("from_date", _("So since"), sort=False, phone=False),
    )
    search = ("code", "name_zh", "name_en")
    filters = (
        DayFilter("day", _("On the day")),
        kit.ChoiceFilter("kind", _("Kind of unit"), choices=Kind.choices),
    )
    page_size = 200
    empty = _("The organisation has not been described yet. Add the topmost unit first.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        day = _asked(request.GET) or tree.today()
        counts = Membership.objects.valid_on(day).values_list("unit_id").annotate(Count("user_id"))
        people = dict(counts)
        return [
            {
                "depth": depth,
                "code": node.code,
                "name": node.name,
                "name_zh": node.name_zh,
                "name_en": node.name_en,
                "kind": node.kind,
                "people": people.get(node.pk, 0),
                "from_date": node.from_date,
            }
            for depth, node in tree.on(day).walk()
        ]

    def row_href(self, row: Any) -> str:
        return reverse("organisation:unit", args=[row["code"]])

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, MANAGE):
            return ()
        address = reverse("organisation:new_unit")
        bring = reverse("intake:bring", args=["organisation"])
        return [
            kit.link_button(_("Import from a table"), bring, icon="upload"),
            kit.link_button(_("Add a unit"), address, colour="primary", icon="plus"),
        ]


def _unit(code: str) -> Unit:
    return get_object_or_404(Unit, code=code)


class UnitDetail(kit.DetailPage):
    """One unit: what it is today, its parts and people, and everything it ever was."""

    permission = READ

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Unit:
        return _unit(kwargs["code"])

    def heading(self, request: HttpRequest, obj: Unit) -> Any:
        latest = obj.periods.order_by("from_date").last()
        return tree.on().name_of(obj.pk) or (latest.name_zh if latest else obj.code)

    def trail(self, request: HttpRequest, obj: Unit) -> Sequence[tuple[Any, str]]:
        above = tree.on().path(obj.pk)[:-1]
        return [
            (_("Organisation"), reverse("organisation:units")),
            *((one.name, reverse("organisation:unit", args=[one.code])) for one in above),
        ]

    def badges(self, request: HttpRequest, obj: Unit) -> Sequence[SafeString]:
        if obj.periods.valid_on(tree.today()).exists():
            return ()
        if obj.periods.filter(from_date__gt=tree.today()).exists():
            return [kit.badge(_("Planned"), "blue")]
        return [kit.badge(_("No longer exists"), "secondary")]

    def facts(self, request: HttpRequest, obj: Unit) -> Sequence[kit.Section]:
        day = tree.today()
        units = tree.on(day)
        names = dict(Kind.choices)
        node = units.nodes.get(obj.pk)
        parts = [
            kit.Fact(names[one.kind], one.name, href=reverse("organisation:unit", args=[one.code]))
            for one in units.parts.get(obj.pk, ())
        ]
        members = Membership.objects.valid_on(day).filter(unit=obj).select_related("user")
        people = [
            kit.Fact(one.user.username, one.user.name, note=_since(one.from_date))
            for one in members.order_by("user__name")
        ]
        present = [
            kit.Fact(_("Unit code"), obj.code),
            kit.Fact(_("Kind of unit"), names[node.kind] if node else None),
            kit.Fact(_("Chinese name"), node.name_zh if node else None),
            kit.Fact(_("English name"), node.name_en if node else None),
        ]
        return [
            kit.Section(pgettext_lazy("organisation", "Today"), present),
            *([kit.Section(_("Parts of the unit"), parts)] if parts else []),
            *([kit.Section(_("People"), people)] if people else []),
            kit.Section(_("History of the unit"), self._history(obj, units)),
        ]

    def _history(self, obj: Unit, units: tree.Tree) -> list[kit.Fact]:
        names = dict(Kind.choices)
        rows = obj.periods.select_related("parent").order_by("-from_date")
        return [
            kit.Fact(
                _period(row),
                f"{row.name_zh} / {row.name_en}",
                note=" · ".join(
                    str(word)
                    for word in (
                        names[row.kind],
                        units.name_of(row.parent_id) or (row.parent.code if row.parent else ""),
                    )
                    if word
                ),
            )
            for row in rows
        ]

    def actions(self, request: HttpRequest, obj: Unit) -> Sequence[SafeString]:
        if not permissions.holds(request.user, MANAGE):
            return ()
        below = f"{reverse('organisation:new_unit')}?parent={obj.pk}"
        return [
            kit.link_button(_("Add a part"), below, icon="plus"),
            kit.link_button(
                _("Rename or move"), reverse("organisation:change_unit", args=[obj.code])
            ),
            kit.link_button(
                _("Close the unit"), reverse("organisation:close_unit", args=[obj.code])
            ),
        ]


def _since(day: date) -> Any:
    return _("since %(day)s") % {"day": day.isoformat()}


def _period(row: UnitPeriod) -> str:
    return f"{row.from_date.isoformat()} – {row.until_date.isoformat() if row.until_date else ''}"


class NewUnit(kit.FormPage):
    """Add a unit from a day on."""

    title = _("Add a unit")
    permission = MANAGE
    form_class = forms.NewUnitForm
    submit_label = _("Add")
    cancel_url = "../"

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return [(_("Organisation"), reverse("organisation:units"))]

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "parent": request.GET.get("parent", ""),
            "from_date": tree.today(),
            "kind": Kind.DEPARTMENT.value,
        }

    def submit(self, request: HttpRequest, form: Any) -> str:
        unit = actions.add_unit(**form.cleaned_data, by_id=request.user.pk)
        return reverse("organisation:unit", args=[unit.code])


class OneUnitForm(kit.FormPage):
    """A form about one unit."""

    permission = MANAGE

    def unit(self) -> Unit:
        return _unit(self.kwargs["code"])

    def home(self) -> str:
        return reverse("organisation:unit", args=[self.kwargs["code"]])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        name = tree.on().name_of(self.unit().pk) or self.kwargs["code"]
        return [(_("Organisation"), reverse("organisation:units")), (name, self.home())]

    def get_cancel_url(self, request: HttpRequest) -> str:
        return self.home()


class ChangeUnit(OneUnitForm):
    """Rename or move a unit from a day on."""

    title = _("Rename or move")
    form_class = forms.UnitForm
    explanation = _("What the unit was before that day stays in its history.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        node = tree.on().nodes.get(self.unit().pk)
        if node is None:
            raise Http404
        return {
            "name_zh": node.name_zh,
            "name_en": node.name_en,
            "kind": node.kind,
            "parent": node.parent or "",
            "from_date": tree.today(),
        }

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.change_unit(self.unit(), **form.cleaned_data, by_id=request.user.pk)
        return self.home()


class CloseUnit(OneUnitForm):
    """Close a unit from a day on."""

    title = _("Close the unit")
    form_class = forms.CloseForm
    submit_label = _("Close the unit")
    submit_colour = "danger"
    explanation = _("Its history stays. Parts, people and posts must have moved elsewhere before.")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        return {"until_date": tree.today()}

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.close_unit(self.unit(), **form.cleaned_data, by_id=request.user.pk)
        return self.home()


class PlaceUser(kit.FormPage):
    """Say where a person belongs from a day on."""

    title = _("Place in the organisation")
    permission = MANAGE
    form_class = forms.PlaceForm

    def user(self) -> User:
        return get_object_or_404(User, pk=self.kwargs["pk"])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        user = self.user()
        return [(user.name, reverse("accounts:user", args=[user.pk]))]

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("accounts:user", args=[self.kwargs["pk"]])

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        row = Membership.objects.valid_on(tree.today()).filter(user=self.user()).first()
        return {"unit": row.unit_id if row else "", "from_date": tree.today()}

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.place_user(self.user(), **form.cleaned_data, by_id=request.user.pk)
        return self.get_cancel_url(request)


urlpatterns = [
    Units.path("system/organisation/", name="units"),
    NewUnit.path("system/organisation/new/", name="new_unit"),
    UnitDetail.path("system/organisation/units/<str:code>/", name="unit"),
    ChangeUnit.path("system/organisation/units/<str:code>/change/", name="change_unit"),
    CloseUnit.path("system/organisation/units/<str:code>/close/", name="close_unit"),
    PlaceUser.path("system/users/<int:pk>/place/", name="place_user"),
]
