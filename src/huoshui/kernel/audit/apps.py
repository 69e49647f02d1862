from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "huoshui.kernel.audit"
    label = "audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.pages import menu

        permissions.declare(
            "audit.read", _("Read the audit trail"), posts=("administrator", "manager")
        )
        menu.add("system", _("Audit trail"), "audit:trail", "audit.read", "shield-lock", 60)
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
