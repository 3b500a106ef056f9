"""Finds what every package tells, its handlers, and its periodic work."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules, module_has_submodule


class EventsConfig(AppConfig):
    """Reads every `rules.py` and `tasks.py`: what can be told, and whom the relay tells."""

    name = "shop.events"

    def ready(self) -> None:
        """Declare the `NEWS` of every package's rules, then import every `tasks` there is."""
        from shop.events.actions.registering import declare

        for config in apps.get_app_configs():
            if config.module and module_has_submodule(config.module, "rules"):
                declare(getattr(import_module(f"{config.name}.rules"), "NEWS", ()))
        autodiscover_modules("tasks")
