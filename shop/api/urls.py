"""The API's addresses, all under /api/: a contract with other people's programs."""

from django.urls import path, re_path, register_converter
from django.views.generic import RedirectView

from shop.api import (
    carts,
    categories,
    describing,
    orders,
    people,
    pictures,
    products,
    reviews,
    sessions,
    stock,
    unknown,
    variants,
    webhooks,
)
from shop.api.bounds import IdConverter

register_converter(IdConverter, "bigid")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api_docs"), name="api_root"),
    path("login/", sessions.Login.as_view(), name="login"),
    path("token/refresh/", sessions.TokenRefresh.as_view(), name="token_refresh"),
    path("logout/", sessions.Logout.as_view(), name="logout"),
    path("register/", people.Register.as_view(), name="register"),
    path("users/", people.Users.as_view(), name="api_users"),
    path("users/me/", people.Me.as_view(), name="api_me"),
    path("users/<bigid:user_id>/", people.User.as_view(), name="api_user"),
    path("categories/", categories.Categories.as_view(), name="api_categories"),
    path("categories/<bigid:category_id>/", categories.Category.as_view(), name="api_category"),
    path(
        "categories/<bigid:category_id>/picture/",
        categories.CategoryPicture.as_view(),
        name="api_category_picture",
    ),
    path("products/", products.Products.as_view(), name="api_products"),
    path("products/<bigid:product_id>/", products.Product.as_view(), name="api_product"),
    path("products/<bigid:product_id>/variants/", variants.Variants.as_view(), name="api_variants"),
    path(
        "products/<bigid:product_id>/variants/<bigid:variant_id>/",
        variants.Variant.as_view(),
        name="api_variant",
    ),
    path("products/<bigid:product_id>/pictures/", pictures.Pictures.as_view(), name="api_pictures"),
    path(
        "products/<bigid:product_id>/pictures/<bigid:picture_id>/",
        pictures.Picture.as_view(),
        name="api_picture",
    ),
    path("products/<bigid:product_id>/stock/", stock.Stock.as_view(), name="api_stock"),
    path("stock/", stock.Levels.as_view(), name="api_levels"),
    path("carts/", carts.Carts.as_view(), name="api_carts"),
    path("carts/<uuid:cart_id>/", carts.Cart.as_view(), name="api_cart"),
    path("carts/<uuid:cart_id>/lines/", carts.Lines.as_view(), name="api_lines"),
    path("carts/<uuid:cart_id>/lines/<bigid:line_id>/", carts.Line.as_view(), name="api_line"),
    path("orders/", orders.Orders.as_view(), name="api_orders"),
    path("orders/<bigid:order_id>/", orders.Order.as_view(), name="api_order"),
    path("orders/<bigid:order_id>/cancel/", orders.Cancel.as_view(), name="api_cancel"),
    path("orders/<bigid:order_id>/mark-paid/", orders.MarkPaid.as_view(), name="api_mark_paid"),
    path(
        "orders/<bigid:order_id>/mark-refunded/",
        orders.MarkRefunded.as_view(),
        name="api_mark_refunded",
    ),
    path("orders/<bigid:order_id>/ship/", orders.Ship.as_view(), name="api_ship"),
    path("orders/<bigid:order_id>/complete/", orders.Complete.as_view(), name="api_complete"),
    path("reviews/", reviews.Reviews.as_view(), name="api_reviews"),
    path("reviews/<bigid:review_id>/", reviews.Review.as_view(), name="api_review"),
    path("webhooks/", webhooks.Webhooks.as_view(), name="api_webhooks"),
    path("webhooks/<bigid:webhook_id>/", webhooks.Webhook.as_view(), name="api_webhook"),
    path(
        "webhooks/<bigid:webhook_id>/rotate-secret/",
        webhooks.RotateSecret.as_view(),
        name="api_rotate_secret",
    ),
    path("webhooks/<bigid:webhook_id>/test/", webhooks.Try.as_view(), name="api_try_webhook"),
    path(
        "webhooks/<bigid:webhook_id>/deliveries/",
        webhooks.Deliveries.as_view(),
        name="api_deliveries",
    ),
    path(
        "webhooks/<bigid:webhook_id>/deliveries/<bigid:delivery_id>/",
        webhooks.Delivery.as_view(),
        name="api_delivery",
    ),
    path(
        "webhooks/<bigid:webhook_id>/deliveries/<bigid:delivery_id>/resend/",
        webhooks.Resend.as_view(),
        name="api_resend",
    ),
    path("schema/", describing.SchemaFile.as_view(), name="api_schema"),
    path("docs/", describing.Docs.as_view(), name="api_docs"),
    re_path("", unknown.Unknown.as_view()),
]
