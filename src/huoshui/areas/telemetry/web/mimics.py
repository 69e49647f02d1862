"""Mimic pages: the list, a page or a template's wall, drawing, binding, earlier drawings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import facade as network
from huoshui.areas.network.contracts import Kind
from huoshui.areas.telemetry import contracts, models, queries
from huoshui.areas.telemetry.mimics import actions, drawing
from huoshui.areas.telemetry.mimics import queries as mimics
from huoshui.areas.telemetry.web import api, words
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

DRAW = "telemetry.draw"
ON_A_WALL = 24

PAGE = _("Page")
KINDS: Mapping[str, Any] = {
    Kind.PUMP: _("Template for pumps"),
    Kind.TANK: _("Template for tanks"),
    Kind.RESERVOIR: _("Template for sources"),
    Kind.PIPE: _("Template for metered pipes"),
    Kind.VALVE: _("Template for valves"),
    Kind.JUNCTION: _("Template for pressure sites"),
    Kind.HYDRANT: _("Template for hydrants"),
}
SHOWS: Mapping[str, Any] = {
    "value": _("Text: the value with its unit"),
    "level": _("Filled like a vessel"),
    "turn": _("Turns while it runs"),
    "flow": _("Dashes move with the flow"),
    "colour": _("Colour by steps"),
    "appear": _("Seen only above a value"),
    "alarm": _("Outline while an alarm stands"),
}


@dataclass(frozen=True)
class Row:
    """One line of the list of drawings."""

    code: str
    name: str
    what: Any
    parts: int
    changed_at: Any
    changed_by: str
    own: bool


class Mimics(kit.ListPage):
    """All drawings."""

    title = _("Mimic pages")
    permission = "telemetry.read"
    url_name = "telemetry:mimics"
    search = ("name", "code")
    default_sort = ""
    columns = (
        kit.Column("name", _("Name"), href=lambda row: reverse("telemetry:mimic", args=[row.code])),
        kit.Column("what", _("Used for")),
        kit.Column("parts", _("Bound parts"), format="d"),
        kit.Column("changed_at", _("Changed"), format="moment", phone=False),
        kit.Column("changed_by", _("By"), phone=False),
    )
    empty = _("No drawing fits. Draw one in any drawing program and add it as SVG.")

    def rows(self, request: HttpRequest) -> list[Row]:
        return [
            Row(
                code=one.code,
                name=one.name,
                what=KINDS.get(one.asset_kind, one.asset_kind) if one.is_template else PAGE,
                parts=len(drawing.bindings_of(one.svg)),
                changed_at=one.changed_at,
                changed_by=one.changed_by or (gettext("standard") if one.is_standard else ""),
                own=not one.is_standard,
            )
            for one in mimics.mimics()
        ]

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        if not permissions.holds(request.user, DRAW):
            return ()
        return (kit.link_button(_("Add a drawing"), reverse("telemetry:new-mimic"), icon="plus"),)


def asset_panel(request: HttpRequest, *, asset_code: str, **_context: Any) -> SafeString | None:
    """Show on an asset's page the drawing of its kind, where the asset has points."""
    points = queries.points(asset_code=asset_code)
    asset = network.asset(asset_code) if points else None
    template = mimics.template_for(str(asset.kind)) if asset else None
    if template is None:
        return None
    svg, followed, _unknown = mimics.scene(template.svg, f"mm-{asset_code}-", points)
    if not followed:
        return None
    context = {"svg": mark_safe(svg), "props": props_of(followed), "mimic": template}  # sieved
    return render_to_string("telemetry/mimic_panel.html", context, request=request)


@permissions.needs("telemetry.read")
def mimic(request: HttpRequest, code: str) -> HttpResponse:
    """Show a page, or a template for one asset or for all assets it is drawn for."""
    one = mimics.mimic(code)
    if one is None:
        raise Http404
    scenes, followed, unknown, paging = _scenes(request, one)
    may_draw = permissions.holds(request.user, DRAW)
    context = {
        "title": one.name,
        "trail": ((_("Mimic pages"), reverse("telemetry:mimics")), (one.name, "")),
        "mimic": one,
        "scenes": scenes,
        "props": props_of(followed),
        "unknown": unknown if may_draw else [],
        "paging": paging,
        "query": request.GET.get("q", ""),
        "may_draw": may_draw,
        "remove_button": _remove_button(request, code),
    }
    return render(request, "telemetry/mimic.html", context)


def _remove_button(request: HttpRequest, code: str) -> SafeString:
    return kit.action_button(
        request,
        _("Remove"),
        reverse("telemetry:mimic-remove", args=[code]),
        confirm=_("Remove this drawing with all its earlier ones? A standard one comes back."),
        colour="outline-danger",
        icon="trash",
    )


def _scenes(
    request: HttpRequest, one: mimics.Shown
) -> tuple[list[dict[str, Any]], list[contracts.Point], list[str], Any]:
    """Return what is drawn: one scene of a page, or one for each asset of a template's wall."""
    if not one.is_template:
        svg, followed, unknown = mimics.scene(one.svg, "mm-", [])
        return [{"svg": mark_safe(svg)}], followed, unknown, None  # sieved
    by_asset: dict[str, list[contracts.Point]] = {}
    kinds = {binding.kind for binding in drawing.bindings_of(one.svg)}
    for point in queries.points():
        if point.asset_code and point.kind in kinds:
            by_asset.setdefault(point.asset_code, []).append(point)
    assets = network.assets(kind=one.asset_kind, codes=sorted(by_asset))
    wanted = request.GET.get("q", "").strip().lower()
    assets = [
        asset for asset in assets if wanted in asset.code.lower() or wanted in asset.name.lower()
    ]
    page = Paginator(assets, ON_A_WALL).get_page(request.GET.get("page"))
    scenes, followed_all = [], []
    for number, asset in enumerate(page.object_list):
        svg, followed, _none = mimics.scene(one.svg, f"mm{number}-", by_asset[asset.code])
        followed_all += followed
        scenes.append({"svg": mark_safe(svg), "asset": asset})  # sieved
    return scenes, followed_all, [], page


