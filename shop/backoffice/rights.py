"""Who of the staff may do what: three groups to begin with."""

from collections.abc import Iterable

from django.apps import apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

_ALL = ("view", "add", "change", "delete")
_LOOK = ("view",)
_STOCK = {
    "inventory.stocklevel": _LOOK,
    "inventory.stocklocation": _LOOK,
    "inventory.stockmovement": _LOOK,
}
_CATALOGUE = {
    "catalog.category": _ALL,
    "catalog.product": _ALL,
    "catalog.variant": _ALL,
    "catalog.productimage": _ALL,
    "catalog.option": _ALL,
    "catalog.optionvalue": _ALL,
    "inventory.stocklevel": ("view", "change"),
    "inventory.stocklocation": ("view", "add", "change"),
    "inventory.stockmovement": _LOOK,
    "reviews.review": ("view", "change"),
}
_ORDERS = {
    **_STOCK,
    "orders.order": ("view", "change"),
    "orders.orderline": _LOOK,
    "orders.orderevent": _LOOK,
    "letters.letter": ("view", "change"),
    "accounts.user": _LOOK,
}
_EVERYTHING = {
    **_ORDERS,
    **_CATALOGUE,
    "accounts.user": ("view", "add", "change"),
    "auditlog.logentry": _LOOK,
    "events.schedule": _LOOK,
    "events.webhook": _ALL,
    "events.delivery": ("view", "change"),
}

# What each group may do to what. None of them hands out rights: that is for superusers.
GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "Catalogue": _CATALOGUE,
    "Orders": _ORDERS,
    "Everything": _EVERYTHING,
}


def make_groups(*, using: str, migrated: Apps = apps) -> None:
    """Make the groups that are missing; "Everything" gets whatever is new besides.

    A group that is there already is the merchant's: what was taken from it stays taken. Does
    nothing while tables are missing; `migrated` knows which are there.
    """
    if not all(_is_there(label, migrated) for label in ("auth.group", *_EVERYTHING)):
        return
    for label in sorted({name.partition(".")[0] for name in _EVERYTHING}):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    for name, rights in GROUPS.items():
        group, is_new = Group.objects.using(using).get_or_create(name=name)
        if is_new or name == "Everything":
            group.permissions.add(*_permissions(rights.items(), using=using))


def _is_there(label: str, migrated: Apps) -> bool:
    try:
        migrated.get_model(label)
    except LookupError:
        return False
    return True


def _permissions(rights: Iterable[tuple[str, tuple[str, ...]]], *, using: str) -> list[Permission]:
    wanted = Q()
    for label, verbs in rights:
        app, _, model = label.partition(".")
        wanted |= Q(
            content_type__app_label=app,
            content_type__model=model,
            codename__in=[f"{verb}_{model}" for verb in verbs],
        )
    return list(Permission.objects.using(using).filter(wanted))
