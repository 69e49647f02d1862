"""The page of the audit trail."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from huoshui.kernel.audit import trail, words
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.pages import kit

SYSTEM = _("System")


def _who(row: dict[str, Any]) -> Any:
    return row["by__name"] or SYSTEM


def _detail(row: dict[str, Any]) -> str:
    return words.in_one_line(row["action"], row["detail"])


class Trail(kit.ListPage):
    """Who did what, newest first."""

    title = _("Audit trail")
    permission = "audit.read"
    url_name = "audit:trail"
    columns = (
        kit.Column("sequence", _("Number"), format="d"),
        kit.Column("at", _("When"), format="moment"),
        kit.Column("by__name", _("Who"), value=_who, sort="by__name"),
        kit.Column("action", _("Deed"), value=lambda row: str(words.label_of(row["action"]))),
        kit.Column(
            "subject",
            _("About"),
            value=lambda row: words.subject_of(row["subject"]),
            sort="subject",
        ),
        kit.Column("detail", _("Detail"), value=_detail, phone=False),
        kit.Column("shown_at", _("Shown time"), format="moment", phone=False),
    )
    search = ("subject", "by__name", "by__username")
    filters = (
        kit.ChoiceFilter("action", _("Deed"), choices=lambda: words.labels().items()),
        kit.PeriodFilter("at", _("When")),
    )
    default_sort = "-sequence"
    empty = _("Nothing has been recorded yet.")

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return AuditRecord.objects.values(
            "sequence", "at", "shown_at", "by__name", "action", "subject", "detail"
        )

    def row_href(self, row: Any) -> str:
        return f"{row['sequence']}/"

    def above(self, request: HttpRequest) -> SafeString:
        return format_html(
            '<p class="hs-explanation">{}</p>',
            _("Records cannot be changed or removed. Each carries the hash of the one before."),
        )


class Record(kit.DetailPage):
    """One record with everything in it, and whether it still is what was written."""

    permission = "audit.read"

    def get_object(self, request: HttpRequest, **kwargs: Any) -> AuditRecord:
        from django.shortcuts import get_object_or_404

        return get_object_or_404(AuditRecord.objects.select_related("by"), pk=kwargs["sequence"])

    def heading(self, request: HttpRequest, obj: AuditRecord) -> Any:
        return words.label_of(obj.action)

    def trail(self, request: HttpRequest, obj: AuditRecord) -> list[tuple[Any, str]]:
        return [(_("Audit trail"), "../")]

    def badges(self, request: HttpRequest, obj: AuditRecord) -> list[SafeString]:
        if trail.hash_of(obj) == obj.record_hash:
            return [kit.badge(_("Unchanged"), "green")]
        return [kit.badge(_("Changed after it was written"), "red")]

    def facts(self, request: HttpRequest, obj: AuditRecord) -> list[kit.Section]:
        what = [
            kit.Fact(_("Number"), obj.sequence, format="d"),
            kit.Fact(_("When"), obj.at, format="moment"),
            kit.Fact(_("Shown time"), obj.shown_at, format="moment"),
            kit.Fact(_("Who"), str(obj.by) if obj.by else SYSTEM),
            kit.Fact(_("About"), words.subject_of(obj.subject)),
        ]
        detail = [kit.Fact(*row) for row in words.rows_of(obj.action, obj.detail)]
        proof = [
            kit.Fact(_("Hash of this record"), obj.record_hash),
            kit.Fact(_("Hash of the one before"), obj.previous_hash),
        ]
        return [
            kit.Section(_("Record"), what),
            *([kit.Section(_("Detail"), detail)] if detail else []),
            kit.Section(_("Proof"), proof),
        ]


urlpatterns = [
    Trail.path("system/audit/", name="trail"),
    path("system/audit/<int:sequence>/", Record.as_view(), name="record"),
]
