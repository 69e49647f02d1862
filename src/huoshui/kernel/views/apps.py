from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ViewsConfig(AppConfig):
    name = "huoshui.kernel.views"
    label = "views"
    verbose_name = _("Saved views")

    def ready(self) -> None:
        from huoshui.kernel import audit
        from huoshui.kernel.accounts import permissions

        permissions.declare(
            "views.share",
            _("Share saved views with everybody"),
            posts=("administrator", "manager", "dispatcher"),
        )
        audit.name_deed("views.saved", _("View saved"))
        audit.name_deed("views.removed", _("View removed"))
        audit.name_subject("view", _("Saved view"))
