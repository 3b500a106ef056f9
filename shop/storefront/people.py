"""Signing up, in and out."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from shop.accounts import actions as accounts
from shop.accounts import queries as account_queries
from shop.accounts.errors import EmailTaken, UsernameTaken, WeakPassword
from shop.gate.errors import TooManyRequests
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.limits import SIGN_UP, limited
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
@for_methods("GET", "HEAD", "POST")
@answers_refusals
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a name and a password; by POST, let in whoever knows them."""
    if request.user.is_authenticated:
        return redirect(_onwards(request))
    if request.method != "POST":
        return _door(request, "account_login", SignInForm(request))
    name = request.POST.get("username", "")
    try:
        accounts.admit_sign_in(name=name, address=visitors.address_of(request))
    except TooManyRequests as refusal:
        return _closed_door(request, name, refusal)
    form = SignInForm(request, request.POST)
    user = form.get_user() if form.is_valid() else None
    return _door(request, "account_login", form) if user is None else _enter(request, user)


@sensitive_post_parameters("password")
@never_cache
@for_methods("GET", "HEAD", "POST")
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


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask whether somebody wants to leave; by POST, sign them out. The shop stays as it is."""
    if request.method != "POST" and visitors.user_id(request) is None:
        return redirect(settings.LOGOUT_REDIRECT_URL)
    if request.method != "POST":
        return visitors.render_for(request, "storefront/account_logout.html", {})
    response: HttpResponse = _sign_out(request)
    visitors.show_strip(request, response)
    return response


_sign_out: Any = LogoutView.as_view()


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
    visitors.show_strip(request, response)
    return response


def _door(request: HttpRequest, page: str, form: SignInForm | SignUpForm) -> HttpResponse:
    context = {"form": form, "next": _wanted(request)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return visitors.render_for(request, f"storefront/{page}.html", context, status=status)


def _closed_door(request: HttpRequest, name: str, refusal: TooManyRequests) -> HttpResponse:
    """Tell whoever has tried too often how long to wait, with the name they typed."""
    form = SignInForm(request, initial={"username": name})
    context = {"form": form, "next": _wanted(request), "sentence": sentence_of(refusal)}
    status = HTTPStatus.TOO_MANY_REQUESTS
    response = visitors.render_for(request, "storefront/account_login.html", context, status=status)
    response["Retry-After"] = str(refusal.retry_after)
    return response


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
