"""Buttons: what staff do to a row besides filling in its form.

A button calls an action, outside the admin's own transaction, by POST. Where it needs more than a
click (a quantity, a reason, a file, a "yes"), it has a page of its own that asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from shop.backoffice import once
from shop.backoffice.wording import sentence_of
from shop.lib.refusals import Refusal

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


# The field of a form that is booked once.
_ONCE = "once"


class ButtonForm(forms.Form):
    """What a button asks; it knows the row it is about and who asks."""

    def __init__(self, *args: Any, row: Any, request: HttpRequest, **options: Any) -> None:
        self.row = row
        self.request = request
        super().__init__(*args, **options)
        for name in self.fields:
            self.fields[name].widget.attrs.setdefault("class", "bo-input")


class OnceForm(ButtonForm):
    """What is booked once for each form that is shown: by its token."""

    once = forms.UUIDField(
        initial=uuid4,
        widget=forms.HiddenInput(attrs={"data-once": "", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("required", "invalid"), "This form is incomplete. Please open it once more."
        ),
    )


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody has pressed a button: on which row, and what they filled in."""

    request: HttpRequest
    row: Any
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def by(self) -> int:
        """The id of whoever presses."""
        return int(self.request.user.pk or 0)


def _always(request: HttpRequest, row: Any) -> bool:  # noqa: ARG001
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One thing staff can do to a row.

    `act` calls an action and returns what to say when it went through. `right` is the permission
    it needs; `allows` may forbid it for some rows besides; `works` tells whether it can go through
    now, and hides it where not: then `already` is what to say to whoever presses it nevertheless.
    """

    name: str
    label: str
    icon: str
    right: str
    act: Callable[[Press], str]
    works: Callable[[HttpRequest, Any], bool] = _always
    allows: Callable[[HttpRequest, Any], bool] = _always
    form: type[ButtonForm] | None = None
    question: str = ""
    already: str = ""
    is_danger: bool = False
    leads_to_list: bool = False

    @property
    def asks(self) -> bool:
        """Whether it has a page of its own."""
        return self.form is not None or bool(self.question)

    def may(self, request: HttpRequest, row: Any) -> bool:
        """Tell whether whoever asks has the right to press it on this row."""
        user: Any = request.user
        return bool(user.has_perm(self.right)) and self.allows(request, row)


class ButtonsMixin(ModelAdmin):
    """A ModelAdmin whose rows have buttons."""

    buttons: Sequence[Button] = ()
    change_form_outer_before_template = "backoffice/parts/buttons.html"

    def get_urls(self) -> list[URLPattern]:
        """Add an address for each button, before those that take any word for an id."""
        own = [
            path(
                f"<int:object_id>/{button.name}/",
                self.admin_site.admin_view(partial(self.press, button=button)),
                name=self.button_url_name(button.name),
            )
            for button in self.buttons
        ]
        return [*own, *super().get_urls()]

    def button_url_name(self, name: str) -> str:
        """Return what the address of a button is called."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def shown_buttons(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return the buttons that can be pressed on this row now, as the page draws them."""
        return [
            {
                "button": button,
                "url": reverse(f"admin:{self.button_url_name(button.name)}", args=[row.pk]),
            }
            for button in self.buttons
            if button.may(request, row) and button.works(request, row)
        ]

    def press(self, request: HttpRequest, object_id: int, *, button: Button) -> HttpResponse:
        """Do what a button says, ask what it has to ask, or say why it cannot be done."""
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        if not button.may(request, row):
            raise PermissionDenied
        is_post = request.method == "POST"
        if not (is_post or (button.asks and request.method in {"GET", "HEAD"})):
            return HttpResponseNotAllowed(["GET", "POST"] if button.asks else ["POST"])
        form = self._form(button, request, row)
        if is_post and (form is None or form.is_valid()):
            home = self.home_of(request, row)
            press = Press(request, row, form.cleaned_data if form else {})
            if sentence := _was_done(button, press):
                messages.info(request, sentence)
                return redirect(home)
            done = self._do(button, press, form)
            if done or form is None:
                to_list = done and button.leads_to_list
                return redirect(self._list(request) if to_list else home)
        return self._ask(request, row, button, form)

    def _form(self, button: Button, request: HttpRequest, row: Any) -> ButtonForm | None:
        if button.form is None:
            return None
        filled = (request.POST, request.FILES) if request.method == "POST" else ()
        return button.form(*filled, row=row, request=request)

    def _do(self, button: Button, press: Press, form: ButtonForm | None) -> bool:
        try:
            sentence = _once(button, press)
        except Refusal as refusal:
            if form is None:
                messages.error(press.request, sentence_of(refusal))
            else:
                form.add_error(None, sentence_of(refusal))
            return False
        except ValidationError as error:
            if form is None:
                raise
            form.add_error(None, error)
            return False
        messages.success(press.request, sentence)
        return True

    def home_of(self, request: HttpRequest, row: Any) -> str:
        """Return the address to which a button of this row leads back."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if not self.has_view_permission(request, row):
            return reverse("admin:index")
        return reverse(f"{name}_change", args=[row.pk])

    def _list(self, request: HttpRequest) -> str:
        is_listed = self.has_view_permission(request)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return reverse(name if is_listed else "admin:index")

    def _ask(
        self, request: HttpRequest, row: Any, button: Button, form: ButtonForm | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": button.label,
            "subtitle": None,
            "opts": self.opts,
            "original": row,
            "row_name": getattr(self, "name_of", str)(row),
            "button": button,
            "form": form,
            "back": self.home_of(request, row),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form and form.errors else HTTPStatus.OK
        return TemplateResponse(request, "backoffice/ask.html", context, status=status)


def _was_done(button: Button, press: Press) -> str:
    """Return what to say where there is nothing left to do; claims the form's token."""
    if button.already and not button.works(press.request, press.row):
        return button.already.format(row=press.row)
    token = press.data.get(_ONCE)
    if token is not None and not once.claim(user_id=press.by, token=token):
        return "This was done already."
    return ""


def _once(button: Button, press: Press) -> str:
    """Call the action; where it does not go through, the form can be sent again."""
    try:
        return button.act(press)
    except BaseException:
        token = press.data.get(_ONCE)
        if token is not None:
            once.release(user_id=press.by, token=token)
        raise
