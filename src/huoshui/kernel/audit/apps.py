from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

# Keys of recorded details that more than one area uses; what is special an area names itself.
DETAILS = {
    "address": _("From address"),
    "after": _("After"),
    "asked_by": _("Asked by"),
    "assets": _("Assets"),
    "assigned_to": _("Assigned to"),
    "at": _("At"),
    "attributes": _("Attributes"),
    "before": _("Before"),
    "began_at": _("Began"),
    "by": _("By"),
    "changed": _("Changed"),
    "check": _("Check"),
    "code": _("Code"),
    "codes": _("Codes"),
    "conditions": _("Conditions"),
    "connector": _("Connector"),
    "content_hash": _("SHA-256"),
    "correction": _("Correction"),
    "corrects": _("Corrects"),
    "count": _("Number"),
    "created": _("Created"),
    "expires_at": _("Expires"),
    "expression": _("Expression"),
    "file": _("File"),
    "findings": _("Findings"),
    "form": _("Form"),
    "found": _("Found"),
    "from": _("From"),
    "from_at": _("From"),
    "from_date": _("From"),
    "gone": _("No longer there"),
    "how": _("How"),
    "inlets": _("Inlets"),
    "kind": _("Kind"),
    "left": _("Left"),
    "left_out": _("Left out"),
    "minutes": _("Minutes"),
    "name": _("Name"),
    "name_en": _("English name"),
    "name_zh": _("Chinese name"),
    "new": _("New"),
    "note": _("Note"),
    "offset": _("Offset"),
    "opening_frac": _("Opening"),
    "operability": _("Operability"),
    "options": _("Options"),
    "outlets": _("Outlets"),
    "owner": _("Owner"),
    "parent": _("Belongs to"),
    "parts": _("Parts"),
    "phone": _("Phone"),
    "points": _("Points"),
    "readings": _("Readings"),
    "reason": _("Reason"),
    "replaced": _("Replaced"),
    "rule": _("Rule"),
    "saved_at": _("Saved"),
    "secrets": _("Secrets changed"),
    "seen_at": _("Seen"),
    "sha256": _("SHA-256"),
    "side": _("Side"),
    "sources": _("Sources"),
    "start": _("Begins with"),
    "state": _("State"),
    "storage": _("Storage"),
    "subject": _("About"),
    "text": _("Text"),
    "to": _("To"),
    "token": _("API token"),
    "turned_at": _("Turned"),
    "turns": _("Turns"),
    "unit": _("Unit"),
    "until": _("Until"),
    "until_at": _("Until"),
    "until_date": _("Until"),
    "value": _("Value"),
    "version": _("Version"),
    "why": _("Why"),
}


class AuditConfig(AppConfig):
    name = "huoshui.kernel.audit"
    label = "audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.audit import words
        from huoshui.kernel.pages import menu

        permissions.declare(
            "audit.read", _("Read the audit trail"), posts=("administrator", "manager")
        )
        menu.add("system", _("Audit trail"), "audit:trail", "audit.read", "shield-lock", 60)
        words.name_details(DETAILS)
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
