"""Indexes for connections by address and by distance, and for counting pipes of a diameter."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0009_sized_list"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="asset",
            name="asset_list_material_kind",
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("retired_at", None)),
                fields=["material", "kind", "sort_code", "diameter_mm"],
                name="asset_list_material_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["address"], name="connection_by_address"),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["away_m"], name="connection_by_distance"),
        ),
    ]
