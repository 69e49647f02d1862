"""Which columns are searched by words; the kernel keeps the index."""

from __future__ import annotations

from huoshui.kernel import search

NAMES = search.Index("customers_person", ("name",))
ADDRESSES = search.Index("customers_premises", ("address",))
ESTATES = search.Index("customers_estate", ("code", "name", "district", "address"))
