"""Sets of changes on pages: the list, and one set with before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.network import actions, choices, geo, queries, queries_changes, small_map
from huoshui.areas.network.changing import Draft
from huoshui.areas.network.contracts import ChangeState
from huoshui.areas.network.models import ChangeSet
from huoshui.areas.network.web import shown
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

STATES = {
    ChangeState.DRAFT: (choices.CHANGE_STATES[ChangeState.DRAFT], "secondary"),
    ChangeState.SUBMITTED: (choices.CHANGE_STATES[ChangeState.SUBMITTED], "blue"),
    ChangeState.APPROVED: (choices.CHANGE_STATES[ChangeState.APPROVED], "green"),
    ChangeState.REFUSED: (choices.CHANGE_STATES[ChangeState.REFUSED], "red"),
    ChangeState.WITHDRAWN: (choices.CHANGE_STATES[ChangeState.WITHDRAWN], "secondary"),
}

AROUND_M = 200.0
"""So much of the network is shown around what changes, at least."""


def change_url(pk: int) -> str:
    """Return the address of a set's page."""
    return reverse("network:change", args=[pk])


class Changes(kit.ListPage):
    """All sets of changes."""

    title = _("Changes of the network")
    permission = "network.read"
    url_name = "network:changes"
    columns = (
        kit.Column("pk", _("Number"), href=lambda row: change_url(row["pk"])),
        kit.Column("title", _("Title"), href=lambda row: change_url(row["pk"])),
        kit.Column("state", _("State"), badge=STATES),
        kit.Column("steps", _("Steps"), format="d", phone=False),
        kit.Column("maker", _("Made by")),
        kit.Column("made_at", _("Drawn up"), format="moment"),
        kit.Column("valid_from", _("Holds since"), format="moment", phone=False),
        kit.Column("decider", _("Decided by"), phone=False),
    )
    search = ("title", "why", "items__asset_code")
    search_hint = _("Title, reason or code of an asset")
    filters = (
        kit.ChoiceFilter("state", _("State"), choices=choices.CHANGE_STATES.items()),
        kit.PeriodFilter("made_at", _("Drawn up")),
    )
    default_sort = "-pk"
    empty = _(
        "No changes yet. They are drawn on the map, or begun by a program, and another person "
        "approves them."
    )

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return ChangeSet.objects.order_by().values(
            "pk", "title", "state", "made_at", "valid_from",
            steps=Count("items", filter=Q(items__is_undone=False), distinct=True),
            maker=F("made_by__name"), decider=F("decided_by__name"),
        )  # fmt: skip


