"""What a wave leaves behind: the warned beside the others, causes, costs, bills, orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from huoshui.areas.surge import contracts, models, queries, words
from huoshui.areas.surge.actions import preparing
from huoshui.areas.surge.queries import afterwards, snapshots
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.areas.surge.web import shown, waves
from huoshui.kernel import clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

READ, PREPARE = "surge.read", "surge.prepare"


@permissions.needs(READ)
@require_GET
def after(request: HttpRequest, code: str) -> HttpResponse:
    """Show what came of warning, what was found, what it cost and what is to be ordered."""
    row = shown.surge_of(code)
    found = Gathered(row, clock.now())
    compared = afterwards.compared(found)
    meters = afterwards.meters_to_settle(found)
    days = [one["days"] for one in meters]
    context = {
        "title": _("Afterwards"),
        "trail": ((waves.TITLE, reverse("surge:surges")), (row.name, waves.surge_url(row))),
        "surge": row,
        "now": found.until,
        "is_standing": row.until is None,
        "comparisons": [
            _comparison(_("Among the customers at risk"), compared.at_risk),
            _comparison(_("Among all customers of the area"), compared.everybody),
        ],
        "warnings": found.warnings,
        "causes": list(_causes(found)),
        "costs": _costs(found),
        "meters": len(meters),
        "meters_url": shown.of_surge("surge:meters", row),
        "meter_days": formats.number(sum(days), ".1f"),
        "orders": [
            {**one, "name": one["name_zh"] if formats.chinese() else one["name_en"]}
            for one in afterwards.to_reorder(found)
        ],
        "may_prepare": permissions.holds(request.user, PREPARE),
    }
    return render(request, "surge/after.html", context)


def _comparison(title: Any, one: contracts.Comparison) -> dict[str, Any]:
    return {
        "title": title,
        "sides": [
            {"label": label, "accounts": formats.number(side.accounts, "d"),
             "hit": formats.number(side.hit, "d"), "share": side.share_frac}
            for label, side in (
                (pgettext_lazy("surge", "Warned"), one.warned),
                (pgettext_lazy("surge", "Not warned"), one.others),
            )
        ],
        "ratio": None if one.ratio is None else f"{one.ratio:.2f}",
        "between": "" if one.ratio_min is None else f"{one.ratio_min:.2f} – {one.ratio_max:.2f}",
        "says": _says(one),
    }  # fmt: skip


def _says(one: contracts.Comparison) -> str:
    if one.ratio is None or one.ratio_min is None or one.ratio_max is None:
        return gettext("A side is empty, or nobody of it was hit: there is no ratio.")
    few = min(one.warned.hit, one.others.hit) < 5
    if one.ratio_max < 1:
        said = gettext("The warned were hit less often; chance alone does not explain it.")
    elif one.ratio_min > 1:
        said = gettext("The warned were hit more often; chance alone does not explain it.")
    else:
        said = gettext("The interval holds 1: no difference can be told from chance.")
    warning = gettext("Fewer than five were hit on a side: do not rely on it.")
    return f"{said} {warning}" if few else said


def _causes(found: Gathered) -> Iterator[dict[str, Any]]:
    topics = snapshots.topic_names()
    for one in afterwards.causes(found):
        yield {
            "topic": topics.get(one["topic"], one["topic"]),
            "result": words.RESULTS.get(one["result"], one["result"]),
            "cases": one["cases"],
        }


def _costs(found: Gathered) -> dict[str, Any]:
    """Return hours and parts with their prices; what has no price is named, not guessed."""
    hours, known, unknown = afterwards.hours_worked(found)
    prices, names = afterwards.prices(), shown.part_names()
    lines = [_cost(_("Hours of people on site"), round(hours, 1), prices.get(afterwards.HOUR))]
    for code, quantity in sorted(afterwards.parts_of_jobs(found).items()):
        lines.append(_cost(names.get(code, code), quantity, prices.get(code)))
    priced = [one["cents"] for one in lines if one["cents"] is not None]
    return {
        "lines": lines,
        "total": formats.number(sum(priced) / 100, ".2f"),
        "missing": sum(one["cents"] is None for one in lines),
        "jobs": known,
        "jobs_unknown": unknown,
    }


def _cost(label: Any, amount: float, price_cents: int | None) -> dict[str, Any]:
    cents = None if price_cents is None else amount * price_cents
    return {
        "label": label,
        "amount": formats.number(amount, ".1f" if isinstance(amount, float) else "d"),
        "price": None if price_cents is None else formats.number(price_cents / 100, ".2f"),
        "cents": cents,
        "sum": None if cents is None else formats.number(cents / 100, ".2f"),
    }


class MeterList(kit.ListPage):
    """The exchanged meters of a wave whose bill has to be split."""

    title = _("Meters exchanged: bills to split")
    permission = READ
    url_name = "surge:meters"
    columns = (
        kit.Column("account", _("Account"), href=lambda row: shown.page_of(
            f"account:{row['account']}") if row["account"] else None),
        kit.Column("estate", _("Estate")),
        kit.Column("old_number", _("Old meter")),
        kit.Column("old_reading_m3", _("Last reading"), format=".1f", unit="m³"),
        kit.Column("new_number", _("New meter")),
        kit.Column("start_reading_m3", _("First reading"), format=".1f", unit="m³", phone=False),
        kit.Column("since", _("First call"), format="moment", phone=False),
        kit.Column("at", _("Exchanged"), format="moment"),
        kit.Column("days", _("Days not counted"), format=".1f"),
        kit.Column("estimated_m3", _("Estimated"), format=".1f", unit="m³"),
        kit.Column("problem", _("In the register"), labels=words.METER_PROBLEMS, phone=False),
        kit.Column("job", _("Job"), href=lambda row: shown.page_of(f"job:{row['job']}")),
    )  # fmt: skip
    search = ("account", "estate", "old_number", "new_number", "job")
    default_sort = "at"
    empty = _("No meter was exchanged.")

    filters = (
        kit.ChoiceFilter(
            "surge", _("Wave of trouble"), choices=shown.waves_offered, apply=shown.as_it_is
        ),
    )

    @cached_property
    def row(self) -> models.Surge | None:
        """The wave that is asked for."""
        return queries.surges().filter(code=self.request.GET.get("surge", "")).first()

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to what came afterwards."""
        found: list[tuple[Any, str]] = [(waves.TITLE, reverse("surge:surges"))]
        if self.row is not None:
            found.append((self.row.name, waves.surge_url(self.row)))
            found.append((gettext("Afterwards"), reverse("surge:after", args=[self.row.code])))
        return found

    def rows(self, request: HttpRequest) -> Any:
        """Return the meters, each with the days from the first call until the new one ran."""
        if self.row is None:
            return []
        names = snapshots.estate_names()
        found = Gathered(self.row, clock.now())
        return [
            {**one, "estate": names.get(one["estate"], one["estate"])}
            for one in afterwards.meters_to_settle(found)
        ]


