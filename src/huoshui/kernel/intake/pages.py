"""Pages of imports: what may be imported, what was, and one import from file to result."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from huoshui.kernel.accounts import permissions
from huoshui.kernel.intake import actions, kinds, report
from huoshui.kernel.intake.models import Import, State
from huoshui.kernel.pages import kit
from huoshui.kernel.pages.kit.excel import EXCEL

READ = "intake.read"
STATES = {
    State.CHECKING: (_("Being checked"), "blue"),
    State.CHECKED: (_("Waiting for you"), "yellow"),
    State.IMPORTING: (_("Being imported"), "blue"),
    State.DONE: (_("Imported"), "green"),
    State.FAILED: (_("Not imported"), "red"),
}
SHOWN = 200
# What a form is larger than the file in it.
FORM_BYTES = 100_000


def _allowed(request: HttpRequest) -> list[kinds.Kind]:
    return [kind for kind in kinds.listed() if permissions.holds(request.user, kind.permission)]


def _kind(request: HttpRequest, code: str) -> kinds.Kind:
    """Return a kind that this reader may import; an unknown one is not found."""
    kind = kinds.KINDS.get(code)
    if kind is None:
        raise Http404
    if not permissions.holds(request.user, kind.permission):
        raise permissions.NotAllowed(kind.permission)
    return kind


def _reader(request: HttpRequest) -> int:
    """Return the number of who asks; nobody gets here without having signed in."""
    return int(str(request.user.pk))


def _labels() -> dict[str, Any]:
    return {kind.code: kind.label for kind in kinds.listed()}


class Imports(kit.ListPage):
    """Past imports, below what may be imported."""

    title = _("Imports")
    permission = READ
    url_name = "intake:imports"
    columns = (
        kit.Column("brought_at", _("When"), format="moment"),
        kit.Column("kind", _("What"), labels=_labels),
        kit.Column("file_name", _("File")),
        kit.Column("state", _("State"), badge=STATES),
        kit.Column("by__name", _("Who")),
        kit.Column("created", pgettext_lazy("import", "New"), format="d"),
        kit.Column("changed", _("Changed"), format="d", phone=False),
        kit.Column("unchanged", _("Same"), format="d", phone=False),
        kit.Column("problems_total", _("Problems"), format="d"),
    )
    search = ("file_name", "by__name")
    filters = (
        kit.ChoiceFilter("kind", _("What"), choices=lambda: list(_labels().items())),
        kit.ChoiceFilter(
            "state", _("State"), choices=[(code, label) for code, (label, _c) in STATES.items()]
        ),
    )
    default_sort = "-brought_at"
    empty = _("Nothing has been imported yet. Choose above what you have.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        allowed = [kind.code for kind in _allowed(request)]
        return Import.objects.filter(kind__in=allowed).order_by().values(
            "id", "brought_at", "kind", "file_name", "state", "by__name",
            "created", "changed", "unchanged", "problems_total",
        )  # fmt: skip

    def row_href(self, row: Any) -> str:
        return reverse("intake:import", args=[row["id"]])

    def above(self, request: HttpRequest) -> SafeString | None:
        offered = _allowed(request)
        # Plain values: a template would call the function that writes the Excel file.
        cards = [
            {
                "code": kind.code,
                "label": kind.label,
                "description": kind.description,
                "has_template": kind.template is not None,
            }
            for kind in offered
        ]
        return render_to_string("intake/kinds.html", {"kinds": cards}) if cards else None


class FileForm(forms.Form):
    """The file, and what may be said about it."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV, Excel (.xlsx, .xls) or Parquet, up to 2 GB.")
    )

    def __init__(self, *args: Any, kind: kinds.Kind, with_file: bool, **named: Any) -> None:
        super().__init__(*args, **named)
        if not with_file:
            del self.fields["file"]
        elif kind.files:
            self.fields["file"].help_text = kind.files
        for option in kind.options:
            self.fields[option.code] = _field(option)

    def said(self) -> dict[str, str]:
        """Return the answers as options: text, and "yes" for what is ticked."""
        return {
            code: "yes" if value is True else str(value or "")
            for code, value in self.cleaned_data.items()
            if code != "file"
        }


