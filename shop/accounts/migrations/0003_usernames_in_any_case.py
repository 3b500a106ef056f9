"""Usernames are one account's in whatever spelling: fill the keys, then let the database see to it."""

import logging
import unicodedata

import shop.lib.fields
from django.db import migrations, models

LONGEST = 150

logger = logging.getLogger(__name__)


def key_of(username):
    plain = unicodedata.normalize("NFKC", username).strip().casefold()
    return unicodedata.normalize("NFKC", plain)[:LONGEST]


def free_name(username, user_id, taken):
    """Return a username like this one that nobody has in any spelling."""
    # A third of the room, since some letters fold into three.
    for ending in [f"-{user_id}", *(f"-{user_id}-{number}" for number in range(2, 1000))]:
        name = username[: LONGEST // 3] + ending
        if key_of(name) not in taken:
            return name
    raise RuntimeError(f"there is no free username like {username!r}")


def fill_keys(apps, schema_editor):
    """Give every account its key. Of two that differ only in case the older keeps its name.

    The younger one is renamed, which the log says; its owner can sign in by e-mail as before.
    """
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    rows = list(users.order_by("id").values_list("id", "username"))
    owners = {}
    for user_id, username in rows:
        owners.setdefault(key_of(username), user_id)
    taken = set(owners)
    for user_id, username in rows:
        name = username
        if owners[key_of(username)] != user_id:
            name = free_name(username, user_id, taken)
            taken.add(key_of(name))
            logger.warning("The account %r (%s) is called %r now", username, user_id, name)
        users.filter(id=user_id).update(username=name, username_key=key_of(name))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_token_families'),
    ]

    operations = [
        migrations.AlterModelManagers(
            name='user',
            managers=[
            ],
        ),
        migrations.AddField(
            model_name='user',
            name='username_key',
            # With a default from the start, and never altered: MariaDB forgets how a column compares
            # when it is told anew that the column is not NULL.
            field=shop.lib.fields.ExactCharField(default='', editable=False, max_length=150),
            preserve_default=False,
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(fields=('username_key',), name='user_username_once_in_any_case', violation_error_message='Somebody has this username already.'),
        ),
    ]
