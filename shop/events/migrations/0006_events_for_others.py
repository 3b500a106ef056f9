from django.db import migrations, models

from shop.lib.indexes import AddIndexWhileOpen


class Migration(migrations.Migration):

    atomic = False
    dependencies = [
        ('events', '0005_wake'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='tell_others_at',
            field=models.DateTimeField(null=True),
        ),
        AddIndexWhileOpen(
            model_name='event',
            index=models.Index(fields=['tell_others_at', 'id'], name='events_for_others'),
        ),
    ]
