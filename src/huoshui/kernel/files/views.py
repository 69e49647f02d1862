"""Show kept files to those who may see them."""

from __future__ import annotations

import uuid

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase

from huoshui.kernel.accounts import permissions
from huoshui.kernel.files import store
from huoshui.kernel.files.models import StoredFile


@permissions.signed_in
def show(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """Send one file to a reader who holds the permission it was kept under."""
    found = StoredFile.objects.filter(key=key).first()
    if found is None:
        raise Http404
    permissions.require(request.user, found.permission)
    if not store.is_for(request.user, found):  # type: ignore[arg-type]
        raise Http404
    return sent(found)


def sent(found: StoredFile) -> FileResponse:
    """Return the bytes of a kept file, to a reader who may see it."""
    try:
        content = store.path_of(found.content_hash).open("rb")
    except FileNotFoundError as lost:
        raise Http404 from lost
    response = FileResponse(content, content_type=found.media_type)
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # A file handed in must never act as one of our pages, whatever it contains.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
