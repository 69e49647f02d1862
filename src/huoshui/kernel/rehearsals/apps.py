from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RehearsalsConfig(AppConfig):
    name = "huoshui.kernel.rehearsals"
    label = "rehearsals"
    verbose_name = _("Rehearsals")

    def ready(self) -> None:
        from huoshui.kernel import audit, settings
        from huoshui.kernel.accounts import permissions
        from huoshui.kernel.pages import menu

        permissions.declare(
            "rehearsals.run",
            _("Start and stop rehearsals of the demo"),
            posts=("manager", "dispatcher", "service_manager", "hotline_agent"),
        )
        audit.name_deed("rehearsals.asked", _("Rehearsal started, held or stopped"))
        audit.name_subject("rehearsals.rehearsal", _("Rehearsal"))
        audit.name_details({"rehearsals.wanted": _("Wanted")})
        # A real installation has nobody who would play one.
        if settings.get().demo:
            menu.add(
                "system", _("Rehearsals"), "rehearsals:rehearsals", "rehearsals.run",
                "player-play", 90,
            )  # fmt: skip
