"""An index of who opened what; saved views of the list of one kind are kept for that kind."""

import re

from django.conf import settings
from django.db import migrations, models

KIND = re.compile(r"/cases/([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)/")


def keep_by_kind(apps, schema_editor):
    """Give each saved view of a list of cases the name of the list of its own kind."""
    SavedView = apps.get_model("views", "SavedView")
    for row in SavedView.objects.using(schema_editor.connection.alias).filter(page="cases:list"):
        found = KIND.fullmatch(row.path)
        if found:
            row.page = f"cases:list:{found[1]}"
            row.save(update_fields=["page"])


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0004_of_a_unit"),
        ("organisation", "0001_units"),
        ("views", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["opened_by", "opened_at"], name="case_opened_by"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["closed_at"], name="case_closed"),
        ),
        migrations.AddIndex(
            model_name="casestep",
            index=models.Index(
                condition=models.Q(("kind", "reopened")), fields=["at"], name="casestep_reopened"
            ),
        ),
        migrations.AddIndex(
            model_name="caseclockrun",
            index=models.Index(fields=["stopped_at"], name="caseclockrun_ended"),
        ),
        migrations.AddIndex(
            model_name="caseclockrun",
            index=models.Index(
                condition=models.Q(("late", True)), fields=["due_at"], name="caseclockrun_late"
            ),
        ),
        migrations.RunPython(keep_by_kind, migrations.RunPython.noop),
    ]
