"""The audit log: who did what, when, to what."""

from collections.abc import Iterator
from typing import Any

from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from shop.accounts.models import User
from shop.backoffice.auditing import FOLLOWED
from shop.backoffice.base import ReadOnlyAdmin
from shop.backoffice.lists import TypedFilter
from shop.backoffice.wording import moment

_WORDS = {0: "added", 1: "changed", 2: "removed", 3: "looked at"}
_LONGEST_SUMMARY = 90


class PersonFilter(TypedFilter):
    """Who did it, by their username."""

    title = "username"
    parameter_name = "who"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Find one person, and what they did by an index."""
        name = (self.value() or "").strip()
        if not name:
            return queryset
        return queryset.filter(actor_id__in=list(_ids_of(name)))


def _ids_of(username: str) -> Iterator[int]:
    if "\0" not in username:
        yield from User.objects.filter(username=username).values_list("pk", flat=True)


class KindFilter(admin.SimpleListFilter):
    """What it was done to."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """The kinds of things the log follows."""
        return [
            (model._meta.label_lower, str(model._meta.verbose_name).capitalize())
            for model in FOLLOWED
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """One kind."""
        for model in FOLLOWED:
            if model._meta.label_lower == self.value():
                kind = ContentType.objects.get_for_model(model)
                return queryset.filter(content_type=kind)
        return queryset


admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Everything that was changed, the newest first; never altered itself."""

    list_display = ("at", "who", "did", "kind", "named", "summary")
    list_display_links = ("at", "summary")
    list_select_related = ("content_type", "actor")
    list_filter = (PersonFilter, KindFilter, ("timestamp", admin.DateFieldListFilter))
    ordering = ("-id",)
    sortable_by = ()
    fields = ("at", "who", "did", "kind", "thing", "remote_addr")
    readonly_fields = fields
    change_form_outer_after_template = "backoffice/parts/changes.html"

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """Return what was changed."""
        row = self.get_object(request, object_id)
        return {"shop_changes": row and list(changes_of(row))}

    @admin.display(description="when")
    def at(self, row: LogEntry) -> str:
        """When it was done."""
        return moment(row.timestamp)

    @admin.display(description="what")
    def named(self, row: LogEntry) -> str:
        """What the thing was called then."""
        return str(row.object_repr)

    @admin.display(description="who")
    def who(self, row: LogEntry) -> str:
        """Who did it; the shop itself where nobody was signed in."""
        return str(row.actor or row.actor_email or "—")

    @admin.display(description="did what")
    def did(self, row: LogEntry) -> str:
        """A word for it."""
        return _WORDS.get(row.action, "?")

    @admin.display(description="kind")
    def kind(self, row: LogEntry) -> str:
        """What kind of thing."""
        return str(row.content_type.name)

    @admin.display(description="what")
    def thing(self, row: LogEntry) -> str:
        """The thing, with a way to it."""
        kind = row.content_type
        try:
            name = f"admin:{kind.app_label}_{kind.model}_change"
            address = reverse(name, args=[row.object_pk])
        except NoReverseMatch:
            return str(row.object_repr)
        return format_html('<a class="bo-link" href="{}">{}</a>', address, row.object_repr)

    @admin.display(description="changes")
    def summary(self, row: LogEntry) -> str:
        """Which fields were changed; what is new or gone has all of them."""
        if row.action != LogEntry.Action.UPDATE:
            return "—"
        names = ", ".join(name for name, _, _ in changes_of(row))
        return names if len(names) <= _LONGEST_SUMMARY else f"{names[:_LONGEST_SUMMARY]}…"


def changes_of(entry: LogEntry) -> Iterator[tuple[str, str, str]]:
    """Yield each change of an entry: the field, what it was, and what it became."""
    for name, change in sorted((entry.changes or {}).items()):
        label = name.replace("_", " ")
        if isinstance(change, dict):
            things = ", ".join(str(thing) for thing in change.get("objects", ()))
            is_added = change.get("operation") == "add"
            yield (label, "", f"+ {things}") if is_added else (label, f"— {things}", "")
        else:
            before, after = (("" if value == "None" else value) for value in change)
            if before != after:
                yield label, before, after
