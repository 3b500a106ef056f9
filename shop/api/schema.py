"""How the API describes itself (OpenAPI 3.1): every answer, also those that say no."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from shop.api.permissions import Who
from shop.api.problem_codes import PROBLEMS, title_of, type_of
from shop.api.problems import MEDIA_TYPE

View = TypeVar("View", bound=Callable[..., Any])
Body = type[serializers.Serializer[Any]]

_IDS = {
    "cart_id": "The cart's id, which only those know who may fill it.",
    "category_id": "The category's id.",
    "delivery_id": "The id of a delivery of the webhook.",
    "line_id": "The id of a line of the cart.",
    "order_id": "The order's id.",
    "picture_id": "The picture's id.",
    "product_id": "The product's id.",
    "review_id": "The review's id.",
    "user_id": "The user's id.",
    "variant_id": "The variant's id.",
    "webhook_id": "The webhook's id.",
}
_OF_BODIES = ("malformed", "invalid", "length_required", "too_large", "unsupported_media_type")
_RETRY_AFTER = {
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "integer", "minimum": 1},
    }
}


class ProblemBody(serializers.Serializer[Any]):
    """Why something was not done (RFC 9457). `code` is stable; the sentences are not."""

    type = serializers.CharField(help_text="The kind of problem: `urn:novashop:problem:` + code.")
    title = serializers.CharField(help_text="The code in words.")
    status = serializers.IntegerField(help_text="The status of the answer.")
    detail = serializers.CharField(help_text="What happened this time.")
    code = serializers.CharField(help_text="What programs can rely on.")
    instance = serializers.CharField(
        required=False,
        help_text="The request that failed by our fault: `urn:novashop:request:` + `X-Request-ID`.",
    )
    # The library takes fields out of the class, so nothing of its own is hidden by these names.
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with which field; `address.city` lies inside `address`.",
    )
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="The figures behind the sentence: `available`, `limit`, …"
    )


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tells clients how to sign in."""

    target_class = "shop.api.authentication.TokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `access` token that `POST /api/login/` and"
            " `POST /api/token/refresh/` give out. It is valid for 10 minutes.",
        }


def operation(
    name: str,
    summary: str,
    *,
    tag: str,
    answer: Any = None,
    status: int = 200,
    request: Any = None,
    query: Body | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    refuses: Sequence[str] = (),
    description: str | None = None,
    examples: Sequence[Any] = (),
) -> Callable[[View], View]:
    """Describe a method of an address.

    `refuses` are the codes of the problems that are its own; those that go without saying (no
    token, a broken body, too many requests) are added by Schema.
    """
    said = OpenApiResponse(answer, description="Done." if answer is None else "")

    def described(view: View) -> View:
        decorated: View = extend_schema(
            operation_id=name,
            summary=summary,
            description=description,
            tags=[tag],
            request=request,
            responses={status: said},
            parameters=[*([query] if query else []), *parameters],
            examples=list(examples),
        )(view)
        decorated.__dict__["problems"] = tuple(refuses)
        decorated.__dict__["takes"] = (request is not None, query is not None)
        return decorated

    return described


class Schema(AutoSchema):
    """Adds to every operation what it has in common with the others."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Return the description of a method, with all its problems."""
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                parameter["description"] = _IDS[parameter["name"]]
        operation["responses"].update(self._problems())
        return operation

    def get_auth(self) -> Any:
        """Return which tokens a method wants; where everybody may come, none is one of them."""
        auths = [*super().get_auth()]
        return [*auths, {}] if getattr(self.view, "who", "") == Who.ANYBODY else auths

    def _get_serializer_name(self, *args: Any, **kwargs: Any) -> str:
        """Call a body what it is a body of."""
        name: str = super()._get_serializer_name(*args, **kwargs)
        return name.replace("Body", "")

    def _get_request_for_media_type(self, serializer: Any, *args: Any, **kwargs: Any) -> Any:
        """Let a PATCH ask for all of its fields where its form does."""
        method = self.method
        if getattr(serializer, "wants_all", False):
            self.method = "PUT"
        try:
            return super()._get_request_for_media_type(  # type: ignore[no-untyped-call]
                serializer, *args, **kwargs
            )
        finally:
            self.method = method

    def _problems(self) -> dict[str, Any]:
        by_status: defaultdict[int, list[str]] = defaultdict(list)
        for code in dict.fromkeys(self._codes()):
            by_status[PROBLEMS[code].status].append(code)
        return {str(int(status)): self._answer(by_status[status]) for status in sorted(by_status)}

    def _codes(self) -> Iterator[str]:
        handler = getattr(self.view, self.method.lower())
        takes_body, takes_query = getattr(handler, "takes", (False, False))
        who = getattr(self.view, "who", Who.PUBLIC)
        if takes_body:
            yield from _OF_BODIES
        if takes_query:
            yield "invalid"
        if who != Who.PUBLIC:
            yield "invalid_token"
        if who not in {Who.PUBLIC, Who.ANYBODY}:
            yield "not_authenticated"
        if "." in who:
            yield "permission_denied"
        if "{" in self.path:
            yield "not_found"
        yield from getattr(handler, "problems", ())
        yield "too_many_requests"
        yield from ("busy", "away")

    def _answer(self, codes: Sequence[str]) -> dict[str, Any]:
        status = PROBLEMS[codes[0]].status
        answer = {
            "description": "\n".join(f"* `{code}`: {PROBLEMS[code].detail}" for code in codes),
            "content": {
                MEDIA_TYPE: {
                    "schema": self.resolve_serializer(ProblemBody, "response").ref,
                    "examples": {code: {"value": _example(code)} for code in codes},
                }
            },
        }
        if status in {429, 503}:
            answer["headers"] = _RETRY_AFTER
        return answer


def _example(code: str) -> dict[str, Any]:
    problem = PROBLEMS[code]
    example: dict[str, Any] = {
        "type": type_of(code),
        "title": title_of(code),
        "status": int(problem.status),
        "detail": problem.detail,
        "code": code,
    }
    if code == "invalid":
        example["errors"] = {"quantity": ["A valid integer is required."]}
    return example
