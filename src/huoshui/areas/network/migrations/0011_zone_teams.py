import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0010_lists_by_place"),
        ("organisation", "0001_units"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ZoneTeam",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("duty", models.CharField(max_length=20)),
                ("from_date", models.DateField()),
                (
                    "until_date",
                    models.DateField(
                        help_text="Excluded. Empty: until further notice.", null=True
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        help_text="Whom to ask; empty: anybody of the unit.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="teams",
                        to="network.zone",
                    ),
                ),
            ],
            options={
                "ordering": ("zone", "duty", "from_date", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("zone", "duty", "from_date"), name="zoneteam_one_begins_on_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("duty__in", ["data", "leakage", "operation", "patrol", "repair"])
                        ),
                        name="zoneteam_duty_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_date__isnull", True),
                            ("until_date__gte", models.F("from_date")),
                            _connector="OR",
                        ),
                        name="zoneteam_not_over_before_it_began",
                    ),
                ],
            },
        ),
    ]
