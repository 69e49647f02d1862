"""The type of job that a crew is sent with, for each topic that is a repair."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from huoshui.areas.hotline import standard


def fill(apps: Any, schema_editor: Any) -> None:
    """Say it for the topics that are there."""
    standard.fill_job_types(apps.get_model("hotline", "Topic"))


class Migration(migrations.Migration):
    dependencies = [("hotline", "0004_owners_chat_groups")]

    operations = [
        migrations.AddField(
            model_name="topic",
            name="job_type_code",
            field=models.CharField(
                blank=True, help_text="Type of the job that a crew is sent with.", max_length=40,
                default="",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
