import django.db.models.deletion
import huoshui.areas.hotline.contracts
import huoshui.areas.hotline.models.chats
from django.conf import settings
from django.db import migrations, models

from huoshui.areas.hotline import standard


def fill(apps, schema_editor):
    """Give the standard topics the words by which messages are proposed."""
    standard.fill_chat_words(apps.get_model("hotline", "Topic"))


class Migration(migrations.Migration):

    dependencies = [
        ('hotline', '0003_calls_of_a_place'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='topic',
            name='chat_words',
            field=models.TextField(blank=True, help_text='Words by which a message of a chat group is proposed, one a line.'),
        ),
        migrations.CreateModel(
            name='ChatGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('estate_code', models.CharField(db_index=True, max_length=40)),
                ('property_manager', models.CharField(blank=True, max_length=100)),
                ('property_phone', models.CharField(blank=True, max_length=40)),
                ('is_retired', models.BooleanField(default=False)),
                ('specialist', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='ChatPaste',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('taken_at', models.DateTimeField()),
                ('taken', models.PositiveIntegerField()),
                ('known', models.PositiveIntegerField(help_text='Messages that were taken before.')),
                ('bad', models.JSONField(default=huoshui.areas.hotline.models.chats.no_lines)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hotline.chatgroup')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ChatMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sent_at', models.DateTimeField()),
                ('sender', models.CharField(max_length=80)),
                ('text', models.TextField()),
                ('fingerprint', models.CharField(help_text='Of group, minute, sender and text.', max_length=64, unique=True)),
                ('hit_words', models.CharField(blank=True, help_text='The words for which the topic was proposed.', max_length=200)),
                ('state', models.CharField(default=huoshui.areas.hotline.contracts.MessageState['WAITING'], max_length=20)),
                ('case_number', models.CharField(blank=True, db_index=True, max_length=40)),
                ('answer', models.TextField(blank=True)),
                ('handled_at', models.DateTimeField(null=True)),
                ('article', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hotline.article')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hotline.chatgroup')),
                ('handled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('topic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hotline.topic')),
                ('paste', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hotline.chatpaste')),
            ],
        ),
        migrations.AddConstraint(
            model_name='chatgroup',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='chatgroup_has_a_name'),
        ),
        migrations.AddIndex(
            model_name='chatmessage',
            index=models.Index(fields=['state', 'sent_at'], name='chatmessage_state_sent'),
        ),
        migrations.AddIndex(
            model_name='chatmessage',
            index=models.Index(fields=['group', 'sent_at'], name='chatmessage_group_sent'),
        ),
        migrations.AddConstraint(
            model_name='chatmessage',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'case', 'answered', 'aside'])), name='chatmessage_state_known'),
        ),
        migrations.AddConstraint(
            model_name='chatmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('handled_at__isnull', True), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('handled_at__isnull', False)), _connector='OR'), name='chatmessage_handled_once'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
