"""What Django's autodiscovery finds: the pages of the back office, a file for each subject."""

# Django's own pages for groups and the log come first, so that ours can take their place.
import auditlog.admin
import django.contrib.auth.admin

from shop.backoffice import (
    audit_log,
    categories,
    letters,
    options,
    orders,
    people,
    pictures,
    products,
    reviews,
    schedule,
    stock,
    webhooks,
)

__all__ = [
    "audit_log",
    "auditlog",
    "categories",
    "django",
    "letters",
    "options",
    "orders",
    "people",
    "pictures",
    "products",
    "reviews",
    "schedule",
    "stock",
    "webhooks",
]
