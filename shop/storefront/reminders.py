"""Wanting to be told when something is there again, and not wanting it any more."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from shop.letters import actions as letters
from shop.letters import queries as letter_queries
from shop.showcase import queries as showcase
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.forms import RemindForm
from shop.storefront.limits import REMIND, limited


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
def remind(request: HttpRequest, product_id: int) -> HttpResponse:
    """Ask for an e-mail address; by POST, keep it until the product is there again."""
    product = showcase.product(product_id)
    if request.method != "POST":
        email = visitors.details(request).get("email", "")
        form = RemindForm(initial={"email": email})
        return _page(request, "product_remind", product=product, form=form)
    form = RemindForm(request.POST)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(request, "product_remind", status=status, product=product, form=form)
    email = form.cleaned_data["email"]
    REMIND.admit(email=email.casefold(), address=visitors.address_of(request))
    letters.ask_for_reminder(product_id=product_id, email=email)
    return _page(request, "product_reminded", product=product, email=email)


@csrf_exempt
@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
def stop(request: HttpRequest, sealed: str) -> HttpResponse:
    """Ask whether to tell an address of nothing any more; by POST, do so.

    The seal is its protection against other sites: mail programs press the button for people.
    """
    email = letter_queries.email_of(sealed)
    if request.method == "POST":
        letters.stop_reminders(seal=sealed)
    return _page(request, "reminders_stop", email=email, is_done=request.method == "POST")


def _page(
    request: HttpRequest, page: str, *, status: HTTPStatus = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    return visitors.render_for(request, f"storefront/{page}.html", context, status=status)
