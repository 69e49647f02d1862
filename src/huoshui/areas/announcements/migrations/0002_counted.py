"""What each channel reaches is kept with the announcement, counted when its people are gathered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("announcements", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="counted",
            field=models.JSONField(
                default=dict, help_text="How many each channel reaches, and why not the rest."
            ),
        ),
    ]
