"""Settings of the back office's look: its name, its colours, its menu."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _shop_name(_: HttpRequest) -> str:
    name: str = settings.SHOP_NAME
    return name


def _style(_: HttpRequest) -> str:
    return static("backoffice/backoffice.css")


def _script(_: HttpRequest) -> str:
    return static("backoffice/backoffice.js")


def _icon(_: HttpRequest) -> str:
    return static("backoffice/icon.svg")


def _needs(right: str) -> Callable[[HttpRequest], bool]:
    def has_right(request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.has_perm(right))

    return has_right


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)


def _never(_: HttpRequest) -> bool:
    return False


def _item(title: str, icon: str, model: str) -> dict[str, Any]:
    """Return an entry of the menu: the list of a model, for those who may see it."""
    app, _, name = model.partition(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": _needs(f"{app}.view_{name}"),
    }


# Sea green, from light to dark.
_PRIMARY = {
    "50": "oklch(97.8% .016 195)",
    "100": "oklch(94.6% .034 195)",
    "200": "oklch(89.5% .058 196)",
    "300": "oklch(82.6% .085 197)",
    "400": "oklch(73.5% .104 199)",
    "500": "oklch(63.2% .104 201)",
    "600": "oklch(51.2% .088 205)",
    "700": "oklch(44.6% .075 208)",
    "800": "oklch(38.7% .062 211)",
    "900": "oklch(33.6% .050 214)",
    "950": "oklch(25.2% .040 217)",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _shop_name,
    "SITE_HEADER": _shop_name,
    "SITE_SUBHEADER": "Back office",
    "SITE_SYMBOL": "storefront",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "SITE_DROPDOWN": [{"icon": "open_in_new", "title": "View shop", "link": "/"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [_style],
    "SCRIPTS": [_script],
    "COLORS": {"primary": _PRIMARY},
    "BORDER_RADIUS": "8px",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {"title": "Today", "icon": "today", "link": reverse_lazy("admin:index")},
                    _item("Orders", "receipt_long", "orders.order"),
                    _item("Letters", "mail", "letters.letter"),
                    {
                        "title": "How letters look",
                        "icon": "drafts",
                        "link": reverse_lazy("mail_looks"),
                        "permission": _needs("letters.view_letter"),
                    },
                ],
            },
            {
                "title": "Catalogue",
                "separator": True,
                "items": [
                    _item("Products", "sell", "catalog.product"),
                    _item("Categories", "account_tree", "catalog.category"),
                    _item("Options", "tune", "catalog.option"),
                    _item("Reviews", "reviews", "reviews.review"),
                ],
            },
            {
                "title": "Stock",
                "separator": True,
                "items": [
                    _item("Levels", "inventory_2", "inventory.stocklevel"),
                    _item("Locations", "warehouse", "inventory.stocklocation"),
                    _item("Ledger", "list_alt", "inventory.stockmovement"),
                ],
            },
            {
                "title": "Integrations",
                "separator": True,
                "items": [
                    _item("Webhooks", "webhook", "events.webhook"),
                    _item("Deliveries", "outbox", "events.delivery"),
                ],
            },
            {
                "title": "People",
                "separator": True,
                "items": [
                    _item("Accounts", "group", "accounts.user"),
                    {
                        **_item("Groups", "shield_person", "auth.group"),
                        "permission": _is_superuser,
                    },
                    _item("Audit log", "history", "auditlog.logentry"),
                    _item("Schedule", "schedule", "events.schedule"),
                ],
            },
            {
                "separator": True,
                "items": [
                    {
                        "title": "View shop",
                        "icon": "open_in_new",
                        "link": "/",
                        "active": _never,
                    },
                ],
            },
        ],
    },
}
