"""What all pages of the back office have in common."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets, helpers
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.forms import AdminForm, Fieldline

from shop.backoffice.auditing import FOLLOWED
from shop.backoffice.buttons import ButtonsMixin
from shop.backoffice.lists import CappedPaginator
from shop.backoffice.look_up import LookUpSelect, is_id
from shop.backoffice.versions import NAME, complaint, version_of, version_of_all
from shop.backoffice.wording import sentence_of_failure
from shop.lib.refusals import Refusal
from shop.lib.replicas.reading import may_lag

if TYPE_CHECKING:
    from django.contrib import admin

    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    ModelForm = forms.ModelForm[Any]

    class InlineFormSet(forms.BaseInlineFormSet[Any, Any, Any]):
        """What Unfold adds to Django's."""

        request: HttpRequest

        def get_pagination_key(self) -> str: ...
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.forms import PaginationInlineFormSet as InlineFormSet

    ModelForm = forms.ModelForm

_NO_SUCH_ROWS = "There are no such rows."

__all__ = ["ModelForm", "PagedFormSet", "ReadOnlyAdmin", "ShopAdmin", "ShopForm", "TabularInline"]


class PagedFormSet(InlineFormSet):
    """Rows inside a form, a page of them at a time."""

    @property
    def version(self) -> str:
        """What the shown rows say now."""
        return version_of_all(self.initial_forms)

    @property
    def version_name(self) -> str:
        """The name under which the form sends back what they said."""
        return f"{self.prefix}-{NAME}"

    def clean(self) -> None:
        """Refuse to undo what somebody else has saved since the rows were shown."""
        super().clean()
        if self.data.get(self.version_name) != self.version:
            sentence = complaint(self.initial_forms)
            if sentence:
                raise ValidationError(sentence)

    def get_page_num(self) -> int:
        """Return the page that is asked for, the first one where it is no number."""
        name = self.get_pagination_key()
        asked = self.request.GET.get(name) or self.request.POST.get(name) or ""
        return int(asked) if is_id(asked) and int(asked) else 1


class ShopForm(ModelForm):
    """A form that shows why it could not be saved, besides what is wrong with its fields."""

    refusal = ""

    @property
    def version(self) -> str:
        """What the row says now."""
        return version_of(self)

    def clean(self) -> dict[str, Any]:
        """Refuse to undo what somebody else has saved since the form was shown.

        What was refused when it was saved is refused once more, so that nothing typed is lost.
        """
        cleaned = super().clean() or self.cleaned_data
        if self.refusal:
            self.add_error(None, self.refusal)
        if self.data.get(NAME) != self.version and (sentence := complaint([self])):
            self.add_error(None, sentence)
        return cleaned


