"""Changing a password, and getting a new one where the old one is forgotten."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from shop.accounts import actions as accounts
from shop.accounts import queries as account_queries
from shop.accounts.errors import WeakPassword
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.limits import OLD_PASSWORD, RESET, limited
from shop.storefront.people_forms import ChangePasswordForm, NewPasswordForm, ResetForm
from shop.storefront.visitors import for_users


@sensitive_post_parameters("old_password", "password")
@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@for_users
def change_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask for the present password and a new one; by POST, change it and sign out elsewhere."""
    if request.method != "POST":
        return _page(request, "account_password", ChangePasswordForm(user=request.user))
    OLD_PASSWORD.admit(user=str(user_id))
    form = ChangePasswordForm(request.POST, user=request.user)
    if not (form.is_valid() and _changed(form, user_id=user_id)):
        return _page(request, "account_password", form)
    update_session_auth_hash(request, account_queries.find(user_id))
    messages.success(request, "Your password was changed. You are signed out everywhere else.")
    return redirect("account")


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
def ask_for_reset(request: HttpRequest) -> HttpResponse:
    """Ask for an e-mail address; by POST, send a link to it if it is that of an account.

    Whoever asks is told the same either way.
    """
    if request.method != "POST":
        return _page(request, "account_reset", ResetForm())
    email = request.POST.get("email", "").strip().casefold()
    RESET.admit(email=email, address=visitors.address_of(request))
    form = ResetForm(request.POST)
    if not form.is_valid():
        return _page(request, "account_reset", form)
    form.save(
        request=request,
        use_https=request.is_secure(),
        subject_template_name="storefront/letters/new_password_subject.txt",
        email_template_name="storefront/letters/new_password.txt",
        extra_email_context={"shop": settings.SHOP_NAME, "valid_until": _valid_until()},
    )
    return redirect("account_reset_sent")


@never_cache
@for_methods("GET", "HEAD")
def reset_sent(request: HttpRequest) -> HttpResponse:
    """Say that a letter is on its way, if there is somebody to write to."""
    return _page(request, "account_reset_sent")


@never_cache
@for_methods("GET", "HEAD")
def reset_done(request: HttpRequest) -> HttpResponse:
    """Say that the new password counts."""
    return _page(request, "account_reset_done")


class _ResetView(PasswordResetConfirmView):
    """The page a letter leads to: a new password, once, for as long as the link is good."""

    form_class: Any = NewPasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Set the password, so that this link and all tokens stop working."""
        if not _changed(form, user_id=form.user.pk):
            return self.form_invalid(form)
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        return redirect("account_reset_done")

    def render_to_response(self, context: dict[str, Any], **_options: Any) -> HttpResponse:
        """Render the page as all pages for one person are rendered."""
        form = context["form"] if self.validlink else None
        status = None if self.validlink else HTTPStatus.GONE
        return _page(self.request, "account_reset_new", form, status=status)


@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
def set_password(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Ask for a new password whoever comes by a link that is good; by POST, set it."""
    response: HttpResponse = _reset_view(request, uidb64=uidb64, token=token)
    return response


_reset_view: Any = _ResetView.as_view()


def _changed(form: forms.Form, *, user_id: int) -> bool:
    """Change the password; where it is too weak, say so at the field and return False."""
    try:
        accounts.change_password(user_id=user_id, password=form.cleaned_data["password"])
    except WeakPassword as refusal:
        form.add_error("password", list(refusal.problems))
        return False
    return True


def _valid_until() -> Any:
    return timezone.localtime() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def _page(
    request: HttpRequest,
    page: str,
    form: forms.Form | None = None,
    *,
    status: HTTPStatus | None = None,
) -> HttpResponse:
    is_wrong = form is not None and bool(form.errors)
    status = status or (HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK)
    return visitors.render_for(request, f"storefront/{page}.html", {"form": form}, status=status)
