from django.db import migrations, models

from shop.lib.indexes import AddIndexWhileOpen


class Migration(migrations.Migration):

    atomic = False
    dependencies = [
        ('events', '0003_grown_outbox'),
    ]

    operations = [
        AddIndexWhileOpen(
            model_name='event',
            index=models.Index(fields=['subject', 'delivered_at', 'id'], name='events_of_subject'),
        ),
    ]