def _field(option: kinds.Option) -> forms.Field:
    common: dict[str, Any] = {
        "label": option.label, "help_text": option.help, "required": False,
        "initial": option.initial(),
    }  # fmt: skip
    if option.is_flag:
        return forms.BooleanField(**common)
    if option.choices:
        choices = [("", _("Found out by itself")), *option.choices]
        return forms.ChoiceField(choices=choices, **common)
    return forms.CharField(max_length=4_000, **common)


class Bring(kit.FormPage):
    """Bring a file of one kind: it is checked first, and nothing is changed."""

    permission = READ
    submit_label = _("Check the file")
    explanation = _(
        "The file is checked first and nothing is changed. You then see what would be imported "
        "and what is wrong, and decide."
    )

    @classmethod
    def bytes_max(cls) -> int:
        """Return the largest file with the form around it."""
        return actions.FILE_BYTES_MAX + FORM_BYTES

    def heading(self, request: HttpRequest) -> Any:
        kind = _kind(request, self.kwargs["kind"])
        return _now("Import: %(kind)s") % {"kind": kind.label}

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return ((_("Imports"), reverse("intake:imports")), (self.heading(request), ""))

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("intake:imports")

    def get_form(self, request: HttpRequest, **arguments: Any) -> FileForm:
        return FileForm(kind=_kind(request, self.kwargs["kind"]), with_file=True, **arguments)

    def submit(self, request: HttpRequest, form: FileForm) -> str:
        upload = form.cleaned_data["file"]
        kind = _kind(request, self.kwargs["kind"])
        content_hash, size = actions.keep(upload.chunks(), upload.name)
        row = actions.bring(
            kind.code, upload.name, content_hash, size, form.said(), _reader(request)
        )
        return reverse("intake:import", args=[row.pk])


class Again(kit.FormPage):
    """Answer otherwise about a file that is here already; it need not be sent again."""

    permission = READ
    submit_label = _("Check the file again")

    def _row(self, request: HttpRequest) -> Import:
        row = get_object_or_404(Import, pk=self.kwargs["pk"])
        _kind(request, row.kind)
        return row

    def heading(self, request: HttpRequest) -> Any:
        return self._row(request).file_name

    def trail(self, request: HttpRequest) -> Sequence[tuple[Any, str]]:
        return (
            (_("Imports"), reverse("intake:imports")),
            (self.heading(request), self.get_cancel_url(request)),
            (_("Other answers"), ""),
        )

    def get_cancel_url(self, request: HttpRequest) -> str:
        return reverse("intake:import", args=[self.kwargs["pk"]])

    def initial(self, request: HttpRequest) -> Mapping[str, Any]:
        return self._row(request).options

    def get_form(self, request: HttpRequest, **arguments: Any) -> FileForm:
        kind = _kind(request, self._row(request).kind)
        return FileForm(kind=kind, with_file=False, **arguments)

    def submit(self, request: HttpRequest, form: FileForm) -> str:
        row = self._row(request)
        fresh = actions.bring(
            row.kind, row.file_name, row.content_hash, row.size_bytes, form.said(), _reader(request)
        )
        return reverse("intake:import", args=[fresh.pk])


