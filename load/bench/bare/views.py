"""24 products through the ORM and one plain serializer."""

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

PAGE_SIZE = 24


class Product(models.Model):
    """What the shop's own table says of a product."""

    name = models.CharField(max_length=255)
    description = models.TextField()
    is_published = models.BooleanField()
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    in_stock = models.BooleanField()
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True)
    review_count = models.PositiveIntegerField()
    category_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Product"]] = models.Manager()

    class Meta:
        app_label = "bare"
        managed = False
        db_table = "catalog_product"

    def __str__(self) -> str:
        return self.name


class ProductBody(serializers.Serializer[Any]):
    """A product, field by field."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    price = serializers.DecimalField(14, 2)
    in_stock = serializers.BooleanField()
    rating = serializers.DecimalField(3, 2, allow_null=True)
    review_count = serializers.IntegerField()
    category = serializers.IntegerField(source="category_id")
    created_at = serializers.DateTimeField()


def products(_request: HttpRequest) -> HttpResponse:
    """Answer with the first page of the products on show, as the shop sorts them."""
    found = Product.objects.filter(is_published=True).order_by("name", "id")[:PAGE_SIZE]
    body = JSONRenderer().render(ProductBody(found, many=True).data)
    length = {"Content-Length": str(len(body))}
    return HttpResponse(body, content_type="application/json", headers=length)


urlpatterns = [path("bare/products", products)]
