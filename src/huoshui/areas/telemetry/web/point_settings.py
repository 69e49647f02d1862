"""The pages that change points: one by itself, and many alike from the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import actions, contracts, models, refusals, retention, rules
from huoshui.areas.telemetry.importing import points as importing
from huoshui.areas.telemetry.models.points import CODE_LENGTH
from huoshui.areas.telemetry.web import alarm_words, asking
from huoshui.areas.telemetry.web.retention import RETAIN, name_of
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

CHANGE = "telemetry.points"
CHOSEN = "telemetry.chosen_points"
HOUR_S = 3600
LEAVE, USUAL = "leave", "usual"

CHECKS: dict[str, Any] = {
    LEAVE: _("Leave as they are"),
    USUAL: _("As usual for the kind"),
    "off": _("Switched off"),
    "given": _("As given below"),
}


def class_choices() -> list[tuple[str, str]]:
    """Return the retention classes by number and name."""
    return [(str(row.pk), name_of(row)) for row in models.RetentionClass.objects.all()]


class _Checks(forms.Form):
    """The settings that one point and many have in common."""

    expected_every_s = forms.IntegerField(
        label=_("A reading is expected every [s]"),
        required=False,
        min_value=1,
        help_text=_("In seconds: 300 are five minutes."),
    )
    rate_max_per_s = forms.FloatField(
        label=_("Fastest possible change in a second"),
        required=False,
        help_text=_("A faster change makes a reading doubtful."),
    )
    flat_after_h = forms.FloatField(
        label=_("Unchanged for so many hours is doubtful"),
        required=False,
        min_value=0,
        max_value=10_000,
    )
    flat_band = forms.FloatField(
        label=_("Changes up to this count as none"), required=False, min_value=0
    )
    spike_min = forms.FloatField(
        label=_("The least jump that may be a spike"), required=False, min_value=0
    )


class PointForm(_Checks):
    """Everything about a point that may change; limits have a page of their own."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=200)
    name_en = forms.CharField(label=_("English name"), max_length=200)
    asset_id = forms.CharField(
        label=_("Asset"),
        required=False,
        max_length=CODE_LENGTH,
        help_text=_("Code of the asset it belongs to; it must be in the register."),
    )
    zone_id = forms.ChoiceField(label=_("Zone"), required=False)
    range_min = forms.FloatField(label=_("Instrument measures from"), required=False)
    range_max = forms.FloatField(
        label=_("Instrument measures to"),
        required=False,
        help_text=_("Readings beyond are kept and marked bad."),
    )
    retention_id = forms.ChoiceField(label=_("Retention class"), required=False)
    seen_at = forms.DateTimeField(
        widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"]
    )
    field_order = (
        "name_zh", "name_en", "asset_id", "zone_id", "expected_every_s", "range_min", "range_max",
        "rate_max_per_s", "flat_after_h", "flat_band", "spike_min", "retention_id", "seen_at",
    )  # fmt: skip

    def __init__(self, *args: Any, point: models.Point, may_retain: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [("", "—"), *network.zone_names().items()]
        if point.zone_id and point.zone_id not in dict(zones):
            zones.append((point.zone_id, point.zone_id))
        self.fields["zone_id"].choices = zones  # type: ignore[attr-defined]
        usual = rules.CHECKS.get(point.kind, rules.NO_CHECKS)
        unit = contracts.KINDS[point.kind].unit
        hours = (usual.flat_after_s or 0) / HOUR_S
        as_usual = _("Empty: as usual for the kind (%(usual)s); 0: not checked.")
        self.fields["flat_after_h"].help_text = as_usual % {
            "usual": f"{hours:g} h" if hours else gettext("not checked")
        }
        self.fields["spike_min"].help_text = as_usual % {
            "usual": f"{usual.spike_min:g} {unit}" if usual.spike_min else gettext("not checked")
        }
        for name in ("range_min", "range_max", "rate_max_per_s", "flat_band", "spike_min"):
            self.fields[name].label = f"{self.fields[name].label} [{unit}]"
        if may_retain:
            self.fields["retention_id"].choices = [  # type: ignore[attr-defined]
                ("", _("By kind, or calculated")), *class_choices(),
            ]  # fmt: skip
            self.fields["retention_id"].help_text = _(
                "A class with a shorter time deletes older readings within hours."
            )
        else:
            del self.fields["retention_id"]


def spoken(refusal: refusals.PointsNotDeclarable) -> list[Any]:
    """Return what is wrong with declarations in words, each once."""
    found = {why for whys in refusal.data["faults"].values() for why in whys}
    other = _("The point cannot be declared so.")
    return [importing.FAULTS.get(why, ("", other))[1] for why in sorted(found)]


class _Changing(kit.FormPage):
    """What both pages do with a form that fits."""

    permission = CHANGE

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to all points."""
        return ((_("Points"), reverse("telemetry:points")),)

    def change(
        self,
        form: Any,
        codes: Sequence[str],
        changes: Mapping[str, Any],
        seen_at: datetime | None = None,
    ) -> HttpResponse | int:
        """Change the points; return how many were different, or the form with what is wrong."""
        if "retention_id" in changes:
            permissions.check(self.request.user, RETAIN)
        by_id = asking.reader_id(self.request)
        try:
            return len(actions.change_points(codes, changes, by_id, seen_at=seen_at))
        except refusals.PointsNotDeclarable as refusal:
            for words in spoken(refusal):
                form.add_error(None, words)
            return self._show(form, status=422)


class ChangePoint(_Changing):
    """Change what was declared of one point."""

    title = _("Change the point")
    form_class = PointForm
    explanation = _(
        "Code and kind never change, because readings are kept by them. Limits are changed from"
        " the point's page, where a second person may have to approve."
    )

    def _row(self) -> models.Point:
        row = models.Point.objects.filter(code=self.kwargs["code"]).first()
        if row is None:
            raise refusals.NoSuchPoint([self.kwargs["code"]])
        return row

    def heading(self, request: HttpRequest) -> str:
        """Name the point."""
        return gettext("Change: %(name)s") % {"name": alarm_words.spoken_name(self._row())}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        """Lead back to the point."""
        return (*super().trail(request), (self.kwargs["code"], self.get_cancel_url(request)))

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the point."""
        return reverse("telemetry:point", args=[self.kwargs["code"]])

    def get_form(self, request: HttpRequest, **arguments: Any) -> PointForm:
        """Return the form for this point and this reader."""
        may_retain = permissions.holds(request.user, RETAIN)
        return PointForm(point=self._row(), may_retain=may_retain, **arguments)

    def initial(self, request: HttpRequest) -> dict[str, Any]:
        """Start with what holds now."""
        row = self._row()
        found = {name: getattr(row, name) for name in PointForm.base_fields if hasattr(row, name)}
        if row.flat_after_s is not None:
            found["flat_after_h"] = row.flat_after_s / HOUR_S
        return {**found, "seen_at": row.changed_at.isoformat()}

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse | str:
        """Change it, unless somebody else did meanwhile."""
        given = dict(form.cleaned_data)
        seen_at, hours = given.pop("seen_at"), given.pop("flat_after_h")
        given["flat_after_s"] = None if hours is None else round(hours * HOUR_S)
        given["flat_band"] = given["flat_band"] or 0.0
        for name in ("asset_id", "zone_id"):
            given[name] = given[name] or None
        if "retention_id" in given:
            given["retention_id"] = int(given["retention_id"]) if given["retention_id"] else None
            if given["retention_id"] == self._row().retention_id:
                del given["retention_id"]
        done = self.change(form, [self.kwargs["code"]], given, seen_at)
        if isinstance(done, HttpResponse):
            return done
        said = gettext("The point is changed; it counts within a second.")
        messages.success(request, said if done else gettext("Nothing was different."))
        return self.get_cancel_url(request)


class ManyForm(_Checks):
    """What shall change of many points; what is left empty stays as it is."""

    checks = forms.ChoiceField(
        label=_("Checks for flat lines and spikes"), choices=tuple(CHECKS.items()), initial=LEAVE
    )
    retention_id = forms.ChoiceField(label=_("Retention class"), initial=LEAVE)
    field_order = (
        "expected_every_s", "rate_max_per_s", "checks", "flat_after_h", "flat_band", "spike_min",
        "retention_id",
    )  # fmt: skip

    def __init__(self, *args: Any, may_retain: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_retain:
            self.fields["retention_id"].choices = [  # type: ignore[attr-defined]
                (LEAVE, _("Leave as it is")), (USUAL, _("By kind, or calculated")),
                *class_choices(),
            ]  # fmt: skip
        else:
            del self.fields["retention_id"]

    def clean(self) -> dict[str, Any]:
        """See that something changes, and that numbers of checks go with their choice."""
        given = dict(super().clean() or {})
        numbers = [given.get(name) for name in ("flat_after_h", "flat_band", "spike_min")]
        has_numbers = any(number is not None for number in numbers)
        if has_numbers and given.get("checks") != "given":
            self.add_error("checks", _("Choose “As given below”, or leave the numbers empty."))
        elif given.get("checks") == "given" and not has_numbers:
            self.add_error("checks", _("Give at least one of the numbers."))
        elif not self.errors and not self.changes(given):
            self.add_error(None, _("Say what shall change."))
        return given

    @staticmethod
    def changes(given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what shall change, by the names of the table."""
        found = {
            name: given[name]
            for name in ("expected_every_s", "rate_max_per_s", "flat_band", "spike_min")
            if given.get(name) is not None
        }
        if given.get("flat_after_h") is not None:
            found["flat_after_s"] = round(given["flat_after_h"] * HOUR_S)
        if given.get("checks") == USUAL:
            found |= {"flat_after_s": None, "flat_band": 0.0, "spike_min": None}
        elif given.get("checks") == "off":
            found |= {"flat_after_s": 0, "spike_min": 0.0}
        wanted = given.get("retention_id", LEAVE)
        if wanted != LEAVE:
            found["retention_id"] = None if wanted == USUAL else int(wanted)
        return found


class ChangeMany(_Changing):
    """Change the same settings of all points that were chosen in the list."""

    title = _("Change many points")
    form_class = ManyForm
    explanation = _(
        "What is left empty stays as it is. Numbers in a unit suit points of one kind only: filter"
        " the list by kind first. The change is recorded with your name."
    )

    def _codes(self) -> list[str]:
        chosen = set(self.request.session.get(CHOSEN, []))
        rows = models.Point.objects.values_list("pk", "code")
        return sorted(code for number, code in rows if number in chosen)

    def heading(self, request: HttpRequest) -> str:
        """Say how many points were chosen."""
        count = len(self._codes())
        return ngettext("Change %(n)d point", "Change %(n)d points", count) % {"n": count}

    def get_cancel_url(self, request: HttpRequest) -> str:
        """Go back to the list."""
        return reverse("telemetry:points")

    def get_form(self, request: HttpRequest, **arguments: Any) -> ManyForm:
        """Return the form for this reader."""
        return ManyForm(may_retain=permissions.holds(request.user, RETAIN), **arguments)

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse | str:
        """Change them all, or none."""
        codes = self._codes()
        if not codes:
            raise refusals.NoPointNamed
        done = self.change(form, codes, form.changes(form.cleaned_data))
        if isinstance(done, HttpResponse):
            return done
        del request.session[CHOSEN]
        said = ngettext("%(n)d point is changed.", "%(n)d points are changed.", done)
        messages.success(request, said % {"n": done})
        return self.get_cancel_url(request)


def for_change(request: HttpRequest, ids: list[int]) -> int:
    """Take the chosen points along to the form that changes many; a message leads there."""
    request.session[CHOSEN] = ids
    link = format_html(
        '<a href="{}">{}</a>',
        reverse("telemetry:change-many"),
        gettext("Continue: what shall change?"),
    )
    messages.success(request, link)
    return len(ids)


def section_of(point: contracts.Point) -> kit.Section:
    """Return how a point's readings are checked and kept, as facts for its page."""
    row = models.Point.objects.select_related("retention").get(pk=point.id)
    usual = rules.CHECKS.get(row.kind, rules.NO_CHECKS)
    flat_s = usual.flat_after_s if row.flat_after_s is None else row.flat_after_s
    spike = usual.spike_min if row.spike_min is None else row.spike_min
    off = gettext("not checked")
    is_calculated = models.CalculatedPoint.objects.filter(point_id=row.pk).exists()
    code = retention.class_of(row, is_calculated=is_calculated)
    kept = row.retention or models.RetentionClass.objects.get(code=code)
    rate = row.rate_max_per_s
    return kit.Section(
        _("Checks and retention"),
        (
            kit.Fact(_("Doubtful when unchanged for"), formats.duration(flat_s) if flat_s else off),
            kit.Fact(_("Spikes from"), spike or off, point.unit if spike else "",
                     format=".3g" if spike else ""),
            kit.Fact(_("Fastest possible change in a second"), off if rate is None else rate,
                     "" if rate is None else point.unit, format="" if rate is None else ".3g"),
            kit.Fact(_("Retention class"), name_of(kept), href=reverse("telemetry:retention")),
        ),
    )  # fmt: skip
