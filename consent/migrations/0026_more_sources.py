"""Counts may come from Teams, mailboxes and git as well."""

from django.db import migrations, models

KINDS = [
    ("slack", "Slack"), ("viva_engage", "Viva Engage (Yammer)"), ("teams", "Microsoft Teams"),
    ("mail", "Mailbox (mbox or maildir)"), ("git", "git log"), ("csv", "CSV file"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("consent", "0025_going_live")]
    operations = [migrations.AlterField("source", "kind", models.CharField(max_length=12, choices=KINDS))]
