"""The addresses at which staff see how letters look."""

from django.contrib import admin
from django.urls import path

from shop.mail import looks

urlpatterns = [
    path("", admin.site.admin_view(looks.looks), name="mail_looks"),
    path("<int:letter_id>/", admin.site.admin_view(looks.letter), name="mail_letter"),
]
