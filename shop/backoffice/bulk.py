"""Actions of lists: one verb for many chosen rows, asked about first where it matters."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from shop.backoffice.lists import MOST_AT_ONCE, too_many
from shop.backoffice.wording import sentence_of
from shop.lib.refusals import Refusal

_MEANT = "is_meant"


def bulk(
    *,
    name: str,
    label: str,
    right: str,
    verb: Callable[[HttpRequest, list[int]], None],
    done: str,
    ask: Callable[[list[int]], str] | None = None,
) -> Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    """Return an action of a list: `verb` for all chosen rows, or for none of them.

    `right` is the name of the admin's `has_…_permission`; `done` says how many there were. Where
    there is something to `ask`, a page of its own does, and nothing is done before it is answered.
    """

    def act(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        ids, is_too_much = too_many(queryset)
        if is_too_much:
            messages.error(request, f"Please choose {MOST_AT_ONCE} at most. Nothing was changed.")
            return None
        if ask is not None and ids and _MEANT not in request.POST:
            return _page(model_admin, request, ids, name=name, label=label, question=ask(ids))
        try:
            verb(request, ids)
        except Refusal as refusal:
            messages.error(request, f"{sentence_of(refusal)} Nothing was changed.")
        else:
            messages.success(request, done.format(count=len(ids)))
        return None

    act.__name__ = name
    return admin.action(description=label, permissions=[right])(act)


def _page(
    model_admin: Any, request: HttpRequest, ids: list[int], *, name: str, label: str, question: str
) -> HttpResponse:
    """Show what is about to be done, and to how many."""
    sent = [("action", name), ("index", "0"), ("select_across", "0"), (_MEANT, "yes")]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": label,
        "subtitle": None,
        "opts": model_admin.opts,
        "question": question,
        "sent": [*sent, *((ACTION_CHECKBOX_NAME, id_) for id_ in ids)],
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "backoffice/ask_all.html", context)
