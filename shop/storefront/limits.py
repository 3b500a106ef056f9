"""How much one person can do on the pages, and how often a secret can be tried."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

from shop.accounts.rules import username_key
from shop.gate import actions as gate
from shop.storefront import visitors

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]

_MINUTE = 60
_HOUR = 60 * _MINUTE


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so many seconds, for each of those it counts for."""

    name: str
    times: int
    seconds: int

    def admit(self, **whose: str) -> None:
        """Count one more for each of these; what is empty is nobody. Raises TooManyRequests."""
        for kind, one in whose.items():
            if one:
                key = f"pages:{self.name}:{kind}:{one}"
                gate.admit(key=key, limit=self.times, seconds=self.seconds)


FORMS = Limit("forms", 60, _MINUTE)
# All attempts count, not only those that fail: whoever tries many names with one password, or two
# hundred passwords at the same moment, would fail too late to be counted. Many people share one
# address (an office, a mobile network), so it takes more of them to close the door to all.
SIGN_IN_FROM_HERE = Limit("sign-in-from-here", 10, 15 * _MINUTE)
SIGN_IN_OF_NAME = Limit("sign-in", 50, 15 * _MINUTE)
SIGN_IN_OF_ADDRESS = Limit("sign-in", 100, 15 * _MINUTE)
OLD_PASSWORD = Limit("old-password", 10, 15 * _MINUTE)
SIGN_UP = Limit("sign-up", 10, _HOUR)
RESET = Limit("reset", 5, _HOUR)
REVIEW = Limit("review", 10, 10 * _MINUTE)


def admit_sign_in(*, name: str, address: str) -> None:
    """Count one more attempt for this name (in whatever spelling) from this address.

    Raises TooManyRequests. One address that has tried a name too often does not use up what is
    left for it elsewhere: strangers could keep its owner out.
    """
    key = username_key(name)
    SIGN_IN_FROM_HERE.admit(both=key and f"{key} {address}")
    SIGN_IN_OF_ADDRESS.admit(address=address)
    SIGN_IN_OF_NAME.admit(name=key)


def limited(view: "View[Arguments]") -> "View[Arguments]":
    """Count the forms that somebody sends. The view raises TooManyRequests past the limit."""

    @wraps(view)
    def within(
        request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        if request.method == "POST":
            FORMS.admit(who=visitors.who(request))
        return view(request, *args, **kwargs)

    return within
