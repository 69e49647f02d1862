from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackupConfig(AppConfig):
    name = "huoshui.kernel.backup"
    label = "backup"
    verbose_name = _("Backup")

    def ready(self) -> None:
        from huoshui.kernel import health
        from huoshui.kernel.backup import health as age

        health.declare("system.backups", _("Backups"), age.backups, order=40)
