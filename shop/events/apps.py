"""Finds the handlers and periodic entries of every package."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    """Reads every `tasks.py`, so that the relay knows whom to tell."""

    name = "shop.events"

    def ready(self) -> None:
        """Import the `tasks` module of every installed package that has one."""
        autodiscover_modules("tasks")
