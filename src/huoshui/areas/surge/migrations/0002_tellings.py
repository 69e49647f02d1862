"""Keep each telling of somebody at risk, so that one winter is not taken for another."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def carry_over(apps, schema_editor):
    """Make a row of what was kept with the entries until now."""
    entries = apps.get_model("surge", "RiskEntry").objects.filter(warned_at__isnull=False)
    apps.get_model("surge", "RiskWarning").objects.bulk_create(
        (
            apps.get_model("surge", "RiskWarning")(entry_id=pk, at=at, how=how, by_id=by_id)
            for pk, at, how, by_id in entries.values_list(
                "pk", "warned_at", "warned_how", "warned_by_id"
            )
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("surge", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RiskWarning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("how", models.CharField(max_length=40)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tellings",
                        to="surge.riskentry",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entry", "at", "how"), name="riskwarning_kept_once"
                    )
                ],
            },
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
