"""The JSON API of customers: finding accounts, and estates on the map."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from huoshui.areas.customers import facade, figures, words
from huoshui.areas.customers.web import shown
from huoshui.kernel.accounts import permissions

router = Router()


class FoundOut(Schema):
    """One hit; the name is masked."""

    account: str
    name: str
    address: str
    meter: str
    estate: str
    how: str
    url: str


@router.get(
    "/find",
    response=list[FoundOut],
    auth=permissions.api("customers.read"),
    url_name="customers-find",
)
def find(
    request: HttpRequest, q: str = Query(..., max_length=200), limit: int = Query(20, ge=1, le=100)
) -> list[FoundOut]:
    """Find accounts by an address, a name, pinyin, or a number, as people type it."""
    return [
        FoundOut(
            account=one.account_code,
            name=one.name,
            address=one.address,
            meter=one.meter_number,
            estate=one.estate_code,
            how=str(words.HOW[one.how]),
            url=shown.account_url(one.account_code),
        )
        for one in facade.find(q, limit)
    ]


@router.get("/map", auth=permissions.api("customers.read"), url_name="customers-map")
def estates_map(request: HttpRequest) -> dict[str, Any]:
    """Return the estates as GeoJSON, each with its specialist and its number of accounts."""
    names = {one["code"]: one["specialist"] for one in figures.grid_figures()}
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
                "properties": {
                    "key": one.code,
                    "label": one.name,
                    "text": str(one.accounts),
                    "sign": "use",
                    "rank": 1,
                    "href": shown.estate_url(one.code),
                    "note": names.get(one.grid_code, ""),
                },
            }
            for one in facade.estates()
            if one.lon is not None
        ],
    }
