from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# Keys of recorded details that more than one area uses; what is special an area names itself.
DETAILS = {
    "address": pgettext_lazy("recorded detail", "From address"),
    "after": pgettext_lazy("recorded detail", "After"),
    "asked_by": pgettext_lazy("recorded detail", "Asked by"),
    "asset": pgettext_lazy("recorded detail", "Asset"),
    "assets": pgettext_lazy("recorded detail", "Assets"),
    "assigned_to": pgettext_lazy("recorded detail", "Assigned to"),
    "at": pgettext_lazy("recorded detail", "At"),
    "attributes": pgettext_lazy("recorded detail", "Attributes"),
    "before": pgettext_lazy("recorded detail", "Before"),
    "before_date": pgettext_lazy("recorded detail", "Before the day"),
    "began_at": pgettext_lazy("recorded detail", "Began"),
    "by": pgettext_lazy("recorded detail", "By"),
    "bytes": pgettext_lazy("recorded detail", "Bytes"),
    "changed": pgettext_lazy("recorded detail", "Changed"),
    "check": pgettext_lazy("recorded detail", "Check"),
    "code": pgettext_lazy("recorded detail", "Code"),
    "codes": pgettext_lazy("recorded detail", "Codes"),
    "conditions": pgettext_lazy("recorded detail", "Conditions"),
    "connector": pgettext_lazy("recorded detail", "Connector"),
    "content_hash": pgettext_lazy("recorded detail", "SHA-256"),
    "correction": pgettext_lazy("recorded detail", "Correction"),
    "corrects": pgettext_lazy("recorded detail", "Corrects"),
    "count": pgettext_lazy("recorded detail", "Number"),
    "created": pgettext_lazy("recorded detail", "Created"),
    "due_date": pgettext_lazy("recorded detail", "Due"),
    "expires_at": pgettext_lazy("recorded detail", "Expires"),
    "expression": pgettext_lazy("recorded detail", "Expression"),
    "file": pgettext_lazy("recorded detail", "File"),
    "findings": pgettext_lazy("recorded detail", "Findings"),
    "form": pgettext_lazy("recorded detail", "Form"),
    "found": pgettext_lazy("recorded detail", "Found"),
    "from": pgettext_lazy("recorded detail", "From"),
    "from_at": pgettext_lazy("recorded detail", "From"),
    "from_date": pgettext_lazy("recorded detail", "From"),
    "gone": pgettext_lazy("recorded detail", "No longer there"),
    "how": pgettext_lazy("recorded detail", "How"),
    "inlets": pgettext_lazy("recorded detail", "Inlets"),
    "keep_days": pgettext_lazy("recorded detail", "Days kept"),
    "kind": pgettext_lazy("recorded detail", "Kind"),
    "left": pgettext_lazy("recorded detail", "Left"),
    "left_out": pgettext_lazy("recorded detail", "Left out"),
    "minutes": pgettext_lazy("recorded detail", "Minutes"),
    "name": pgettext_lazy("recorded detail", "Name"),
    "name_en": pgettext_lazy("recorded detail", "English name"),
    "name_zh": pgettext_lazy("recorded detail", "Chinese name"),
    "new": pgettext_lazy("recorded detail", "New"),
    "note": pgettext_lazy("recorded detail", "Note"),
    "offset": pgettext_lazy("recorded detail", "Offset"),
    "opening_frac": pgettext_lazy("recorded detail", "Opening"),
    "operability": pgettext_lazy("recorded detail", "Operability"),
    "options": pgettext_lazy("recorded detail", "Options"),
    "outlets": pgettext_lazy("recorded detail", "Outlets"),
    "owner": pgettext_lazy("recorded detail", "Owner"),
    "parent": pgettext_lazy("recorded detail", "Parent unit"),
    "parts": pgettext_lazy("recorded detail", "Parts"),
    "phone": pgettext_lazy("recorded detail", "Phone"),
    "points": pgettext_lazy("recorded detail", "Points"),
    "readings": pgettext_lazy("recorded detail", "Readings"),
    "reason": pgettext_lazy("recorded detail", "Reason"),
    "replaced": pgettext_lazy("recorded detail", "Replaced"),
    "rule": pgettext_lazy("recorded detail", "Rule"),
    "saved_at": pgettext_lazy("recorded detail", "Saved"),
    "secrets": pgettext_lazy("recorded detail", "Secrets changed"),
    "seen_at": pgettext_lazy("recorded detail", "Seen"),
    "sha256": pgettext_lazy("recorded detail", "SHA-256"),
    "side": pgettext_lazy("recorded detail", "Side"),
    "sources": pgettext_lazy("recorded detail", "Sources"),
    "start": pgettext_lazy("recorded detail", "Begins with"),
    "state": pgettext_lazy("recorded detail", "State"),
    "storage": pgettext_lazy("recorded detail", "Storage"),
    "subject": pgettext_lazy("recorded detail", "About"),
    "text": pgettext_lazy("recorded detail", "Text"),
    "to": pgettext_lazy("recorded detail", "To"),
    "token": pgettext_lazy("recorded detail", "API token"),
    "trouble": pgettext_lazy("recorded detail", "Trouble"),
    "turned_at": pgettext_lazy("recorded detail", "Turned"),
    "turns": pgettext_lazy("recorded detail", "Turns"),
    "unit": pgettext_lazy("recorded detail", "Unit"),
    "until": pgettext_lazy("recorded detail", "Until"),
    "until_at": pgettext_lazy("recorded detail", "Until"),
    "until_date": pgettext_lazy("recorded detail", "Until"),
    "value": pgettext_lazy("recorded detail", "Value"),
    "version": pgettext_lazy("recorded detail", "Version"),
    "why": pgettext_lazy("recorded detail", "Why"),
}


class AuditConfig(AppConfig):
    name = "huoshui.kernel.audit"
    label = "audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        from huoshui.kernel import health
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.audit import checks, words
        from huoshui.kernel.pages import menu

        permissions.declare(
            "audit.read", _("Read the audit trail"), posts=("administrator", "manager")
        )
        menu.add("system", _("Audit trail"), "audit:trail", "audit.read", "shield-lock", 60)
        words.name_details(DETAILS)
        health.declare("audit.chain", _("Audit trail"), checks.end_of_the_chain)
        post_migrate.connect(start_chain, sender=self, dispatch_uid="audit.start_chain")


def start_chain(*, using: str, **kwargs: Any) -> None:
    """Make the end of a chain that has no records yet.

    Never for a chain that has some: its missing end is what a check must find.
    """
    from huoshui.kernel.audit import trail
    from huoshui.kernel.audit.models import AuditHead, AuditRecord

    if not AuditRecord.objects.using(using).exists():
        # The seal stays empty until the first record: it depends on the installation's secret.
        AuditHead.objects.using(using).get_or_create(
            id=1, defaults={"record_hash": trail.GENESIS, "seal": ""}
        )
