"""How much one person can do on the pages, and how often a secret can be tried."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

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
OLD_PASSWORD = Limit("old-password", 10, 15 * _MINUTE)
SIGN_UP = Limit("sign-up", 10, _HOUR)
RESET = Limit("reset", 5, _HOUR)
REMIND = Limit("remind", 20, _HOUR)
REVIEW = Limit("review", 10, 10 * _MINUTE)


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
