from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cart', '0002_held_until'),
    ]

    operations = [
        migrations.AddField(
            model_name='cart',
            name='idle_since',
            field=models.DateTimeField(null=True),
        ),
    ]
