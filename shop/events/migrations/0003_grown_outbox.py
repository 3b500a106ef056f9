from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0002_request_of_events'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='version',
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name='event',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
    ]
