import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0001_units"), ("network", "0006_mapstep")]

    operations = [
        migrations.AddField(
            model_name="zone",
            name="unit",
            field=models.ForeignKey(
                help_text="Who is in charge; empty: as of the zone it is a part of.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="organisation.unit",
            ),
        ),
    ]
