"""Indexes for lists of a great city that two filters or a filter and an order narrow."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("network", "0007_zone_unit")]

    operations = [
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                fields=["material", "laid_year"],
                name="asset_list_material_year",
                condition=models.Q(("retired_at", None)),
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                fields=["material", "kind", "sort_code"],
                name="asset_list_material_kind",
                condition=models.Q(("retired_at", None)),
            ),
        ),
    ]
