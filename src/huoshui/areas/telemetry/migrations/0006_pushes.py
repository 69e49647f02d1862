"""A table of bodies pushed over HTTP under keys of their senders."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('telemetry', '0005_corrections'),
    ]

    operations = [
        migrations.CreateModel(
            name='Push',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=200)),
                ('digest', models.CharField(help_text='SHA-256 of the body.', max_length=64)),
                ('answer', models.JSONField()),
                ('received_at', models.DateTimeField(db_index=True)),
            ],
            options={
                'ordering': ('-received_at',),
                'constraints': [models.UniqueConstraint(fields=('source', 'key'), name='push_once_per_key')],
            },
        ),
    ]