def props_of(points: Sequence[contracts.Point]) -> dict[str, Any]:
    """Return what the island needs of the points it follows."""
    language = api.language()
    return {
        "points": {
            point.code: {
                "name": point.name(language),
                "unit": point.unit,
                "decimals": point.decimals,
            }
            for point in points
        },
        "point_url": reverse("telemetry:point", args=["CODE"]),
    }


class MimicForm(forms.Form):
    """A drawing and what it is for."""

    code = forms.SlugField(
        label=_("Code"), max_length=64, help_text=_("Small letters, digits and hyphens.")
    )
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=200)
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    asset_kind = forms.ChoiceField(
        label=_("Used for"), required=False, choices=[("", PAGE), *KINDS.items()]
    )
    file = forms.FileField(
        label=_("SVG file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".svg,image/svg+xml"}),
    )
    svg = forms.CharField(
        label=_("Drawing as text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_("Filled by the file, or written here."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("file") and not (given.get("svg") or "").strip():
            self.add_error("file", _("Choose a file, or write the drawing below."))
        return given


class SaveMimic(kit.FormPage):
    """Add a drawing, or change one."""

    permission = DRAW
    form_class = MimicForm
    explanation = _(
        "Draw in any program and save as plain SVG. Parts are bound to points on the next page. "
        "Scripts, pictures and links in the file are left out."
    )

    def heading(self, request: HttpRequest) -> Any:
        return _("Change the drawing") if "code" in self.kwargs else _("Add a drawing")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return (
            (_("Mimic pages"), reverse("telemetry:mimics")),
            (self.heading(request), ""),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("telemetry:mimics")

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        if "code" not in self.kwargs:
            return {}
        one = mimics.mimic(self.kwargs["code"])
        if one is None:
            raise Http404
        name_zh, name_en = mimics.names(one.code)
        return {
            "code": one.code,
            "name_zh": name_zh,
            "name_en": name_en,
            "asset_kind": one.asset_kind,
            "svg": one.svg,
        }

    def get_form(self, request: HttpRequest, **arguments: Any) -> MimicForm:
        form = MimicForm(**arguments)
        if "code" in self.kwargs:
            form.fields["code"].disabled = True
        return form

    def submit(self, request: HttpRequest, form: MimicForm) -> str:
        given = form.cleaned_data
        file = given["file"]
        raw = file.read(drawing.BYTES_MAX + 1) if file else given["svg"].encode()
        found = actions.save(
            given["code"],
            raw,
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            asset_kind=given["asset_kind"],
            by_id=request.user.pk,
            is_new="code" not in self.kwargs,
        )
        dropped = ",".join(sorted(found.dropped))
        address = reverse("telemetry:mimic-bindings", args=[given["code"]])
        return f"{address}?dropped={dropped}" if dropped else address


@permissions.needs(DRAW)
def bindings(request: HttpRequest, code: str) -> HttpResponse:
    """Bind the parts of a drawing to points, by pointing at them."""
    one = mimics.mimic(code)
    if one is None:
        raise Http404
    if request.method == "POST":
        actions.bind(code, _given(request.POST.get("bindings", "")), by_id=request.user.pk)
        return HttpResponseRedirect(reverse("telemetry:mimic", args=[code]))
    found = drawing.read(one.svg.encode())
    context = {
        "title": one.name,
        "trail": (
            (_("Mimic pages"), reverse("telemetry:mimics")),
            (one.name, reverse("telemetry:mimic", args=[code])),
            (_("Bind to points"), ""),
        ),
        "mimic": one,
        "svg": mark_safe(one.svg),  # sieved when it was saved, and again by read
        "dropped": [name for name in request.GET.get("dropped", "").split(",") if name],
        "versions": models.MimicVersion.objects.filter(mimic__code=code).select_related("saved_by")[
            :20
        ],
        "props": {
            "parts": [{"id": part, "text": text} for part, text in found.parts],
            "is_template": one.is_template,
            "shows": {code: str(label) for code, label in SHOWS.items()},
            "kinds": {code: str(label) for code, label in words.KINDS.items()},
            "points": [
                {"code": point.code, "name": point.name(api.language())}
                for point in queries.points()[:5000]
            ],
        },
    }
    return render(request, "telemetry/mimic_bindings.html", context)


def _given(text: str) -> dict[str, dict[str, str]]:
    """Return the bindings a form sent; what has another shape binds nothing."""
    try:
        given = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    return {
        str(part): {str(name): str(value)[:200] for name, value in one.items()}
        for part, one in given.items()
        if isinstance(one, dict)
    }


@permissions.needs(DRAW)
@require_POST
def restore(request: HttpRequest, version_id: int) -> HttpResponse:
    """Bring an earlier drawing back."""
    get_object_or_404(models.MimicVersion, pk=version_id)
    code = actions.restore(version_id, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("telemetry:mimic", args=[code]))


@permissions.needs(DRAW)
@require_POST
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Take a drawing away, or go back to the standard one."""
    get_object_or_404(models.Mimic, code=code)
    actions.remove(code, by_id=request.user.pk)
    return HttpResponseRedirect(reverse("telemetry:mimics"))
