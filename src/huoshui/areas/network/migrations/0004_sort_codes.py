"""Fill the sort codes of assets and connections that were there before."""

from __future__ import annotations

import re
from typing import Any

from django.db import migrations

DIGITS = re.compile(r"\d+")
ROWS_AT_ONCE = 500


def natural_key(code: str) -> str:
    """Return a code as this migration's version sorts it."""
    return DIGITS.sub(lambda found: found[0].lstrip("0").zfill(9), code.lower())[:320]


def fill(apps: Any, schema_editor: Any) -> None:
    """Write the sort code of every asset."""
    asset = apps.get_model("network", "Asset")
    rows = []
    for row in asset.objects.filter(sort_code="").only("id", "code").iterator():
        row.sort_code = natural_key(row.code)
        rows.append(row)
    asset.objects.bulk_update(rows, ["sort_code"], batch_size=ROWS_AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("network", "0003_assets_in_depth")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
