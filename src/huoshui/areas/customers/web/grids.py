"""Grids with their people and load, and proposals that even the load out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.customers import actions, balancing, figures, queries, words
from huoshui.areas.customers.contracts import PlanState
from huoshui.areas.customers.models import Estate, Grid, GridPlan
from huoshui.areas.customers.web import shown
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import formats, kit

EDIT, APPROVE = "customers.grids", "customers.approve_grids"


def plan_url(number: int) -> str:
    """Return the address of a proposal's page."""
    return reverse("customers:plan", args=[number])


class Grids(kit.ListPage):
    """All grids, with load and response figures."""

    title = _("Grids")
    permission = "customers.read"
    url_name = "customers:grids"
    columns = (
        kit.Column("code", _("Code"), href=lambda row: shown.grid_url(row["code"])),
        kit.Column("name", _("Name")),
        kit.Column("specialist", _("Specialist")),
        kit.Column("deputy", _("Deputy"), phone=False),
        kit.Column("estates", _("Estates"), format="d"),
        kit.Column("accounts", _("Accounts"), format=",d"),
        kit.Column("load_frac", _("Load against the mean"), format="percent"),
        kit.Column("reports", _("Reports in 90 days"), format="d", phone=False),
        kit.Column("response_s", _("Middle time to first response"), format="duration",
                   phone=False),
    )  # fmt: skip
    search = ("code", "name", "specialist", "deputy")
    search_hint = _("Code, name or person")
    default_sort = "code"
    empty = _("No grids yet. Import them from a table, or add one.")

    def rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        return figures.grid_figures()

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        found = [kit.link_button(_("Proposals"), reverse("customers:plans"), icon="git-branch")]
        if permissions.holds(request.user, EDIT):
            found.append(
                kit.action_button(request, _("Propose an even load"), reverse("customers:propose"),
                                  icon="adjustments")
            )  # fmt: skip
            found.append(kit.link_button(_("Add"), reverse("customers:add_grid"), icon="plus"))
        return found


