"""The back office as Django sees it: its own app, and the admin it replaces."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as all_apps
from django.apps.registry import Apps
from django.contrib.admin import apps as admin_apps


class BackOfficeConfig(AppConfig):
    """Keeps the audit log, and makes the groups of staff."""

    name = "shop.backoffice"
    label = "backoffice"
    verbose_name = "Back office"
    default = True

    def ready(self) -> None:
        """Begin to listen: to what is written, and to the moment when all tables are there."""
        from auditlog.models import LogEntry
        from django.db.models.signals import post_migrate, pre_save

        from shop.backoffice import auditing, names

        names.give()
        auditing.register()
        pre_save.connect(auditing.name_the_actor, sender=LogEntry, dispatch_uid="backoffice.actor")
        # Of all apps' signals the one of those whose groups these are: an app without models,
        # such as this one, has none of its own.
        owner = all_apps.get_app_config("auth")
        post_migrate.connect(_make_groups, sender=owner, dispatch_uid="backoffice.groups")


class BackOfficeSiteConfig(admin_apps.AdminConfig):
    """Django's admin, with the site of this shop in place of the usual one."""

    default = False
    default_site = "shop.backoffice.site.BackOffice"


def _make_groups(using: str, apps: Apps = all_apps, **_: Any) -> None:
    from shop.backoffice import rights

    rights.make_groups(using=using, migrated=apps)
