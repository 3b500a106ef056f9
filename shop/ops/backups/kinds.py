"""Which file knows the database in use."""

from types import ModuleType

from shop.ops.backups import mariadb, postgresql, sqlite

# Each has `copying`, `stock_of`, `alone` and `loading`.
BY_VENDOR: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql, "mysql": mariadb}
