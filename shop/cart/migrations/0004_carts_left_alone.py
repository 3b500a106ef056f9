from django.db import migrations, models

from shop.lib.indexes import AddIndexWhileOpen


class Migration(migrations.Migration):

    atomic = False
    dependencies = [
        ('cart', '0003_left_alone'),
    ]

    operations = [
        AddIndexWhileOpen(
            model_name='cart',
            index=models.Index(fields=['idle_since'], name='carts_left_alone'),
        ),
    ]
