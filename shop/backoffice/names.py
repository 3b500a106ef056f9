"""What the back office calls things: as its menu does, in titles and on the way to a page.

Given when the shop starts, and not in the models: those would want a migration for each word.
"""

from django.apps import apps

_GROUPS = {
    "accounts": "People",
    "auditlog": "People",
    "auth": "People",
    "catalog": "Catalogue",
    "events": "Integrations",
    "inventory": "Stock",
    "letters": "Letters",
    "reviews": "Catalogue",
}
_THINGS = {
    "accounts.user": ("account", "accounts"),
    "auditlog.logentry": ("entry of the audit log", "audit log"),
    "catalog.optionvalue": ("value of an option", "values"),
    "catalog.productimage": ("picture", "pictures"),
    "events.schedule": ("piece of periodic work", "schedule"),
    "inventory.stocklevel": ("level", "levels"),
    "inventory.stocklocation": ("location", "locations"),
    "inventory.stockmovement": ("movement", "ledger"),
}


def give() -> None:
    """Call groups of things, and things, by these names."""
    for label, name in _GROUPS.items():
        apps.get_app_config(label).verbose_name = name
    for label, (one, many) in _THINGS.items():
        options = apps.get_model(label)._meta
        options.verbose_name, options.verbose_name_plural = one, many