class ImportPage(kit.DetailPage):
    """One import: how the file was understood, what differs, what is wrong, and what came of it."""

    permission = READ
    template = "intake/import.html"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> Import:
        row = get_object_or_404(Import.objects.select_related("by"), pk=kwargs["pk"])
        _kind(request, row.kind)
        return row

    def heading(self, request: HttpRequest, obj: Import) -> Any:
        return obj.file_name

    def badges(self, request: HttpRequest, obj: Import) -> Sequence[SafeString]:
        return [kit.badge(*STATES[State(obj.state)])]

    def trail(self, request: HttpRequest, obj: Import) -> Sequence[tuple[Any, str]]:
        return ((_("Imports"), reverse("intake:imports")), (obj.file_name, ""))

    def actions(self, request: HttpRequest, obj: Import) -> Sequence[SafeString]:
        buttons = []
        if obj.state == State.CHECKED and not obj.is_fatal and (obj.created or obj.changed):
            label = _("Import what is good") if obj.problems_total else _("Import")
            url = reverse("intake:carry_out", args=[obj.pk])
            buttons.append(kit.action_button(request, label, url, icon="check"))
        if obj.state in (State.CHECKED, State.FAILED):
            url = reverse("intake:again", args=[obj.pk])
            buttons.append(kit.link_button(_("Other answers"), url, icon="adjustments"))
        if obj.problems_total:
            url = reverse("intake:problems", args=[obj.pk])
            buttons.append(kit.link_button(_("Problems as Excel"), url, icon="file-spreadsheet"))
        return buttons

    def facts(self, request: HttpRequest, obj: Import) -> Sequence[kit.Section]:
        said = _said(obj)
        kind = kinds.KINDS[obj.kind]
        is_done = obj.state == State.DONE
        counts = [
            kit.Fact(pgettext_lazy("import", "New") if is_done else _("Would be new"),
                     obj.created, kind.counted, format=",d"),
            kit.Fact(_("Changed") if is_done else _("Would change"), obj.changed, format=",d"),
            kit.Fact(_("The same as before"), obj.unchanged, format=",d"),
            kit.Fact(_("Left out"), obj.left_out, format=",d"),
            kit.Fact(_("Problems"), obj.problems_total, format=",d"),
        ]  # fmt: skip
        course = [
            kit.Fact(_("What"), kind.label),
            kit.Fact(_("Brought by"), obj.by.name),
            kit.Fact(_("Brought at"), obj.brought_at, format="moment"),
            kit.Fact(_("Ended"), obj.ended_at, format="moment"),
            kit.Fact(_("Size"), obj.size_bytes, "B", format=",d"),
        ]
        labels = {option.code: option.label for option in kind.options}
        answers = [
            kit.Fact(labels[code], _("yes") if value == "yes" else value)
            for code, value in obj.options.items()
            if code in labels
        ]
        sections = [kit.Section(_("Course"), course)]
        if said:
            sections.insert(0, kit.Section(_("Outcome"), counts))
            understood = [kit.Fact(label, words) for label, words in said["facts"]]
            sections.append(kit.Section(_("How the file was understood"), understood))
        if answers:
            sections.append(kit.Section(_("Answers"), answers))
        return sections

    def context(self, request: HttpRequest, obj: Import) -> dict[str, Any]:
        said = _said(obj)
        return {
            "is_working": obj.state in (State.CHECKING, State.IMPORTING),
            "problems": said.get("problems", [])[:SHOWN],
            "problems_total": obj.problems_total,
            "differences": said.get("differences", [])[:SHOWN],
            "differences_total": said.get("differences_total", 0),
            "is_nothing": obj.state == State.CHECKED
            and not obj.is_fatal
            and not (obj.created or obj.changed),
        }


def _said(row: Import) -> dict[str, Any]:
    """Return what was found, in the reader's language."""
    language = translation.get_language() or "zh-hans"
    found: dict[str, Any] = row.outcome.get(language) or row.outcome.get("en") or {}
    return found


@permissions.needs(READ)
@require_POST
def carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry a checked import out."""
    _kind(request, get_object_or_404(Import, pk=pk).kind)
    actions.carry_out(pk, _reader(request))
    return HttpResponseRedirect(reverse("intake:import", args=[pk]))


@permissions.needs(READ)
def problems(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with the problems of an import as Excel."""
    row = get_object_or_404(Import, pk=pk)
    _kind(request, row.kind)
    out = io.BytesIO()
    report.write_excel(out, report.from_json(_said(row).get("problems", [])))
    return _excel(out, f"{_now('Problems')} {row.file_name}")


@permissions.needs(READ)
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Answer with the Excel file to fill in."""
    found = _kind(request, kind)
    if found.template is None:
        raise Http404
    out = io.BytesIO()
    found.template(out)
    return _excel(out, str(found.label))


def _excel(out: io.BytesIO, name: str) -> HttpResponse:
    response = HttpResponse(out.getvalue(), content_type=EXCEL)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return response


urlpatterns = [
    Imports.path("imports/", name="imports"),
    Bring.path("imports/new/<slug:kind>/", name="bring"),
    path("imports/template/<slug:kind>/", template, name="template"),
    ImportPage.path("imports/<int:pk>/", name="import"),
    Again.path("imports/<int:pk>/again/", name="again"),
    path("imports/<int:pk>/carry-out/", carry_out, name="carry_out"),
    path("imports/<int:pk>/problems/", problems, name="problems"),
]
