"""Making an index on a large table while the shop is open."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddIndex


class AddIndexWhileOpen(AddIndex):
    """Keeps nobody from writing meanwhile, for which its migration needs `atomic = False`.

    MariaDB makes every index like this, and SQLite in a moment. One that was interrupted leaves an
    index that is of no use, and takes it away when it is run again.
    """

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *states: Any, **more: Any
    ) -> None:
        """Make the index."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, *states, **more)
            return
        to_state: Any = more.get("to_state", states[-1] if states else None)
        model = to_state.apps.get_model(app_label, self.model_name)
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        schema_editor.add_index(model, self.index, concurrently=True)  # type: ignore[call-arg]
