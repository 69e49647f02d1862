"""Notice boards: where they hang, the page to print, and the form behind its code."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import segno
from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from huoshui.areas.customers import actions, refusals, rules
from huoshui.areas.customers.models import Board, Estate, Grid
from huoshui.areas.customers.web import shown
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts import permissions
from huoshui.kernel.pages import kit

SIGN_LENGTH = 12
FORM_BYTES = 100_000


def token_of(grid_code: str, estate_code: str = "") -> str:
    """Return what stands in the address of a board's public form; it cannot be guessed."""
    name = f"{grid_code}.{estate_code}" if estate_code else grid_code
    return f"{name}.{_sign(name)}"


def named_by(token: str) -> tuple[str, str] | None:
    """Return the grid and the estate that a token names; None for one we never made."""
    name, _dot, sign = token.rpartition(".")
    if not name or not constant_time_compare(sign, _sign(name)):
        return None
    grid, _dot, estate = name.partition(".")
    return grid, estate


def _sign(name: str) -> str:
    return salted_hmac("customers.board", name, algorithm="sha256").hexdigest()[:SIGN_LENGTH]


def picture(address: str) -> SafeString:
    """Return the code of an address as SVG, readable with a quarter of it scratched away."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, scale=4, omitsize=True
    )
    # Made by ourselves from an address of ours: no foreign text is in it.
    return mark_safe(out.getvalue().decode())


def _standing(row: Board) -> str:
    today = clock.local(clock.now()).date()
    if row.removed_at is not None:
        return "removed"
    grid = row.estate.grid
    valid = rules.is_board_valid(
        valid_until=row.valid_until_date, today=today, shows_id=row.shows_id,
        specialist_id=grid.specialist_id if grid else None,
    )  # fmt: skip
    return "valid" if valid else "outdated" if row.valid_until_date < today else "other_person"


STANDINGS = {
    "valid": (_("Valid"), "green"),
    "outdated": (_("Outdated"), "orange"),
    "other_person": (_("Shows somebody else"), "red"),
    "removed": (_("Taken down"), "secondary"),
}


def _took_down(pk: int, request: HttpRequest) -> bool:
    """Take down one board of several; one that is down already stays so."""
    try:
        actions.take_down(pk, by_id=request.user.pk)
    except refusals.NotNow:
        return False
    return True


class Boards(kit.ListPage):
    """All notice boards that hang, and those that hung."""

    title = _("Notice boards")
    permission = "customers.read"
    url_name = "customers:boards"
    columns = (
        kit.Column("estate", _("Estate"), sort="estate__name", value=lambda row: row.estate.name,
                   href=lambda row: shown.estate_url(row.estate.code)),
        kit.Column("place", _("Where it hangs")),
        kit.Column("shows", _("Shows"), sort="shows__name", value=lambda row: row.shows.name),
        kit.Column("standing", _("State"), value=_standing, badge=STANDINGS),
        kit.Column("hung_at", _("Hung"), format="moment", phone=False),
        kit.Column("valid_until_date", _("Valid until"), format="day"),
        kit.Column("removed_at", _("Taken down"), format="moment", phone=False, optional=True),
    )  # fmt: skip
    bulk = (
        kit.BulkAction("take_down", _("Take down"), lambda request, ids: sum(
            _took_down(pk, request) for pk in ids), permission="customers.boards", icon="x",
            confirm=_("Record that {n} notice boards were taken down?"), colour="danger"),
    )  # fmt: skip
    search = ("estate__name", "estate__code", "place", "shows__name")
    search_hint = _("Estate, place or person")
    filters = (
        kit.ChoiceFilter(
            "show", _("Show"), choices=(("hanging", _("Hanging")), ("removed", _("Taken down"))),
            apply=lambda rows, wanted: rows.filter(removed_at__isnull=wanted == "hanging"),
        ),
    )  # fmt: skip
    default_sort = "-hung_at"
    empty = _("No notice board hangs yet. Print one on the page of an estate.")

    def rows(self, request: HttpRequest) -> QuerySet[Board]:
        return Board.objects.select_related("estate__grid", "shows")

    def actions(self, request: HttpRequest) -> Sequence[SafeString]:
        url = f"{reverse('customers:estates')}?show=no_board"
        return (kit.link_button(_("Estates without a valid board"), url, icon="alert-triangle"),)


class HangForm(forms.Form):
    """Where a board hangs."""

    place = forms.CharField(label=_("Where it hangs"), max_length=200)
    valid_until = forms.DateField(
        label=_("Valid until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"})
    )


class HangBoard(kit.FormPage):
    """Record that a board was hung."""

    title = _("Board was hung")
    permission = "customers.boards"
    form_class = HangForm

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        return {"valid_until": clock.local(clock.now()).date() + rules.BOARD_VALID}

    def get_cancel_url(self, request: HttpRequest) -> str:
        return shown.estate_url(self.kwargs["code"])

    def submit(self, request: HttpRequest, form: Any) -> str:
        actions.hang_board(self.kwargs["code"], **form.cleaned_data, by_id=request.user.pk)
        return shown.estate_url(self.kwargs["code"])


@permissions.needs("customers.boards")
@require_POST
def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a board was taken down, and go back to its estate."""
    board = actions.take_down(pk, by_id=request.user.pk)
    return HttpResponseRedirect(shown.estate_url(board.estate.code))


