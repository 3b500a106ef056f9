"""On PostgreSQL, whoever writes an event wakes a relay that sleeps (shop/events/actions/waking.py)."""

from django.db import migrations

# While a relay sleeps it holds this lock, and only then is it told anything: to notify, a
# transaction has to wait for all others that do until they are committed.
WAKE = """
CREATE FUNCTION novashop_wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(1853189729) THEN
        PERFORM pg_notify('novashop_events', '');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER novashop_wake_relay AFTER INSERT ON events_event
FOR EACH STATEMENT EXECUTE FUNCTION novashop_wake_relay();
"""
FORGET = """
DROP TRIGGER novashop_wake_relay ON events_event;
DROP FUNCTION novashop_wake_relay();
"""


def _on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return run


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0004_events_of_subject'),
    ]

    operations = [
        migrations.RunPython(_on_postgresql(WAKE), _on_postgresql(FORGET)),
    ]
