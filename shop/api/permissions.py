"""Who may use an address, and with which method: each address says so in its `access`."""

from enum import StrEnum
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class Who(StrEnum):
    """Whom a method is for, where it is not for staff with a right (`catalog.add_product`)."""

    # Everybody gets the same answer: no token is looked at.
    PUBLIC = "public"
    # Everybody, but the answer depends on who it is.
    ANYBODY = "anybody"
    SIGNED_IN = "signed in"


class MayUse(BasePermission):
    """Lets in whom the address says."""

    def has_permission(self, request: Request, view: Any) -> bool:
        who = view.who
        if who in {Who.PUBLIC, Who.ANYBODY}:
            return True
        if who == Who.SIGNED_IN:
            return request.user.is_authenticated
        return has_right(request, who)


def has_right(request: Request, right: str) -> bool:
    """Tell whether a member of staff asks who has this right."""
    user = request.user
    return user.is_authenticated and user.is_staff and user.has_perm(right)
