"""Staff at their desks: who they are, and filling in the forms they are shown."""

from typing import Any
from uuid import uuid4

from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from shop.backoffice.versions import NAME

ALL_GROUPS = ("Catalogue", "Orders", "Everything")


def member(name: str, *groups: str, **facts: Any) -> Any:
    """Return a member of staff who is in these groups."""
    person: Any = get_user_model().objects.create(
        username=name, email=f"{name}@example.com", **{"is_staff": True, **facts}
    )
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


def boss() -> Any:
    """Return a superuser."""
    return member("boss", is_superuser=True)


def at_desk(person: Any) -> Client:
    """Return a browser in which somebody is signed in; a fault of ours is a 500, as for people."""
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def boss_desk() -> Client:
    """Return the browser of a superuser."""
    return at_desk(boss())


def page_of(row: Any, name: str = "change") -> str:
    """Return the address of a row's page, or of one of its buttons."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def list_of(model: Any) -> str:
    """Return the address of a list."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def add_page(model: Any) -> str:
    """Return the address at which a row is added."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


def all_admins() -> list[Any]:
    """Return every page of the back office, in a lasting order."""
    return sorted(site._registry.values(), key=lambda admin: admin.model._meta.label)


def filled_in(response: Any) -> dict[str, Any]:
    """Return what a browser would send of the form it was shown."""
    forms = [response.context["adminform"].form]
    said: dict[str, Any] = {NAME: forms[0].version}
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
        said[inline.formset.version_name] = inline.formset.version
    for form in forms:
        for field in form:
            value = field.value()
            if value is False or value is None:
                continue
            said[field.html_name] = "on" if value is True else value
    return said


def once() -> dict[str, str]:
    """Return the token that every form carries which is booked once."""
    return {"once": str(uuid4())}


def sentences(response: Any) -> list[str]:
    """Return the messages that the next page shows."""
    from django.contrib.messages import get_messages

    return [str(message) for message in get_messages(response.wsgi_request)]


def errors(response: Any) -> str:
    """Return everything that is wrong with a form, in one text."""
    context = response.context
    found = [context["adminform"].form.errors.as_text()]
    for inline in context["inline_admin_formsets"]:
        found += [form.errors.as_text() for form in inline.formset.forms]
        found += list(inline.formset.non_form_errors())
    return "\n".join(found)