class GridPage(kit.DetailPage):
    """One grid: its people, its estates, how it responds."""

    permission = "customers.read"
    template = "customers/grid.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Grid:
        rows = Grid.objects.select_related("specialist", "deputy", "photo")
        found = rows.filter(code=kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def heading(self, request: HttpRequest, obj: Grid) -> Any:
        return obj.name

    def trail(self, request: HttpRequest, obj: Grid) -> Sequence[tuple[Any, str]]:
        return ((_("Grids"), reverse("customers:grids")), (obj.code, ""))

    def actions(self, request: HttpRequest, obj: Grid) -> Sequence[SafeString]:
        found = []
        if obj.specialist_id:
            url = reverse("customers:board_print", args=[obj.code])
            found.append(kit.link_button(_("Print the notice board"), url, icon="file-text"))
        if permissions.holds(request.user, EDIT):
            url = reverse("customers:edit_grid", args=[obj.code])
            found.append(kit.link_button(_("Choose people"), url, icon="edit"))
            url = reverse("customers:move_estates", args=[obj.code])
            found.append(kit.link_button(_("Move estates here"), url, icon="arrow-big-right"))
        return found

    def facts(self, request: HttpRequest, obj: Grid) -> Sequence[kit.Section]:
        known = next((one for one in figures.grid_figures() if one["code"] == obj.code), {})
        who = [
            kit.Fact(_("Specialist"), obj.specialist.name if obj.specialist else None),
            kit.Fact(_("Deputy"), obj.deputy.name if obj.deputy else None),
            kit.Fact(_("Work phone"), obj.phone),
            kit.Fact(_("Duties"), obj.duties),
        ]
        load = [
            kit.Fact(_("Estates"), known.get("estates")),
            kit.Fact(_("Accounts"), known.get("accounts")),
            kit.Fact(_("Load against the mean"), known.get("load_frac"), format="percent"),
            kit.Fact(_("Reports in 90 days"), known.get("reports")),
            kit.Fact(_("Middle time to first response"), known.get("response_s"),
                     format="duration"),
        ]  # fmt: skip
        return (kit.Section(_("People"), who), kit.Section(_("Load and response"), load))

    def context(self, request: HttpRequest, obj: Grid) -> dict[str, Any]:
        rows = list(Estate.objects.filter(grid=obj).order_by("code"))
        counts = queries.accounts_by_estate([row.pk for row in rows])
        return {
            "photo": reverse("files:show", args=[obj.photo.key]) if obj.photo else "",
            "estates": [
                {
                    "name": row.name,
                    "url": shown.estate_url(row.code),
                    "count": counts.get(row.pk, 0),
                }
                for row in rows
            ],
        }


class NewGridForm(forms.Form):
    """A grid to be."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=100)


class NewGrid(kit.FormPage):
    """Add a grid."""

    title = _("Add a grid")
    permission = EDIT
    form_class = NewGridForm

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        actions.add_grid(given["code"], given["name"], by_id=request.user.pk)
        return shown.grid_url(given["code"])


class GridForm(forms.Form):
    """Who looks after a grid, and what its boards say."""

    name = forms.CharField(label=_("Name"), max_length=100)
    specialist = forms.ChoiceField(label=_("Specialist"), required=False, choices=shown.staff)
    deputy = forms.ChoiceField(label=_("Deputy"), required=False, choices=shown.staff)
    phone = forms.CharField(
        label=_("Work phone"), required=False, max_length=40,
        help_text=_("Public: it stands on the notice board."),
    )  # fmt: skip
    duties = forms.CharField(
        label=_("Duties"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("One to a line; for the board."),
    )  # fmt: skip
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"})
    )


class _OfGrid(kit.FormPage):
    """A form about one grid."""

    permission = EDIT

    @cached_property
    def grid(self) -> Grid:
        """The grid of the address, or `Http404`."""
        found = Grid.objects.filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def get_cancel_url(self, request: HttpRequest) -> str:
        return shown.grid_url(self.grid.code)

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        code = self.grid.code
        return (
            (_("Grids"), reverse("customers:grids")), (code, shown.grid_url(code)),
            (self.title, ""),
        )  # fmt: skip


class EditGrid(_OfGrid):
    """Choose the people of a grid; boards that show somebody else are invalid from then on."""

    title = _("Choose people")
    form_class = GridForm
    explanation = _("Notice boards that show another specialist have to be printed anew.")

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        row = self.grid
        return {
            "name": row.name, "specialist": str(row.specialist_id or ""), "phone": row.phone,
            "deputy": str(row.deputy_id or ""), "duties": row.duties,
        }  # fmt: skip

    def submit(self, request: HttpRequest, form: Any) -> str:
        given = form.cleaned_data
        actions.choose_people(
            self.grid.code, specialist_id=shown.user_id(given["specialist"]),
            deputy_id=shown.user_id(given["deputy"]), phone=given["phone"],
            duties=given["duties"], name=given["name"], photo=given["photo"],
            by_id=request.user.pk,
        )  # fmt: skip
        return shown.grid_url(self.grid.code)


class MoveForm(forms.Form):
    """Estates that shall belong to the grid, by hand."""

    estates = forms.MultipleChoiceField(
        label=_("Estates"), choices=figures.estates_with_grid,
        widget=forms.SelectMultiple(attrs={"size": "14"}),
    )  # fmt: skip
    why = forms.CharField(label=_("Why"), max_length=300)


class MoveEstates(_OfGrid):
    """Propose by hand that estates come to a grid; somebody else approves it."""

    title = _("Move estates here")
    form_class = MoveForm
    submit_label = _("Keep as a proposal")

    def submit(self, request: HttpRequest, form: Any) -> str:
        codes = form.cleaned_data["estates"]
        now = dict(Estate.objects.filter(code__in=codes).values_list("code", "grid__code"))
        moves = [
            balancing.Move(code, now.get(code) or "", self.grid.code)
            for code in codes
            if now.get(code) != self.grid.code
        ]
        plan = actions.keep_plan(moves, by_id=request.user.pk, why=form.cleaned_data["why"])
        return plan_url(plan.pk)


STATES = {str(code): words for code, words in words.PLAN_STATES.items()}


class Plans(kit.ListPage):
    """All proposals to move estates."""

    title = _("Proposals")
    permission = "customers.read"
    url_name = "customers:plans"
    columns = (
        kit.Column("pk", _("Number"), href=lambda row: plan_url(row.pk), sort="id"),
        kit.Column("state", _("State"), badge=STATES),
        kit.Column("moves", _("Estates moved"), value=lambda row: len(row.moves), format="d"),
        kit.Column("why", _("Why"), sort=False),
        kit.Column("made_at", _("Made"), format="moment"),
        kit.Column("made_by", _("Made by"), value=lambda row: row.made_by and row.made_by.name),
        kit.Column("decided_by", _("Decided by"), phone=False,
                   value=lambda row: row.decided_by and row.decided_by.name),
    )  # fmt: skip
    search = ("why", "made_by__name")
    filters = (
        kit.ChoiceFilter("state", _("State"),
                         choices=[(code, label) for code, (label, _c) in STATES.items()]),
    )  # fmt: skip
    default_sort = "-made_at"
    empty = _("No proposals yet. Ask for one on the page of grids.")

    def rows(self, request: HttpRequest) -> QuerySet[GridPlan]:
        return GridPlan.objects.select_related("made_by", "decided_by")

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Grids"), reverse("customers:grids")), (self.title, ""))


class PlanPage(kit.DetailPage):
    """One proposal: what moves, and the load of each grid before and after."""

    permission = "customers.read"
    template = "customers/plan.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> GridPlan:
        found = GridPlan.objects.select_related("made_by", "decided_by").filter(pk=kwargs["pk"])
        row = found.first()
        if row is None:
            raise Http404
        return row

    def heading(self, request: HttpRequest, obj: GridPlan) -> Any:
        return _("Proposal %(number)s") % {"number": obj.pk}

    def badges(self, request: HttpRequest, obj: GridPlan) -> Sequence[SafeString]:
        return [kit.badge(*STATES[obj.state])]

    def trail(self, request: HttpRequest, obj: GridPlan) -> Sequence[tuple[Any, str]]:
        return (
            (_("Grids"), reverse("customers:grids")),
            (_("Proposals"), reverse("customers:plans")), (str(obj.pk), ""),
        )  # fmt: skip

    def actions(self, request: HttpRequest, obj: GridPlan) -> Sequence[SafeString]:
        if obj.state != PlanState.PROPOSED or not permissions.holds(request.user, APPROVE):
            return ()
        approve = reverse("customers:decide", args=[obj.pk, "approve"])
        refuse = reverse("customers:decide", args=[obj.pk, "refuse"])
        return (
            kit.action_button(request, _("Approve"), approve, icon="check",
                              confirm=_("Move these estates now?")),
            kit.action_button(request, _("Refuse"), refuse, icon="x", colour=""),
        )  # fmt: skip

    def facts(self, request: HttpRequest, obj: GridPlan) -> Sequence[kit.Section]:
        before = {code: one[0] for code, one in obj.before.items()}
        after = {code: one[0] for code, one in obj.after.items()}
        facts = [
            kit.Fact(_("Estates moved"), len(obj.moves)),
            kit.Fact(_("Busiest grid against the mean, before"), balancing.spread(before),
                     format="percent"),
            kit.Fact(_("Busiest grid against the mean, after"), balancing.spread(after),
                     format="percent"),
            kit.Fact(_("Why"), obj.why),
            kit.Fact(_("Made by"), obj.made_by.name if obj.made_by else None,
                     note=formats.moment(obj.made_at)),
            kit.Fact(_("Decided by"), obj.decided_by.name if obj.decided_by else None),
        ]  # fmt: skip
        return (kit.Section(_("Proposal"), facts),)

    def context(self, request: HttpRequest, obj: GridPlan) -> dict[str, Any]:
        names = dict(Grid.objects.values_list("code", "name"))
        estates = dict(
            Estate.objects.filter(code__in=[one[0] for one in obj.moves]).values_list(
                "code", "name"
            )
        )
        return {
            "moves": [
                {"estate": estates.get(code, code), "url": shown.estate_url(code),
                 "from": names.get(begin, begin) or formats.NOTHING, "to": names.get(end, end)}
                for code, begin, end in obj.moves
            ],
            "loads": [
                {"name": names.get(code, code), "before": one, "after": obj.after.get(code, [0, 0])}
                for code, one in sorted(obj.before.items())
            ],
        }  # fmt: skip


@permissions.needs(EDIT)
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Work out a proposal and show it."""
    return HttpResponseRedirect(plan_url(actions.propose_plan(by_id=request.user.pk).pk))


@permissions.needs(APPROVE)
@require_POST
def decide(request: HttpRequest, pk: int, answer: str) -> HttpResponse:
    """Approve or refuse a proposal."""
    if answer not in ("approve", "refuse"):
        raise Http404
    actions.decide_plan(pk, approve=answer == "approve", by_id=request.user.pk)
    return HttpResponseRedirect(plan_url(pk))
