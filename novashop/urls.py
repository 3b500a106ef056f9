"""Every address of the shop: each face brings its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from shop.ops import health, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("shop.api.urls")),
    path("admin/mail/", include("shop.mail.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="health_alive"),
    path("readyz", health.ready, name="health_ready"),
    path("metrics", metrics.show, name="metrics"),
    path("", include("shop.storefront.urls")),
]

handler500 = "novashop.faults.answer"

if settings.DEBUG:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()