@permissions.needs("customers.read")
def board_print(request: HttpRequest, code: str) -> HttpResponse:
    """Show the notice board of a grid, or of one of its estates, on one page to print."""
    grid = Grid.objects.select_related("specialist", "deputy", "photo").filter(code=code).first()
    if grid is None or grid.specialist is None:
        raise Http404
    estate = grid.estates.filter(code=request.GET.get("estate", "")).first()
    path = reverse("customers:public", args=[token_of(grid.code, estate.code if estate else "")])
    address = request.build_absolute_uri(path)
    context = {
        "title": _("Notice board"),
        "grid": {
            "name": grid.name,
            "specialist": grid.specialist.name,
            "deputy": grid.deputy.name if grid.deputy else "",
            "phone": grid.phone,
            "duties": [one for one in grid.duties.splitlines() if one.strip()],
            "photo": reverse("files:show", args=[grid.photo.key]) if grid.photo else "",
        },
        "estate": estate.name if estate else "",
        "picture": picture(address),
        "address": address,
        "trail": ((_("Grids"), reverse("customers:grids")),
                  (grid.code, shown.grid_url(grid.code)), (_("Notice board"), "")),
    }  # fmt: skip
    return render(request, "customers/board.html", context)


class ReportForm(forms.Form):
    """What a resident wants to say."""

    text = forms.CharField(
        label=_("What is it about?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    name = forms.CharField(label=_("Your name"), required=False, max_length=100)
    phone = forms.CharField(
        label=_("Telephone"), required=False, max_length=40,
        help_text=_("Only if we may call you back. It is seen by our staff alone."),
    )  # fmt: skip
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"})
    )


class Report(kit.FormPage):
    """Write to the specialist whose board was read; no account is needed."""

    permission = permissions.PUBLIC
    form_class = ReportForm
    submit_label = _("Send")
    explanation = _("Your water specialist reads this. In an emergency please call the hotline.")

    @classmethod
    def bytes_max(cls) -> int:
        """Return the largest photo with the form around it."""
        return settings.get().photo_bytes_max + FORM_BYTES

    def place(self) -> tuple[Grid, Estate | None]:
        """Return grid and estate of the code, or raise `Http404`: a code we never printed."""
        named = named_by(self.kwargs["token"])
        grid = Grid.objects.filter(code=named[0]).first() if named else None
        if named is None or grid is None:
            raise Http404
        return grid, Estate.objects.filter(code=named[1]).first() if named[1] else None

    def heading(self, request: HttpRequest) -> Any:
        grid, estate = self.place()
        return estate.name if estate else grid.name

    def submit(self, request: HttpRequest, form: Any) -> HttpResponse:
        grid, estate = self.place()
        # The estate may have another grid by now: its present specialist answers.
        now = estate.grid if estate and estate.grid else grid
        number = actions.receive_report(
            now.code, estate_code=estate.code if estate else "", **form.cleaned_data,
            address=str(request.META.get("REMOTE_ADDR", "")),
        )  # fmt: skip
        shown = {"title": _("Thank you"), "number": number}
        return render(request, "customers/reported.html", shown)