class ChangeDetail(kit.DetailPage):
    """One set of changes: what it does, what speaks against it, who decided."""

    permission = "network.read"
    template = "network/change.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> ChangeSet:
        found = queries_changes.change(kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest, obj: ChangeSet) -> Any:
        return obj.title

    def badges(self, request: HttpRequest, obj: ChangeSet) -> Sequence[SafeString]:
        return [kit.badge(*STATES[ChangeState(obj.state)])]

    def trail(self, request: HttpRequest, obj: ChangeSet) -> Sequence[tuple[Any, str]]:
        return ((_("Changes of the network"), reverse("network:changes")), (str(obj.pk), ""))

    def actions(self, request: HttpRequest, obj: ChangeSet) -> Sequence[SafeString]:
        may_edit = permissions.holds(request.user, "network.edit")
        may_decide = (
            permissions.holds(request.user, "network.approve") and obj.made_by_id != request.user.pk
        )
        found = []

        def button(label: Any, deed: str, **rest: Any) -> None:
            url = reverse("network:change_deed", args=[obj.pk, deed])
            found.append(kit.action_button(request, label, url, **rest))

        if obj.state == ChangeState.DRAFT and may_edit:
            drawn = f"{reverse('network:map')}?change={obj.pk}"
            found.append(kit.link_button(_("Go on drawing"), drawn, icon="edit"))
            button(_("Submit for approval"), "submit", icon="check")
        if obj.state == ChangeState.SUBMITTED and may_decide:
            button(
                _("Approve and apply"), "approve", icon="check",
                confirm=_("Apply this set to the network?"),
            )  # fmt: skip
            url = reverse("network:refuse_change", args=[obj.pk])
            found.append(kit.link_button(_("Refuse"), url, colour="danger"))
        if obj.state in (ChangeState.DRAFT, ChangeState.SUBMITTED) and may_edit:
            button(_("Withdraw"), "withdraw", colour="secondary", confirm=_("Withdraw this set?"))
        if obj.state == ChangeState.APPROVED and may_edit:
            button(_("Undo this set"), "inverse", colour="secondary", icon="arrow-back-up")
        return found

    def facts(self, request: HttpRequest, obj: ChangeSet) -> Sequence[kit.Section]:
        undoes = obj.undoes
        what = [
            kit.Fact(_("Why"), obj.why),
            kit.Fact(_("Made by"), obj.made_by.name if obj.made_by else None),
            kit.Fact(_("Drawn up"), obj.made_at, format="moment"),
            kit.Fact(_("Submitted"), obj.submitted_at, format="moment"),
            kit.Fact(_("Holds since"), obj.valid_from, format="moment"),
            kit.Fact(_("Decided by"), obj.decided_by.name if obj.decided_by else None),
            kit.Fact(_("Decided"), obj.decided_at, format="moment"),
            kit.Fact(_("Words of the decision"), obj.decision),
        ]
        if undoes is not None:
            what.append(kit.Fact(_("Undoes"), undoes.title, href=change_url(undoes.pk)))
        return (kit.Section(_("Set of changes"), what),)

    def context(self, request: HttpRequest, obj: ChangeSet) -> dict[str, Any]:
        is_open = obj.state in actions.OPEN_STATES
        draft = actions.draft_of(obj) if is_open else Draft()
        pairs = list(queries_changes.before_and_after(obj, draft))
        return {
            "steps": [
                {
                    "position": one.position,
                    "deed": choices.CHANGE_DEEDS[one.deed],
                    "code": one.asset_code,
                    "problem": [
                        f"{choices.CHANGE_PROBLEMS[p.code]} {p.value}"
                        for p in draft.problems
                        if p.position == one.position
                    ],
                    "warning": [
                        f"{p.asset}: {choices.CHANGE_WARNINGS[p.code]}"
                        for p in draft.warnings
                        if p.position == one.position
                    ],
                }
                for one in obj.items.filter(is_undone=False).order_by("position")
            ],
            "warned": len(draft.warnings),
            "assets": [_shown(code, before, after) for code, before, after in pairs],
            "map_props": _map(pairs),
        }


def _shown(code: str, before: Any, after: Any) -> dict[str, Any]:
    known = queries.asset_by_code(code) is not None
    differences = shown.differences(before or {}, after or {})
    return {
        "code": code,
        "url": shown.asset_url(code) if known else "",
        "is_new": before is None,
        "differences": [
            {"label": label, "old": old, "new": new} for label, old, new in differences
        ],
    }


def _map(pairs: Sequence[tuple[str, Any, Any]]) -> dict[str, Any] | None:
    """Return a small map with what was and what will be; None where nothing has a place."""
    features: list[dict[str, Any]] = []
    for code, before, after in pairs:
        for role, values in (("before", before), ("after", after)):
            geometry = geo.geometry_of(values or {})
            if geometry is not None:
                features.append(
                    {
                        "type": "Feature",
                        "properties": {"code": code, "role": role},
                        "geometry": geometry,
                    }
                )
    bounds = geo.bounds_of([one["geometry"] for one in features])
    if bounds is None:
        return None
    return {**small_map.base(bounds=geo.widened(bounds, least_m=AROUND_M)), "features": features}


DEEDS: dict[str, tuple[str, Callable[..., ChangeSet]]] = {
    "submit": ("network.edit", actions.submit_change),
    "withdraw": ("network.edit", actions.withdraw_change),
    "inverse": ("network.edit", actions.undo_change),
    "approve": ("network.approve", actions.approve_change),
}


@permissions.needs("network.read")
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Do what a button of the page asks, with the permission that deed needs."""
    if deed not in DEEDS:
        raise Http404
    permission, act = DEEDS[deed]
    permissions.require(request.user, permission)
    return HttpResponseRedirect(change_url(act(pk, by_id=request.user.pk).pk))


class RefuseForm(forms.Form):
    """Why a set is refused."""

    words = forms.CharField(label=_("Why"), max_length=300)


class RefuseChange(kit.FormPage):
    """Refuse a set of changes, saying why."""

    title = _("Refuse")
    permission = "network.approve"
    form_class = RefuseForm
    submit_label = _("Refuse")
    submit_colour = "danger"

    def get_cancel_url(self, request: HttpRequest) -> str:
        return change_url(self.kwargs["pk"])

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Changes of the network"), reverse("network:changes")), (self.title, ""))

    def submit(self, request: HttpRequest, form: RefuseForm) -> str:
        words = form.cleaned_data["words"]
        actions.refuse_change(self.kwargs["pk"], words=words, by_id=request.user.pk)
        return change_url(self.kwargs["pk"])
