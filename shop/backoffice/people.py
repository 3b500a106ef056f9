"""People: accounts, and who of the staff may do what. Rights are given by superusers alone."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import admin as django_auth_admin
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminPasswordWidget

from shop.accounts import actions as accounts
from shop.accounts.errors import WeakPassword
from shop.accounts.models import User
from shop.accounts.rules import NewPerson, email_key, username_key
from shop.backoffice.base import ShopAdmin, ShopForm
from shop.backoffice.buttons import Button, ButtonForm, Press
from shop.backoffice.wording import moment

_DETAILS = ("email", "first_name", "last_name", "city", "address")
_RIGHTS = ("is_staff", "is_superuser", "groups")
_CHANGE = "accounts.change_user"


class PersonForm(ShopForm):
    """What an account says of somebody."""

    def clean_email(self) -> str:
        """One account for each address, in whatever spelling."""
        email: str = self.cleaned_data["email"]
        key = email_key(email)
        taken = User.objects.exclude(pk=self.instance.pk).filter(email_key=key)
        if key is not None and taken.exists():
            raise ValidationError("Somebody has this e-mail address already.")
        return email


class NewPersonForm(PersonForm):
    """An account that staff open for somebody."""

    password = forms.CharField(
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}), strip=False
    )

    class Meta:
        model = User
        fields = ("username", *_DETAILS)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        password = self.cleaned_data.get("password")
        if password:
            try:
                validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("password", error)


class PasswordForm(ButtonForm):
    """A new password for somebody."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )


def _set_password(press: Press) -> str:
    try:
        accounts.change_password(user_id=press.row.pk, password=press.data["password"])
    except WeakPassword as refusal:
        raise ValidationError(list(refusal.problems)) from refusal
    return f"{press.row} has a new password, and has to sign in again."


def _set_active(is_active: bool) -> Any:
    def act(press: Press) -> str:
        accounts.set_active(user_ids=[press.row.pk], is_active=is_active)
        return f"{press.row} can sign in." if is_active else f"{press.row} is locked out."

    return act


def _is_superuser(request: HttpRequest, _: Any = None) -> bool:
    return bool(request.user.is_superuser)


def may_change(request: HttpRequest, person: Any) -> bool:
    """Tell whether somebody may change an account: of staff, only superusers may.

    Whoever could change the e-mail address of a superuser could become one.
    """
    is_staff = person.is_staff or person.is_superuser
    return _is_superuser(request) or not is_staff


def may_disable(request: HttpRequest, person: Any) -> bool:
    """Tell whether somebody may lock this account out: never their own."""
    return may_change(request, person) and person.pk != request.user.pk


@admin.register(User)
class UserAdmin(ShopAdmin):
    """Shoppers and staff."""

    form = PersonForm
    list_display = ("username", "full_name", "email", "is_staff", "is_active", "joined")
    list_filter = ("is_staff",)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("username__exact",)
    search_help_text = "A whole username or e-mail address"
    fieldsets = (
        (None, {"fields": ("username", "email", ("first_name", "last_name"))}),
        ("Where", {"fields": (("city", "address"),)}),
        ("Rights", {"fields": (("is_staff", "is_superuser"), "groups")}),
        ("Account", {"fields": ("active", "joined", "seen", "orders")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", ("first_name", "last_name"), "password")}),
        ("Where", {"fields": (("city", "address"),)}),
    )
    buttons = (
        Button(
            name="enable",
            label="Let in again",
            icon="lock_open",
            right=_CHANGE,
            act=_set_active(True),
            works=lambda _, row: not row.is_active,
            already="{row} was let in already.",
            allows=may_disable,
        ),
        Button(
            name="disable",
            label="Lock out",
            icon="lock",
            right=_CHANGE,
            act=_set_active(False),
            works=lambda _, row: row.is_active,
            already="{row} was locked out already.",
            allows=may_disable,
            question="They are signed out everywhere and cannot sign in until they are let in"
            " again.",
            is_danger=True,
        ),
        Button(
            name="set-password",
            label="Set a password",
            icon="key",
            right=_CHANGE,
            act=_set_password,
            allows=_is_superuser,
            form=PasswordForm,
        ),
    )

    def is_saved_by_actions(self, object_id: str | None) -> bool:
        """New accounts are."""
        return object_id is None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether somebody may change this account."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(request, obj))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        """Ask for a password where there is none yet."""
        if not change:
            options["form"] = NewPersonForm
        return super().get_form(request, obj, change=change, **options)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Show the groups, which are few, as boxes to tick."""
        return super().formfield_for_manytomany(
            db_field, request, widget=UnfoldAdminCheckboxSelectMultipleWidget(), **options
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Rights are given by superusers, and by nobody to themselves."""
        if obj is None:
            return ()
        fixed = ("username", "active", "joined", "seen", "orders")
        gives_rights = _is_superuser(request) and obj.pk != request.user.pk
        return fixed if gives_rights else (*fixed, *_RIGHTS)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Open an account by its verb; change one in the admin's transaction, its row locked."""
        if change:
            super().save_model(request, obj, form, change)
            accounts.tell_changed(user_id=obj.pk, fields=form.changed_data)
            return
        said = form.cleaned_data
        person = NewPerson(username=said["username"], **{name: said[name] for name in _DETAILS})
        obj.pk = accounts.register(person=person, password=said["password"])

    def sought(self, term: str) -> Q:
        """Find one account by what is unique of it."""
        return Q(username_key=username_key(term)) | Q(email_key=email_key(term))

    @admin.display(description="name")
    def full_name(self, row: User) -> str:
        """First and last name."""
        return row.get_full_name()

    @admin.display(description="joined")
    def joined(self, row: User) -> str:
        """Since when there is the account."""
        return moment(row.date_joined)

    @admin.display(description="last signed in")
    def seen(self, row: User) -> str:
        """When somebody last signed in with it."""
        return moment(row.last_login)

    @admin.display(description="can sign in", boolean=True)
    def active(self, row: User) -> bool:
        """Whether it is let in."""
        return row.is_active

    @admin.display(description="orders")
    def orders(self, row: User) -> str:
        """Where this person's orders are."""
        address = reverse("admin:orders_order_changelist")
        return format_html(
            '<a class="bo-link" href="{}?user__id__exact={}">Show the orders</a>', address, row.pk
        )


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ShopAdmin, django_auth_admin.GroupAdmin):
    """Groups of staff and their rights, for superusers."""

    list_display = ("name",)
    filter_horizontal = ()
    ordering = ("name",)
    sortable_by = ()
    search_fields = ("name__istartswith",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """For superusers."""
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """For superusers."""
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For superusers."""
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """For superusers."""
        return _is_superuser(request)
