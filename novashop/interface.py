"""Settings of the API's libraries."""

from datetime import timedelta
from typing import Any

# Addresses say for themselves who may use them (shop/api/resources.py): by default nobody.
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["shop.api.parsing.JsonParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "shop.api.schema.Schema",
    "EXCEPTION_HANDLER": "shop.api.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
    "FORMAT_SUFFIX_KWARG": None,
}

# Tokens are signed with a key derived from the secret key (shop/api/tokens.py).
SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
}

_DESCRIPTION = """
Everything a shopper or a member of staff can do in the shop, for programs.

* **Signing in**: `POST /api/login/` gives an `access` token for 10 minutes, which goes into
  `Authorization: Bearer …`, and a `refresh` token, which `POST /api/token/refresh/` exchanges,
  once, for the next pair. Reading products, categories and reviews takes no token.
* **Lists** are pages: `{next, previous, results}`. Follow `next` until it is null; `page_size` may
  be up to 100. Rows that come or go meanwhile shift nothing.
* **Amounts** are strings with two places, in the shop's currency. Times are ISO 8601.
* **Problems** are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) documents. Rely on `status`
  and `code`; `errors` names the fields of a request, `data` has the figures.
* **Limits**: 600 reads and 60 writes a minute for one person. A 429 or 503 says in `Retry-After`
  when to come again.
* **Unknown fields** of a request are ignored, and answers may get new ones.
"""

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "NovaShop API",
    "DESCRIPTION": _DESCRIPTION,
    "VERSION": "1.0.0",
    "TAGS": [
        {"name": "Sign-in", "description": "Accounts, tokens, signing out."},
        {"name": "People", "description": "What accounts say of their owners."},
        {"name": "Categories", "description": "The tree in which products stand."},
        {"name": "Products", "description": "Products, their variants, pictures and stock."},
        {"name": "Carts", "description": "What somebody means to buy."},
        {"name": "Orders", "description": "What was agreed, and what happens to it."},
        {"name": "Reviews", "description": "What buyers say."},
        {"name": "Description", "description": "This document."},
    ],
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "PATH_CONVERTER_OVERRIDES": {
        "bigid": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1},
    },
    "COMPONENT_SPLIT_PATCH": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "shop.api.examples.show_examples",
    ],
    "SORT_OPERATIONS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": ["Pending", "Completed", "Canceled"],
        "PaymentMethod": ["on_delivery", "bank_transfer", "elsewhere"],
        "PaymentMethodOfBuyers": ["on_delivery", "bank_transfer"],
        "PaymentState": ["Unpaid", "Paid", "Refund due"],
        "FulfilmentState": ["Unshipped", "Shipped"],
        "WebhookState": ["Enabled", "Off", "Failing", "Gone"],
        "DeliveryState": ["Waiting", "Delivered", "Given up"],
    },
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "persistAuthorization": True,
        "displayRequestDuration": True,
        "defaultModelsExpandDepth": 0,
    },
}
