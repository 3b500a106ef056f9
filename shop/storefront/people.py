"""Signing up, in and out."""

import unicodedata
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib.auth import login
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from shop.accounts import actions as accounts
from shop.accounts import queries as account_queries
from shop.accounts.errors import EmailTaken, UsernameTaken, WeakPassword
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals
from shop.storefront.limits import SIGN_IN, SIGN_UP, limited
from shop.storefront.people_forms import SignInForm, SignUpForm
from shop.storefront.sentences import sentence_of

if TYPE_CHECKING:
    from shop.accounts.models import User

_HOME = "account"
# Whoever has just come in is not sent to the door again.
_DOORS = ("account_login", "account_signup", "account_logout")
_LONGEST_ADDRESS = 2_000


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_refusals
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a name and a password; by POST, let in whoever knows them."""
    if request.user.is_authenticated:
        return redirect(_onwards(request))
    if request.method != "POST":
        return _door(request, "account_login", SignInForm(request))
    SIGN_IN.admit(name=_name(request), address=visitors.address_of(request))
    form = SignInForm(request, request.POST)
    user = form.get_user() if form.is_valid() else None
    return _door(request, "account_login", form) if user is None else _enter(request, user)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_refusals
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask who somebody is; by POST, open an account for them and let them in."""
    if request.user.is_authenticated:
        return redirect(_onwards(request))
    if request.method != "POST":
        return _door(request, "account_signup", SignUpForm())
    SIGN_UP.admit(address=visitors.address_of(request))
    form = SignUpForm(request.POST)
    user_id = _register(form) if form.is_valid() else None
    if user_id is None:
        return _door(request, "account_signup", form)
    return _enter(request, account_queries.find(user_id))


@answers_refusals
@limited
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign somebody out, by POST; the shop stays as it is."""
    response: HttpResponse = _sign_out(request)
    return response


_sign_out: Any = LogoutView.as_view()


def _name(request: HttpRequest) -> str:
    """Return the name that is tried: one text for all spellings that lead to one account."""
    name = request.POST.get("username", "")
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _register(form: SignUpForm) -> int | None:
    """Open the account; where the shop refuses, say so at the field and return None."""
    try:
        return accounts.register(person=form.person, password=form.cleaned_data["password"])
    except UsernameTaken as refusal:
        form.add_error("username", sentence_of(refusal))
    except EmailTaken as refusal:
        form.add_error("email", sentence_of(refusal))
    except WeakPassword as refusal:
        form.add_error("password", list(refusal.problems))
    return None


def _enter(request: HttpRequest, user: "User") -> HttpResponse:
    """Sign somebody in, with the cart they have filled as a guest."""
    login(request, user)
    response = redirect(_onwards(request))
    visitors.bring_cart(request, response)
    return response


def _door(request: HttpRequest, page: str, form: SignInForm | SignUpForm) -> HttpResponse:
    context = {"form": form, "next": _wanted(request)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return visitors.render_for(request, f"storefront/{page}.html", context, status=status)


def _onwards(request: HttpRequest) -> str:
    """Return where somebody goes who is signed in: to where they wanted, or their own page."""
    return _wanted(request) or resolve_url(_HOME)


def _wanted(request: HttpRequest) -> str:
    """Return the address of this shop that somebody was on the way to; empty where there is none.

    Never an address of another site: a link to our own sign-in must not lead away from us.
    """
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = len(wanted) <= _LONGEST_ADDRESS and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    leads_back = any(wanted.startswith(resolve_url(door)) for door in _DOORS)
    return wanted if is_ours and not leads_back else ""
