"""What the kernel's imports tell when the program starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

OUTSIDE = ("crew_leader", "crew", "viewer")


class IntakeConfig(AppConfig):
    """Files that people bring: checked, explained, imported."""

    name = "huoshui.kernel.intake"
    label = "intake"
    verbose_name = _("Imports")

    def ready(self) -> None:
        """Declare the permission, the words of the audit and the line of the menu."""
        from huoshui.kernel import audit
        from huoshui.kernel.accounts import permissions, posts
        from huoshui.kernel.intake import kinds
        from huoshui.kernel.pages import menu

        permissions.declare(
            "intake.read",
            _("See imports, and bring files of the kinds one may import"),
            # Each kind of import has a permission of its own besides.
            posts=[code for code in posts.POSTS if code not in OUTSIDE],
        )
        audit.name_deed("intake.file_brought", _("File brought for import"))
        audit.name_deed("intake.carried_out", _("Import carried out"))
        audit.name_subject("intake", _("Import"))
        audit.name_values("intake.kind", kinds.name_of)
        menu.add("work", _("Imports"), "intake:imports", "intake.read", icon="upload", order=50)
