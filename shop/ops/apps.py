"""Lets what is asked of the database be watched, in every process."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Begins before the first connection is opened."""

    name = "shop.ops"

    def ready(self) -> None:
        """Watch the connections, as far as the settings want it."""
        from shop.lib.statements import watch_new_connections

        watch_new_connections()
