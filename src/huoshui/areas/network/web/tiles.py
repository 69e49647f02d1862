"""Vector tiles over HTTP."""

from __future__ import annotations

import gzip

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from huoshui.areas.network import queries, rules, tiles
from huoshui.kernel.accounts import permissions

CONTENT_TYPE = "application/vnd.mapbox-vector-tile"

# The address in a page names the revision, so a tile of that revision never changes. An hour,
# because a browser asks nobody whether its user may still see the network.
KEEP_S = 3600


@permissions.needs("network.read")
def tile(request: HttpRequest, zoom: int, x: int, y: int) -> HttpResponse:
    """Answer with one tile, or with 304 if the browser has it."""
    if not rules.TILE_ZOOM_MIN <= zoom <= rules.TILE_ZOOM_MAX or max(x, y) >> zoom:
        raise Http404
    revision = queries.revision()
    etag = f'W/"{revision}-{zoom}-{x}-{y}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = _body(request, tiles.tile(revision, zoom, x, y))
    response["ETag"] = etag
    named = request.GET.get("r") == revision
    response["Cache-Control"] = f"private, max-age={KEEP_S}" if named else "private, no-cache"
    patch_vary_headers(response, ("Accept-Encoding", "Cookie"))
    return response


def _body(request: HttpRequest, packed: bytes) -> HttpResponse:
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(packed, content_type=CONTENT_TYPE)
        response["Content-Encoding"] = "gzip"
        return response
    return HttpResponse(gzip.decompress(packed), content_type=CONTENT_TYPE)
