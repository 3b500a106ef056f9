"""The pages' addresses: a contract with bookmarks, search engines and other people's links."""

from django.urls import path

from shop.storefront import baskets, orders, pages, people, purchases

urlpatterns = [
    path("", pages.category_list, name="category_list"),
    path("<int:category_id>/", pages.category_detail, name="category_detail"),
    path("products/", pages.product_list, name="product_list"),
    path("products/<int:product_id>/", pages.product_detail, name="product_detail"),
    path("cart/", baskets.cart, name="cart"),
    path("cart/add/<int:product_id>/", baskets.add_to_cart, name="add_to_cart"),
    path("checkout/", purchases.checkout, name="checkout"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/<int:order_id>/", orders.order_detail, name="order_detail"),
    path("orders/<int:order_id>/cancel/", orders.cancel_order, name="order_cancel"),
    path("accounts/login/", people.sign_in, name="account_login"),
    path("accounts/logout/", people.sign_out, name="account_logout"),
]
