"""Switching scoring on is decided by two others."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0024_matter_rules'),
    ]

    operations = [
        migrations.AlterField(
            model_name='approvalpolicy',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('close_company', 'Closing the company'), ('accept_remainder', 'Ending an erasure as incomplete'), ('scoring_model', 'Scoring model'), ('go_live', 'Switching scoring on')], max_length=20),
        ),
        migrations.AlterField(
            model_name='matterrule',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('close_company', 'Closing the company'), ('accept_remainder', 'Ending an erasure as incomplete'), ('scoring_model', 'Scoring model'), ('go_live', 'Switching scoring on')], max_length=20, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='kind',
            field=models.CharField(choices=[('purpose_version', 'New wording of a purpose'), ('approval_policy', 'Change of who decides'), ('grant_role', 'Role for a person'), ('people_export', 'Export about people'), ('legal_hold', 'Legal hold'), ('close_company', 'Closing the company'), ('accept_remainder', 'Ending an erasure as incomplete'), ('scoring_model', 'Scoring model'), ('go_live', 'Switching scoring on')], max_length=20),
        ),
    ]
