"""An index for the list of what has a diameter, in the order of codes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("network", "0008_great_lists")]

    operations = [
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                fields=["sort_code"],
                name="asset_list_sized",
                condition=models.Q(("diameter_mm__isnull", False), ("retired_at", None)),
            ),
        ),
    ]
