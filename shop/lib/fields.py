"""Model fields that behave the same on every database."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    # To the type checker it is what it looks like: it knows when a CharField can be None.
    ExactCharField = models.CharField
else:

    class ExactCharField(models.CharField):
        """Text that compares byte for byte: `85123a` is not `85123A`.

        MySQL and MariaDB compare text without regard to case unless the column says otherwise;
        SQLite and PostgreSQL compare exactly as they are.
        """

        def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
            """Add the binary collation where the database needs one."""
            parameters = dict(super().db_parameters(connection))
            if connection.vendor == "mysql":
                parameters["collation"] = "utf8mb4_bin"
            return parameters


def amount_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """Return a column for an amount of money, in the shop's currency, with two places."""
    return models.DecimalField(max_digits=14, decimal_places=2, **options)
