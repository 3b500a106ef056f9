"""Lets what is asked of the database be watched, in every process, and garbage be collected."""

import gc

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Begins before the first connection is opened."""

    name = "shop.ops"

    def ready(self) -> None:
        """Watch the connections, as far as the settings want it; end what manage.py has begun."""
        from shop.lib.statements import watch_new_connections

        watch_new_connections()
        # All there is by now is there for good, and shared with whatever is forked off.
        gc.freeze()
        gc.enable()
