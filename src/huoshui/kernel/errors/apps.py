from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ErrorsConfig(AppConfig):
    """An app only so that the sentences in `web` have their translations beside them."""

    name = "huoshui.kernel.errors"
    label = "errors"
    verbose_name = _("Errors")
