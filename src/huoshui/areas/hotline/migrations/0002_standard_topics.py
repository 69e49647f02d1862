"""Give each topic its type of case, and write the standard topics into a new installation."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from huoshui.areas.hotline import standard


def fill(apps: Any, schema_editor: Any) -> None:
    """Write the topics where there are none."""
    standard.fill(apps.get_model("hotline", "Topic"))


class Migration(migrations.Migration):
    dependencies = [("hotline", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="case_type",
            field=models.CharField(default="hotline.enquiry", max_length=80),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
