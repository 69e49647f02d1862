from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("network", "0005_change_created")]

    operations = [
        migrations.CreateModel(
            name="MapStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("before", models.CharField(max_length=32)),
                ("after", models.CharField(max_length=32, unique=True)),
                ("assets", models.JSONField(default=list, help_text="Numbers of the assets.")),
                (
                    "connections",
                    models.JSONField(default=list, help_text="Numbers of the connections."),
                ),
            ],
        ),
    ]
