"""Lists and forms of whoever keeps the stores: parts, stores, vehicles, what should lie in them."""

from __future__ import annotations

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

from huoshui.areas.fieldwork import models, words
from huoshui.areas.fieldwork.actions import stock as actions
from huoshui.areas.fieldwork.queries import stock as queries
from huoshui.areas.fieldwork.web import set_up, who
from huoshui.areas.fieldwork.web.choices import NamedOne
from huoshui.areas.fieldwork.web.stock import PART, QUANTITY_MAX, READ
from huoshui.kernel.accounts import permissions
from huoshui.kernel.organisation.forms import UnitField
from huoshui.kernel.pages import kit

MANAGE = "fieldwork.manage_stock"
STOCK = (_("Stock"), "fieldwork:stock")
PARTS_HOME = (pgettext_lazy("stock", "Parts list"), "fieldwork:parts")
STORES_HOME = (_("Stores and vehicles"), "fieldwork:stores")
MINIMUMS_HOME = (_("Minimums"), "fieldwork:minimums")


class StoreRoomList(set_up.SetUpList):
    """A list that the store keeper keeps."""

    permission = READ
    manage = MANAGE
    back = STOCK


class PartForm(set_up.NamesForm):
    """One part."""

    unit = forms.CharField(label=_("What is counted"), max_length=40)
    is_meter = forms.BooleanField(
        label=_("It is a water meter"), required=False,
        help_text=_("The exchange of a meter on the phone takes one from the vehicle by itself."),
    )  # fmt: skip
    is_retired = forms.BooleanField(
        label=set_up.RETIRE, required=False, help_text=set_up.RETIRE_HELP
    )


