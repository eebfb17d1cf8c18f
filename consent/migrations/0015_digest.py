"""Officers are told once a morning what is due."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0014_fence'),
    ]

    operations = [
        migrations.CreateModel(
            name='DigestSent',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name_plural': 'digests sent',
            },
        ),
    ]