class Prices(kit.FormPage):
    """What parts and an hour cost, for the cost of waves."""

    title = _("Prices for the cost of waves")
    permission = PREPARE
    explanation = _("In yuan. What has no price is named in the cost, and not guessed.")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the waves."""
        return ((waves.TITLE, reverse("surge:surges")),)

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the waves."""
        return reverse("surge:surges")

    def get_form(self, request: HttpRequest, **arguments: Any) -> Any:
        """Return a form with a field for an hour and for each part."""
        fields: dict[str, forms.Field] = {}
        for code, label in self._codes():
            fields[code] = forms.DecimalField(
                label=label, min_value=0, max_value=10**7, decimal_places=2, required=False
            )
        return type("PriceForm", (forms.Form,), fields)(**arguments)

    def _codes(self) -> list[tuple[str, Any]]:
        return [(afterwards.HOUR, _("An hour of one person")), *shown.part_names().items()]

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the prices there are."""
        return {code: cents / 100 for code, cents in afterwards.prices().items()}

    def submit(self, request: HttpRequest, form: Any) -> str:
        """Keep them."""
        preparing.keep_prices(
            {
                code: None if form.cleaned_data[code] is None
                else int(form.cleaned_data[code] * 100)
                for code, _label in self._codes()
            },
            by_id=request.user.pk,
        )  # fmt: skip
        return reverse("surge:prices")
