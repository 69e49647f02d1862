"""Calculated points get a class of their own: their readings follow from others."""

from django.db import migrations


def make_class(apps, schema_editor):
    """Make the class; it keeps its readings for ever until somebody decides otherwise."""
    apps.get_model("telemetry", "RetentionClass").objects.get_or_create(
        code="calculated", defaults={"name_en": "Calculated points", "name_zh": "计算点"}
    )


class Migration(migrations.Migration):

    dependencies = [("telemetry", "0007_trends")]

    operations = [migrations.RunPython(make_class, migrations.RunPython.noop)]
