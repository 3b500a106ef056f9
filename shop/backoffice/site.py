"""The site of the back office: its door, its first page and its look-ups."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import PasswordChangeView
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from shop.accounts import actions as accounts
from shop.backoffice.wording import sentence_of
from shop.gate import actions as gate
from shop.gate.errors import TooManyRequests

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
else:
    from unfold.sites import UnfoldAdminSite as AdminSite

# How often somebody may guess at their own present password, in so many seconds.
OLD_PASSWORDS = 10
OLD_PASSWORD_SECONDS = 15 * 60


class LookUp(AutocompleteJsonView):
    """Answers what somebody types into a field with what it may mean."""

    def process_request(self, request: HttpRequest) -> Any:
        """Read what is looked for; no database takes a NUL in a text."""
        term, *rest = super().process_request(request)
        return term.replace("\0", ""), *rest

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """Name a row the way its own list does, "Colour: Red" and not "Red"."""
        name = getattr(self.model_admin, "name_of", str)
        return {"id": str(getattr(obj, to_field_name)), "text": name(obj)}


class BackOffice(AdminSite):
    """Unfold's site, with a lock on its door and a first page of its own."""

    index_title = "Today"
    index_template = "backoffice/dashboard.html"
    enable_nav_sidebar = True

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Removing is a button of its own where it is possible at all: it has to ask an action.
        self.disable_action("delete_selected")

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Let staff in, to the first page where nobody has asked for another one.

        Every try counts before its password is looked at, so that many at the same moment are
        counted too; one with the right password is forgotten again.
        """
        if request.method != "POST":
            return super().login(request, extra_context)
        name, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
        try:
            accounts.admit_sign_in(name=name, address=address)
        except TooManyRequests as refusal:
            return self._too_many(request, refusal)
        response = super().login(request, extra_context)
        if response.status_code != HTTPStatus.FOUND:
            return response
        accounts.forget_sign_in(name=name, address=address)
        is_asked = REDIRECT_FIELD_NAME in request.GET or REDIRECT_FIELD_NAME in request.POST
        return response if is_asked else redirect("admin:index")

    def _too_many(self, request: HttpRequest, refusal: TooManyRequests) -> HttpResponse:
        context = {
            **self.each_context(request),
            "title": "Too many attempts",
            "sentence": sentence_of(refusal),
        }
        return TemplateResponse(
            request,
            "backoffice/too_many.html",
            context,
            status=HTTPStatus.TOO_MANY_REQUESTS,
            headers={"Retry-After": str(refusal.retry_after)},
        )

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Let staff change their own password; guesses at the present one are counted too."""
        from shop.backoffice.passwords import OwnPasswordForm  # noqa: PLC0415  (models, see below)

        if request.method == "POST":
            key = f"backoffice:password:{request.user.pk}"
            try:
                gate.admit(key=key, limit=OLD_PASSWORDS, seconds=OLD_PASSWORD_SECONDS)
            except TooManyRequests as refusal:
                return self._too_many(request, refusal)
        return PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )(request)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show what happened today and what is to be done."""
        from shop.backoffice import dashboard  # noqa: PLC0415  (models come after the site)

        return super().index(request, {**dashboard.figures(request), **(extra_context or {})})

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Answer the fields in which rows are looked up."""
        answer: Any = LookUp.as_view(admin_site=self)(request)
        return cast("HttpResponse", answer)

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Find entries of the menu; they fit on one page."""
        if request.GET.get("page", "1") != "1":
            raise Http404
        found: HttpResponse = super().search(request, extra_context)  # type: ignore[misc]
        return found
