"""Who had a hand in an announcement, and who raised the limit, so that neither is the second."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("announcements", "0002_counted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="edited_by",
            field=models.JSONField(
                default=list,
                help_text="Who ever changed it, by id: none of them is its second person.",
            ),
        ),
        migrations.AddField(
            model_name="sendingrules",
            name="mass_from_before",
            field=models.PositiveIntegerField(
                help_text="What goes on to hold for whoever raised the limit last.", null=True
            ),
        ),
        migrations.AddField(
            model_name="sendingrules",
            name="mass_raised_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
