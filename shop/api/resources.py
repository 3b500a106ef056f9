"""What all addresses of the API have in common."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpRequest
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from shop.api.authentication import TokenAuthentication
from shop.api.parsing import JsonParser, OneOfOurs
from shop.api.permissions import MayUse, Who
from shop.api.problems import LengthRequired
from shop.api.rendering import made
from shop.api.throttles import PersonThrottle
from shop.lib.public.answering import public

if TYPE_CHECKING:
    from shop.accounts.models import User


class Resource(APIView):
    """An address. `access` says for each of its methods who may use it."""

    access: ClassVar[Mapping[str, str]]
    # What its address may say where reading it is for everybody, and caches may keep it.
    public_parameters: ClassVar[Sequence[str]] = ()
    # Generations of what it shows then; without any it is kept by nobody.
    public_generations: ClassVar[Sequence[str]] = ()
    # Methods that believe a token by its signature: their verb looks at the account by itself.
    by_signature: ClassVar[frozenset[str]] = frozenset()

    http_method_names = ["get", "head", "post", "patch", "delete"]
    parser_classes = [JsonParser]
    permission_classes = [MayUse]
    throttle_classes = [PersonThrottle]
    content_negotiation_class = OneOfOurs

    @classmethod
    def as_view(cls, **options: Any) -> Any:
        """Return the view, kept by caches where reading it is for everybody."""
        view = super().as_view(**options)
        if not cls.public_generations:
            return view
        shown = public(generations=cls.public_generations, parameters=cls.public_parameters)
        return shown(view)

    @property
    def who(self) -> str:
        """Whom the method of this request is for; nobody asks while the API describes itself."""
        request: HttpRequest | Request | None = self.request
        method = (request and request.method) or ""
        return self.access.get("GET" if method == "HEAD" else method, Who.PUBLIC)

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Look at a token only where it matters."""
        if self.who == Who.PUBLIC:
            return []
        request: HttpRequest | Request | None = self.request
        method = request.method if request is not None else ""
        return [TokenAuthentication(by_signature=method in self.by_signature)]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Say first that there is no such method, whoever asks."""
        if request.method not in self.allowed_methods:
            raise exceptions.MethodNotAllowed(request.method or "")
        # A body in pieces would be read as none at all.
        if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
            raise LengthRequired
        super().initial(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Let nobody keep an answer that is not the same for everybody."""
        if self.who != Who.PUBLIC or request.method not in SAFE_METHODS:
            response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)


def read(serializer: type[serializers.Serializer[Any]], data: Any, **options: Any) -> Any:
    """Return what a body or a query says. Raises ValidationError."""
    if not options:
        return made(serializer).run_validation(data)
    form = serializer(data=data, **options)
    form.is_valid(raise_exception=True)
    return form.validated_data


def signed_in(request: Request) -> "User":
    """Return who asks, at an address for those who are signed in. Raises NotAuthenticated."""
    if not request.user.is_authenticated:
        raise exceptions.NotAuthenticated
    return request.user


def user_id(request: Request) -> int | None:
    """Return the id of the user who asks, None for somebody unknown."""
    return request.user.pk if request.user.is_authenticated else None
