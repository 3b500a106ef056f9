"""Lists that stay quick however long they are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:
    BasePaginator = Paginator[Any]
else:
    BasePaginator = Paginator

# As far as lists are counted and leafed through; who looks for something beyond searches for it.
MOST_ROWS = 5_000
MOST_AT_ONCE = 100


class CappedPaginator(BasePaginator):
    """Counts no further than MOST_ROWS."""

    template_name = "backoffice/parts/pagination.html"

    @cached_property
    def count(self) -> int:
        """The number of rows, or MOST_ROWS where there are more."""
        if isinstance(self.object_list, QuerySet):
            return self.object_list.order_by()[:MOST_ROWS].count()
        return min(len(self.object_list), MOST_ROWS)

    @property
    def is_capped(self) -> bool:
        """Whether there may be more rows than were counted."""
        return self.count >= MOST_ROWS


class TypedFilter(admin.SimpleListFilter):
    """A filter into which its value is typed; it lists no rows to choose from."""

    template = "backoffice/parts/typed_filter.html"

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002
        model_admin: Any,  # noqa: ARG002
    ) -> list[tuple[Any, str]]:
        """There is one choice: what was typed."""
        return [("", "")]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        """Yield what the field shows, and what else the address says and must go on saying."""
        others = changelist.get_filters_params()
        others.pop(str(self.parameter_name), None)
        yield {
            "value": self.value() or "",
            "others": [(name, value) for name, values in others.items() for value in values],
        }


def too_many(queryset: QuerySet[Any]) -> tuple[list[int], bool]:
    """Return the ids of chosen rows, and whether they are more than can be done at once."""
    ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    return ids, len(ids) > MOST_AT_ONCE
