"""One's own password: changed by the verb that ends every other sign-in."""

from typing import TYPE_CHECKING, Any

from shop.accounts import actions as accounts

if TYPE_CHECKING:
    from django.contrib.auth.forms import PasswordChangeForm as Form
else:
    from unfold.forms import AdminOwnPasswordChangeForm as Form


class OwnPasswordForm(Form):
    """Asks for the present password, and for the new one twice."""

    def save(self, commit: bool = True) -> Any:  # noqa: ARG002
        """Set it; tokens that were given out so far stop working."""
        password = self.cleaned_data["new_password1"]
        accounts.change_password(user_id=self.user.pk, password=password)
        self.user.refresh_from_db()
        return self.user
