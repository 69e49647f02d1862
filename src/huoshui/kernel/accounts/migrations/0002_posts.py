"""Make one row for each post of the fixed list."""

from django.db import migrations

POSTS = (
    "administrator", "manager", "dispatcher", "leakage_engineer", "crew_leader", "crew", "viewer",
)


def make_posts(apps, schema_editor):
    post = apps.get_model("accounts", "Post")
    for code in POSTS:
        post.objects.get_or_create(code=code)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(make_posts, migrations.RunPython.noop)]
