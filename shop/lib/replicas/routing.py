"""Which database a query goes to: Django's router, set where there are replicas."""

from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

from shop.lib.replicas import visits


class ReplicaRouter:
    """To the primary, unless a view that may lag reads one of `settings.REPLICA_APPS`.

    So sessions, accounts, rights and carts are read from the primary, whoever reads them.
    """

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        """Return where a model is read; inside a transaction, and after a write, the primary."""
        visit = visits.current()
        if visit is None or not visit.replica or visit.has_written:
            return DEFAULT_DB_ALIAS
        if model._meta.app_label not in settings.REPLICA_APPS or connection.in_atomic_block:
            return DEFAULT_DB_ALIAS
        return visit.replica

    def db_for_write(self, _model: type[Model], **_hints: Any) -> str:
        """Return the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, _one: Model, _other: Model, **_hints: Any) -> bool:
        """Rows are the same rows, wherever they were read."""
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool | None:
        """Replicas get their tables from the primary."""
        return None if db == DEFAULT_DB_ALIAS else False
