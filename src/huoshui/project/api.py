"""The JSON API: one document, one router per area, nothing without a permission."""

from __future__ import annotations

import importlib
import importlib.util

from django.conf import settings
from django.http import HttpRequest
from ninja import NinjaAPI

from huoshui.kernel.accounts import permissions
from huoshui.kernel.cases.web import api as case_api
from huoshui.kernel.cases.web import api_deeds, api_photos
from huoshui.kernel.errors import web


def refuse_unmarked(request: HttpRequest) -> None:
    """Refuse every endpoint that does not say which permission it needs."""
    raise permissions.NotAllowed("api.unmarked_endpoint")


api = NinjaAPI(
    title="Huoshui",
    version="1",
    description="The same data and deeds as the pages, with the same permissions.",
    auth=refuse_unmarked,
    docs_decorator=permissions.signed_in,
    urls_namespace="api",
)
web.answer_errors(api)

for router in (case_api.router, api_deeds.router, api_photos.router):
    api.add_router("/cases/", router, tags=["cases"])

for area in settings.AREAS:
    module = f"huoshui.areas.{area}.web.api"
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found:
        api.add_router(f"/{area}/", importlib.import_module(module).router, tags=[area])

# A connector that waits for callers has endpoints among those of measurements.
for package in settings.CONNECTORS:
    if importlib.util.find_spec(f"{package}.api"):
        router = importlib.import_module(f"{package}.api").router
        api.add_router("/telemetry/", router, tags=["telemetry"])
