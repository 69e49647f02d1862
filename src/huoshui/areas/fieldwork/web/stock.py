"""Pages of parts: what lies where, how far it reaches, every movement, and the forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from huoshui.areas.fieldwork import contracts, models, words
from huoshui.areas.fieldwork.actions import stock as actions
from huoshui.areas.fieldwork.queries import sharing
from huoshui.areas.fieldwork.queries import stock as queries
from huoshui.areas.fieldwork.web import who
from huoshui.areas.fieldwork.web.choices import NamedOne
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

PART = pgettext_lazy("stock", "Part")
READ, MOVE = "fieldwork.read_stock", "fieldwork.move_stock"
MANAGE = "fieldwork.manage_stock"
QUANTITY_MAX = 1_000_000
Moved = contracts.Moved


def _part(row: Any) -> str:
    return words.name_of(row.part)


def _stores() -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in queries.stores()]


def _parts() -> list[tuple[str, str]]:
    return [(one.code, words.name_of(one)) for one in queries.parts()]


def _kept_where(rows: Any, wanted: str) -> Any:
    return rows.filter(store__is_vehicle=wanted == "vehicle")


class StockList(kit.ListPage):
    """What lies where."""

    title = _("Stock")
    permission = READ
    url_name = "fieldwork:stock"
    columns = (
        kit.Column("store", _("Store or vehicle"), sort="store__code"),
        kit.Column("part", PART, value=_part, sort="part__code"),
        kit.Column("quantity", _("Quantity"), format="d"),
        kit.Column("unit", pgettext_lazy("stock", "Unit"), value=lambda row: row.part.unit,
                   sort=False),
        kit.Column("code", _("Code of the part"), value=lambda row: row.part.code, sort=False,
                   phone=False, optional=True),
    )  # fmt: skip
    search = ("store__name", "store__code", "part__code", "part__name_zh", "part__name_en")
    filters = (
        kit.ChoiceFilter("where", pgettext_lazy("stock", "Kept"), apply=_kept_where,
                         choices=(("store", _("In stores")), ("vehicle", _("In vehicles")))),
        kit.ChoiceFilter("part", PART, field="part__code", choices=_parts),
        kit.ChoiceFilter("store", _("Store or vehicle"), field="store__code", choices=_stores),
    )  # fmt: skip
    default_sort = "store"
    empty = _("Nothing lies anywhere yet. Book what was received with the button above.")

    def rows(self, request: HttpRequest) -> Any:
        """Return what lies where, empty places left out."""
        return queries.stock().filter(quantity__gt=0)

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        """Offer the movements, and what the store keeper keeps."""
        found = [
            kit.link_button(label, reverse(f"fieldwork:{name}"), icon=icon)
            for label, name, icon in (
                (gettext("Outlook"), "outlook", "chart-bar"),
                (gettext("Differences to settle"), "differences", "list-search"),
                (pgettext("stock", "Parts list"), "parts", "list-details"),
                (gettext("Stores and vehicles"), "stores", "truck"),
                (gettext("Minimums"), "minimums", "adjustments"),
            )
        ]
        if permissions.holds(request.user, MANAGE):
            bring = reverse("intake:bring", args=["stock"])
            found.append(kit.link_button(gettext("Bring in from Excel"), bring, icon="upload"))
        if permissions.holds(request.user, MOVE):
            found += [
                kit.link_button(
                    pgettext("stock", "Count"), reverse("fieldwork:count"), icon="list-check"
                ),
                kit.link_button(
                    gettext("Book a movement"), reverse("fieldwork:move"), colour="primary",
                    icon="package",
                ),
            ]  # fmt: skip
        return found


def _job_url(row: models.StockMovement) -> str:
    return reverse("fieldwork:job", args=[row.job.number]) if row.job else ""


def _differences(rows: Any, wanted: str) -> Any:
    return rows.filter(is_difference=True) if wanted == "differences" else rows


class Movements(kit.ListPage):
    """Every movement of parts, the latest first."""

    title = _("Movements of parts")
    permission = READ
    url_name = "fieldwork:movements"
    columns = (
        kit.Column("at", _("When"), format="moment"),
        kit.Column("why", pgettext_lazy("stock", "What"), badge=words.MOVED),
        kit.Column("part", PART, value=_part, sort="part__code"),
        kit.Column("quantity", _("Quantity"), format="d"),
        kit.Column("from_store", pgettext_lazy("stock", "From"), sort="from_store__code"),
        kit.Column("to_store", pgettext_lazy("stock", "To"), sort="to_store__code"),
        kit.Column("job", _("Job"), href=_job_url, sort="job__number"),
        kit.Column("is_difference", _("Apart from the books"),
                   labels={True: _("yes"), False: ""}, phone=False, sort=False),
        kit.Column("by", pgettext_lazy("stock", "Who"), sort="by__name", phone=False),
        kit.Column("note", _("Note"), phone=False, sort=False),
    )  # fmt: skip
    search = ("part__code", "part__name_zh", "part__name_en", "job__number", "note",
              "from_store__name", "to_store__name")  # fmt: skip
    filters = (
        kit.ChoiceFilter("why", pgettext_lazy("stock", "What"),
                         choices=[(str(code), label) for code, (label, _c) in words.MOVED.items()]),
        kit.ChoiceFilter("part", PART, field="part__code", choices=_parts),
        kit.ChoiceFilter("show", _("Show"), apply=_differences,
                         choices=(("differences", _("Apart from the books")),)),
        kit.PeriodFilter("at", _("When")),
    )  # fmt: skip
    default_sort = "-at"
    empty = _("No parts have moved yet.")

    def rows(self, request: HttpRequest) -> Any:
        """Return all movements."""
        return queries.movements()


@permissions.needs(READ)
@require_GET
def outlook(request: HttpRequest) -> HttpResponse:
    """Show how far each part reaches when every open job takes its kit."""
    now = clock.now()
    today = clock.local(now).date()
    rows = queries.outlook(today, now=now)
    context = {
        "title": gettext("Outlook of parts"),
        "trail": ((gettext("Stock"), reverse("fieldwork:stock")),),
        "rows": [
            {
                "name": words.name_of(one.part), "unit": one.part.unit, "stores": one.in_stores,
                "vehicles": one.in_vehicles, "wanted": one.wanted, "jobs": one.jobs,
                "left": one.left, "minimum": one.minimum, "to_order": one.to_order,
                "state": words.OUTLOOKS[one.state], "used": one.used,
                "runs_out_at": one.runs_out_at,
                "ends_soon": one.ends_soon(now),
            }
            for one in rows
        ],
        "short": sum(one.state == "short" for one in rows),
        "transfers": [_transfer(one) for one in sharing.transfers(today)],
        "may_move": permissions.holds(request.user, MOVE),
    }  # fmt: skip
    return render(request, "fieldwork/outlook.html", context)


def _transfer(one: sharing.Transfer) -> dict[str, Any]:
    return {
        "part": words.name_of(one.part), "part_code": one.part.code, "unit": one.part.unit,
        "quantity": one.quantity, "source": one.source.name, "source_code": one.source.code,
        "target": one.target.name, "target_code": one.target.code,
        "km": None if one.distance_m is None else one.distance_m / 1000,
    }  # fmt: skip


@permissions.needs(MOVE)
@require_POST
@kit.once
def transfer(request: HttpRequest) -> HttpResponse:
    """Book what one vehicle handed to another; refuses more than lies there."""
    said = request.POST
    quantity = said.get("quantity", "")
    is_count = quantity.isdecimal() and len(quantity) < 9
    way = actions.Way(
        Moved.LOADED, from_code=said.get("source", ""), to_code=said.get("target", "")
    )
    actions.move(
        way, {said.get("part", ""): int(quantity) if is_count else 0},
        by_id=who.id_of(request),
    )  # fmt: skip
    messages.success(request, gettext("The movement is booked."))
    return HttpResponseRedirect(reverse("fieldwork:outlook"))


class MoveForm(forms.Form):
    """One movement of one part."""

    why = forms.ChoiceField(
        label=pgettext_lazy("stock", "What"),
        choices=[
            (str(code), words.MOVED[code][0])
            for code in (Moved.RECEIVED, Moved.LOADED, Moved.ISSUED, Moved.RETURNED,
                         Moved.SCRAPPED)
        ],
    )  # fmt: skip
    part = NamedOne(label=PART, queryset=models.Part.objects.filter(is_retired=False))
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=QUANTITY_MAX)
    from_store = forms.ModelChoiceField(
        label=pgettext_lazy("stock", "From"), required=False,
        queryset=models.Store.objects.filter(is_retired=False),
        help_text=_("Empty for what was received or returned from a job."),
    )  # fmt: skip
    to_store = forms.ModelChoiceField(
        label=pgettext_lazy("stock", "To"), required=False,
        queryset=models.Store.objects.filter(is_retired=False),
        help_text=_("Empty for what is issued to a job or scrapped."),
    )  # fmt: skip
    job = forms.CharField(label=_("Number of the job"), max_length=20, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        """Want the ends that the kind of movement has."""
        values = super().clean() or {}
        why = values.get("why")
        wants = {
            Moved.RECEIVED: (False, True, False), Moved.LOADED: (True, True, False),
            Moved.ISSUED: (True, False, True), Moved.RETURNED: (False, True, True),
            Moved.SCRAPPED: (True, False, False),
        }.get(Moved(why)) if why else None  # fmt: skip
        if wants is None:
            return values
        for name, wanted in zip(("from_store", "to_store", "job"), wants, strict=True):
            if wanted and not values.get(name):
                self.add_error(name, gettext("This movement needs it."))
            elif not wanted and values.get(name):
                self.add_error(name, gettext("This movement has none; leave it empty."))
        if values.get("from_store") and values.get("from_store") == values.get("to_store"):
            self.add_error("to_store", gettext("Choose another store than the first."))
        return values


class MoveParts(kit.FormPage):
    """Book a movement of parts."""

    title = _("Book a movement")
    permission = MOVE
    once = True
    form_class = MoveForm
    submit_label = _("Book it")

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Take the job from the address."""
        number = request.GET.get("job", "")
        return {"job": number, "why": Moved.ISSUED} if number else {}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the stock."""
        return ((_("Stock"), reverse("fieldwork:stock")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the stock."""
        return reverse("fieldwork:stock")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Book it."""
        values = form.cleaned_data
        source, target = values["from_store"], values["to_store"]
        way = actions.Way(
            Moved(values["why"]), from_code=source.code if source else "",
            to_code=target.code if target else "", job_number=values["job"].strip(),
            note=values["note"],
        )  # fmt: skip
        actions.move(way, {values["part"].code: values["quantity"]}, by_id=who.id_of(request))
        messages.success(request, gettext("The movement is booked."))
        return reverse("fieldwork:movements")


class CountForm(forms.Form):
    """What lies in a store."""

    store = forms.ModelChoiceField(
        label=_("Store or vehicle"), queryset=models.Store.objects.filter(is_retired=False)
    )
    part = NamedOne(label=PART, queryset=models.Part.objects.filter(is_retired=False))
    quantity = forms.IntegerField(label=_("So many lie there"), min_value=0, max_value=QUANTITY_MAX)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class CountParts(kit.FormPage):
    """Say how many of a part lie in a store."""

    title = pgettext_lazy("stock", "Count")
    permission = MOVE
    once = True
    form_class = CountForm
    explanation = _("What differs from the books becomes a movement of its own.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the stock."""
        return ((_("Stock"), reverse("fieldwork:stock")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the stock."""
        return reverse("fieldwork:stock")

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep the count."""
        values = form.cleaned_data
        found = actions.count(
            values["store"].code, {values["part"].code: values["quantity"]},
            note=values["note"], by_id=who.id_of(request),
        )  # fmt: skip
        said = gettext("Counted; the books were right.")
        if found:
            said = gettext("Counted; the difference is booked.")
        messages.success(request, said)
        return reverse("fieldwork:stock")