class Parts(StoreRoomList):
    """All parts."""

    title = PARTS_HOME[0]
    url_name = "fieldwork:parts"
    new, new_label = "new-part", _("New part")
    columns = (
        kit.Column("name", PART, value=words.name_of, sort="code",
                   href=lambda row: reverse("fieldwork:change-part", args=[row.code])),
        kit.Column("code", _("Code")),
        kit.Column("unit", pgettext_lazy("stock", "Unit"), sort=False),
        kit.Column("total", _("In all stores and vehicles"), format="d", sort=False,
                   value=lambda row: row.total),
        kit.Column("is_meter", _("Water meter"), labels={True: _("yes"), False: ""}, phone=False,
                   sort=False),
        kit.Column("is_retired", _("State"), badge=set_up.RETIRED, sort=False),
    )  # fmt: skip
    search = ("code", "name_zh", "name_en")
    filters = (set_up.retired_filter(),)
    default_sort = "code"
    empty = _("No parts yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the parts with what lies of each."""
        return queries.parts_with_totals()


class KeepPart(set_up.Keep):
    """Add a part, or change it."""

    title = _("New part")
    permission = MANAGE
    form_class = PartForm
    home = PARTS_HOME
    said = _("The part is kept.")

    def row(self, code: str) -> Any:
        """Return the part."""
        return models.Part.objects.filter(code=code).first()

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Start with it as it is."""
        row = self.kept
        if not row:
            return {}
        return {**set_up.names_of(row), "unit": row.unit, "is_meter": row.is_meter}

    def keep(self, code: str, values: dict[str, Any], by_id: int) -> None:
        """Keep the part."""
        actions.keep_part(code, **values, is_new=self.kept is None, by_id=by_id)


class StoreForm(forms.Form):
    """One store or vehicle."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name or number plate"), max_length=80)
    is_vehicle = forms.BooleanField(label=_("It is a vehicle"), required=False)
    lon = forms.FloatField(label=_("Longitude"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("Latitude"), required=False, min_value=-90, max_value=90)
    unit = UnitField(label=_("Unit in charge"), nothing=_("of no unit"))
    is_retired = forms.BooleanField(
        label=set_up.RETIRE, required=False, help_text=set_up.RETIRE_HELP
    )

    def clean(self) -> dict[str, Any]:
        """Want both or none of the coordinates."""
        values = super().clean() or {}
        if (values.get("lon") is None) != (values.get("lat") is None):
            self.add_error("lat", gettext("Give both, or neither."))
        return values


def _where(rows: Any, wanted: str) -> Any:
    return rows.filter(is_vehicle=wanted == "vehicle")


def _crew(row: models.Store) -> str:
    crew = getattr(row, "crew", None)
    return crew.name if crew else ""


class Stores(StoreRoomList):
    """All stores and vehicles."""

    title = STORES_HOME[0]
    url_name = "fieldwork:stores"
    new, new_label = "new-store", _("New store")
    columns = (
        kit.Column("name", _("Store or vehicle"),
                   href=lambda row: reverse("fieldwork:change-store", args=[row.code])),
        kit.Column("code", _("Code")),
        kit.Column("is_vehicle", pgettext_lazy("store", "Sort"),
                   labels={True: _("Vehicle"), False: _("Store")}),
        kit.Column("crew", _("Crew"), value=_crew, sort=False),
        kit.Column("total", _("Pieces in it"), format="d", sort=False,
                   value=lambda row: row.total),
        kit.Column("is_retired", _("State"), badge=set_up.RETIRED, sort=False),
    )  # fmt: skip
    search = ("code", "name")
    filters = (
        set_up.retired_filter(),
        kit.ChoiceFilter("where", pgettext_lazy("store", "Sort"), apply=_where,
                         choices=(("store", _("Stores")), ("vehicle", _("Vehicles")))),
    )  # fmt: skip
    default_sort = "code"
    empty = _("No stores yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the stores with what lies in each."""
        return queries.stores_with_totals()


class KeepStore(set_up.Keep):
    """Add a store or vehicle, or change it."""

    title = _("New store")
    permission = MANAGE
    form_class = StoreForm
    home = STORES_HOME
    said = _("The store is kept.")

    def heading(self, request: HttpRequest) -> Any:
        """Name what is changed."""
        return self.kept.name if self.kept else self.title

    def row(self, code: str) -> Any:
        """Return the store."""
        return models.Store.objects.filter(code=code).first()

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Start with it as it is."""
        row = self.kept
        if not row:
            return {"unit": who.own_unit(request, MANAGE)}
        return {
            "name": row.name, "is_vehicle": row.is_vehicle, "lon": row.lon, "lat": row.lat,
            "unit": row.unit_id, "is_retired": row.is_retired,
        }  # fmt: skip

    def keep(self, code: str, values: dict[str, Any], by_id: int) -> None:
        """Keep the store."""
        unit = values.pop("unit")
        actions.keep_store(
            code, **values, unit_id=unit.pk if unit else None, is_new=self.kept is None,
            by_id=by_id,
        )  # fmt: skip


class Minimums(StoreRoomList):
    """What should lie where, by season."""

    title = MINIMUMS_HOME[0]
    url_name = "fieldwork:minimums"
    new, new_label = "set-minimum", _("Minimum of a season")
    columns = (
        kit.Column("store", _("Store or vehicle"), sort="store__code"),
        kit.Column("part", PART, value=lambda row: words.name_of(row.part), sort="part__code",
                   href=lambda row: f"{reverse('fieldwork:set-minimum')}?minimum={row.pk}"),
        kit.Column("quantity", _("Minimum"), format="d"),
        kit.Column("months", _("Months"), sort="from_month",
                   value=lambda row: f"{row.from_month}–{row.until_month}"),
        kit.Column("lies", _("Lies there now"), format="d", sort=False,
                   value=lambda row: row.lies),
    )  # fmt: skip
    search = ("store__name", "store__code", "part__code", "part__name_zh", "part__name_en")
    filters = (
        kit.ChoiceFilter("store", _("Store or vehicle"), field="store__code",
                         choices=lambda: [(one.code, one.name) for one in queries.stores()]),
    )  # fmt: skip
    default_sort = "store"
    empty = _("No minimums yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the minimums with what lies there now."""
        return queries.minimum_rows()

    def row_css(self, row: Any) -> str:
        """Nothing steps back here."""
        return ""


class MinimumForm(forms.Form):
    """How many should lie there in a season."""

    store = forms.ModelChoiceField(
        label=_("Store or vehicle"), queryset=models.Store.objects.filter(is_retired=False)
    )
    part = NamedOne(label=PART, queryset=models.Part.objects.filter(is_retired=False))
    quantity = forms.IntegerField(
        label=_("Minimum"), min_value=0, max_value=QUANTITY_MAX,
        help_text=_("Zero takes the demand away."),
    )  # fmt: skip
    from_month = forms.IntegerField(label=_("First month"), min_value=1, max_value=12, initial=1)
    until_month = forms.IntegerField(label=_("Last month"), min_value=1, max_value=12, initial=12)


class SetMinimum(kit.FormPage):
    """Say how many of a part should lie in a store."""

    title = _("Minimum of a season")
    permission = MANAGE
    once = True
    form_class = MinimumForm

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((STOCK[0], reverse(STOCK[1])), (MINIMUMS_HOME[0], reverse(MINIMUMS_HOME[1])))

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse(MINIMUMS_HOME[1])

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        """Start with the minimum that the address names."""
        wanted = request.GET.get("minimum", "")
        named = int(wanted) if wanted.isdecimal() and len(wanted) < 16 else 0
        row = models.StockMinimum.objects.filter(pk=named).first()
        if row is None:
            return {}
        return {
            "store": row.store_id, "part": row.part_id, "quantity": row.quantity,
            "from_month": row.from_month, "until_month": row.until_month,
        }  # fmt: skip

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep the minimum."""
        values = form.cleaned_data
        actions.keep_minimum(
            values["store"].code, values["part"].code, values["quantity"],
            from_month=values["from_month"], until_month=values["until_month"],
            by_id=who.id_of(request),
        )  # fmt: skip
        messages.success(request, gettext("The minimum is kept."))
        return reverse(MINIMUMS_HOME[1])


def _settle_url(row: models.StockMovement) -> str:
    return reverse("fieldwork:settle", args=[row.pk])


class Differences(StoreRoomList):
    """What was found apart from the books and waits for the store keeper."""

    title = _("Differences to settle")
    url_name = "fieldwork:differences"
    columns = (
        kit.Column("at", _("When"), format="moment"),
        kit.Column("part", PART, value=lambda row: words.name_of(row.part), sort="part__code",
                   href=_settle_url),
        kit.Column("quantity", _("Quantity"), format="d"),
        kit.Column("which", _("Books were"), sort=False, value=lambda row: row.from_store is None,
                   badge={True: (_("too low"), "orange"), False: (_("too high"), "purple")}),
        kit.Column("store", _("Store or vehicle"), sort=False,
                   value=lambda row: row.to_store or row.from_store),
        kit.Column("job", _("Job"), sort="job__number", phone=False,
                   href=lambda row: reverse("fieldwork:job", args=[row.job.number])
                   if row.job else None),
        kit.Column("by", pgettext_lazy("stock", "Who"), sort="by__name", phone=False),
        kit.Column("note", _("Note"), sort=False, phone=False),
    )  # fmt: skip
    search = ("part__code", "part__name_zh", "part__name_en", "job__number")
    default_sort = "-at"
    empty = _("The books agree with what was found.")

    def rows(self, request: HttpRequest) -> Any:
        """Return the differences that nobody has looked at."""
        return queries.differences()

    def row_css(self, row: Any) -> str:
        """Nothing steps back here."""
        return ""

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer to count."""
        if not permissions.holds(request.user, "fieldwork.move_stock"):
            return ()
        label = pgettext_lazy("stock", "Count")
        return (kit.link_button(label, reverse("fieldwork:count"), icon="list-check"),)


class SettleForm(forms.Form):
    """What came of it."""

    note = forms.CharField(
        label=_("What did you find?"), max_length=500,
        help_text=_("Such as: taken from the neighbour's vehicle, booked twice, lost."),
    )  # fmt: skip


class Settle(kit.FormPage):
    """Take a difference from the list, saying what came of it."""

    title = _("Settle a difference")
    permission = MANAGE
    once = True
    form_class = SettleForm
    submit_label = _("It is settled")
    explanation = _("The books stay as they are; where they are still wrong, count again.")

    @cached_property
    def movement(self) -> models.StockMovement:
        """The difference of the address, or `Http404`."""
        row = queries.differences().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest) -> str:
        """Say what is settled."""
        row = self.movement
        return f"{gettext('Settle a difference')}: {row.quantity} × {words.name_of(row.part)}"

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the list."""
        return ((_("Differences to settle"), reverse("fieldwork:differences")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("fieldwork:differences")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Settle it."""
        actions.settle(self.movement.pk, note=form.cleaned_data["note"], by_id=who.id_of(request))
        messages.success(request, gettext("The difference is settled."))
        return reverse("fieldwork:differences")