class ShopAdmin(ButtonsMixin, ModelAdmin):
    """A list without counts and choices that grow, and a form that an action may refuse.

    A form is saved in the admin's transaction, the row locked before it is read, or by durable
    verbs that have a transaction of their own: see `is_saved_by_actions`.
    """

    form = ShopForm
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_filter_sheet = True
    list_fullwidth = False
    actions_selection_counter = True
    view_on_site = False
    # What the search looks through by itself is in `search_fields`, more in `sought`.
    search_help_text = ""
    # What staff need to do something with many rows, where a list offers that: see `bulk`.
    right_to_handle = ""
    change_form_before_template: str | None = "backoffice/parts/versions.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Removing is for buttons: it has to ask an action, and lists no thousands of rows."""
        return False

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Tell whether somebody may do something with rows, and not only look at them."""
        user: Any = request.user
        return bool(user.has_perm(self.right_to_handle))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what is sought; Django has taken out what no database can look for."""
        term = search_term.strip()
        sought = self.sought(term) if term else None
        if sought is None:
            return super().get_search_results(request, queryset, term)
        return queryset.filter(sought), False

    def sought(self, term: str) -> Q | None:  # noqa: ARG002
        """Return which rows somebody means; None: those in whose `search_fields` it stands."""
        return None

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> Any:
        """Hand the form what an action has refused."""
        form = super().get_form(request, obj, change=change, **options)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", "")})

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row; inside the admin's transaction nobody else can change it any more."""
        row = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        return self.model._default_manager.select_for_update().filter(pk=row.pk).first()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show a form, or save it; what is refused is shown again with the reason."""
        context = {**(extra_context or {}), **self._buttons_of(request, object_id)}
        if object_id is not None:
            context |= self.shown_beside(request, object_id)
        try:
            return self._answer(request, object_id, form_url, context)
        except (Refusal, DatabaseError) as error:
            sentence = sentence_of_failure(error)
            if request.method != "POST" or sentence is None:
                raise
            request.refusal = sentence  # type: ignore[attr-defined]
        return self._answer(request, object_id, form_url, context)

    @may_lag
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show a list; what its reader has changed lately is in it."""
        return super().changelist_view(request, extra_context)

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:  # noqa: ARG002
        """Return what the page of a row shows besides its form, for the page's own templates."""
        return {}

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show an empty form, and say of what."""
        name = str(self.opts.verbose_name)
        article = "an" if name[0] in "aeiou" else "a"
        context = {"title": f"Add {article} {name}", "is_adding": True}
        return super().add_view(request, form_url, {**context, **(extra_context or {})})

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Lead to what the audit log says of a row; where it says nothing, to the row."""
        row = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return redirect(trail_of(request, row) or self.home_of(request, row))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Let rows be looked up."""
        if db_field.name in self.get_autocomplete_fields(request):
            options["widget"] = LookUpSelect(db_field)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Return the field as it is, without ways to other forms in windows of their own."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def is_saved_by_actions(self, object_id: str | None) -> bool:  # noqa: ARG002
        """Tell whether `save_model` calls durable verbs for this row, or for a new one."""
        return False

    def _answer(
        self, request: HttpRequest, object_id: str | None, form_url: str, context: dict[str, Any]
    ) -> Any:
        if request.method == "POST" and self.is_saved_by_actions(object_id):
            # As Django does it, but for its transaction; the fields look as Unfold draws them.
            helpers.AdminForm, helpers.Fieldline = AdminForm, Fieldline  # type: ignore[misc]
            return self._changeform_view(  # type: ignore[attr-defined]
                request, object_id, form_url, context
            )
        return super().changeform_view(request, object_id, form_url, context)

    def _buttons_of(self, request: HttpRequest, object_id: str | None) -> dict[str, Any]:
        row = self.get_object(request, object_id) if object_id else None
        if row is None:
            return {}
        return {
            "shop_buttons": self.shown_buttons(request, row),
            "shop_trail": trail_of(request, row),
        }

    def response_action(  # type: ignore[override]
        self, request: HttpRequest, queryset: QuerySet[Any], **more: Any
    ) -> Any:
        """Do something with chosen rows, whose ids are numbers."""
        chosen = set(request.POST.getlist(ACTION_CHECKBOX_NAME))
        are_ids = all(is_id(id_) for id_ in chosen)
        found = queryset.order_by().filter(pk__in=chosen).count() if are_ids and chosen else 0
        if not are_ids or found < len(chosen):
            these = "Some of these rows are not there any more." if found else _NO_SUCH_ROWS
            messages.error(request, f"{these} Nothing was changed.")
            return redirect(request.get_full_path())
        return super().response_action(request, queryset, **more)

    def name_of(self, row: Any) -> str:
        """Return what a row is called where it is chosen from others."""
        return str(row)


def trail_of(request: HttpRequest, row: Any) -> str | None:
    """Return where the log tells the story of a row, to those who may read it."""
    user: Any = request.user
    if type(row) not in FOLLOWED or not user.has_perm("auditlog.view_logentry"):
        return None
    kind = type(row)._meta.label_lower
    return f"{reverse('admin:auditlog_logentry_changelist')}?kind={kind}&object_id__exact={row.pk}"


class ReadOnlyAdmin(ShopAdmin):
    """Rows that staff look at; what can be done with them is done by buttons."""

    change_form_before_template = None

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """They come from the shop itself."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """They are never edited."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Make no fields that nobody can fill in, nor their choices."""
        return self.fields or super().get_readonly_fields(request, obj)
