"""The pages' addresses: a contract with bookmarks, search engines and other people's links."""

from django.urls import path

from shop.storefront import (
    accounts,
    baskets,
    media,
    orders,
    pages,
    passwords,
    people,
    purchases,
    reviews,
)

urlpatterns = [
    path("", pages.category_list, name="category_list"),
    path("<int:category_id>/", pages.category_detail, name="category_detail"),
    path("products/", pages.product_list, name="product_list"),
    path("products/<int:product_id>/", pages.product_detail, name="product_detail"),
    path("search/", pages.search, name="search"),
    path("cart/", baskets.cart, name="cart"),
    path("cart/token/", baskets.token, name="cart_token"),
    path("cart/add/<int:product_id>/", baskets.add_to_cart, name="add_to_cart"),
    path("checkout/", purchases.checkout, name="checkout"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/<int:order_id>/", orders.order_detail, name="order_detail"),
    path("orders/<int:order_id>/invoice/", orders.invoice, name="order_invoice"),
    path("orders/open/<str:number>/<str:seal>/", orders.open_order, name="order_open"),
    path("orders/<int:order_id>/cancel/", orders.cancel_order, name="order_cancel"),
    path("products/<int:product_id>/reviews/add/", reviews.add_review, name="add_review"),
    path("accounts/", accounts.account, name="account"),
    path("accounts/login/", people.sign_in, name="account_login"),
    path("accounts/signup/", people.sign_up, name="account_signup"),
    path("accounts/logout/", people.sign_out, name="account_logout"),
    path("accounts/addresses/", accounts.address_list, name="account_addresses"),
    path("accounts/addresses/add/", accounts.add_address, name="account_address_add"),
    path("accounts/addresses/<int:address_id>/", accounts.change_address, name="account_address"),
    path(
        "accounts/addresses/<int:address_id>/remove/",
        accounts.remove_address,
        name="account_address_remove",
    ),
    path("accounts/password/change/", passwords.change_password, name="account_change_password"),
    path("accounts/password/reset/", passwords.ask_for_reset, name="account_reset"),
    path("accounts/password/reset/sent/", passwords.reset_sent, name="account_reset_sent"),
    path("accounts/password/reset/done/", passwords.reset_done, name="account_reset_done"),
    path(
        "accounts/password/reset/<str:uidb64>/<str:token>/",
        passwords.set_password,
        name="account_reset_new",
    ),
    path("robots.txt", pages.robots, name="robots"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("media/<path:name>", media.media, name="media"),
]
