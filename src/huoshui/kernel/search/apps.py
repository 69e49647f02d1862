from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "huoshui.kernel.search"
    label = "search"
    verbose_name = _("Search")

    def ready(self) -> None:
        post_migrate.connect(mend_indexes, sender=self, dispatch_uid="search.mend_indexes")


def mend_indexes(*, using: str, **kwargs: Any) -> None:
    """Make and mend every declared index, after all tables are what this version needs."""
    from huoshui.kernel import search

    for index in search.declared():
        search.ensure(index, using)
