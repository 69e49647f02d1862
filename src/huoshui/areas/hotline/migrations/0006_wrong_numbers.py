from django.db import migrations, models

from huoshui.areas.hotline import standard

KINDS = ["repair", "enquiry", "complaint", "suggestion", "praise", "wrong_number"]


def fill(apps, schema_editor):
    """Add the topic of callers who meant somebody else."""
    standard.fill_wrong_numbers(apps.get_model("hotline", "Topic"))


class Migration(migrations.Migration):

    dependencies = [("hotline", "0005_job_types_of_topics")]

    operations = [
        migrations.RemoveConstraint(model_name="topic", name="topic_kind_known"),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", KINDS)), name="topic_kind_known"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
