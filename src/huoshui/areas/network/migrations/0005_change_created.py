from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("network", "0004_sort_codes")]

    operations = [
        migrations.AddField(
            model_name="changeset",
            name="created",
            field=models.JSONField(default=list, help_text="Codes of the assets that it made."),
        ),
    ]
