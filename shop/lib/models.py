"""What a tool remembers: the one row by which replicas are measured."""

from django.db import models


class Beat(models.Model):
    """A number in the primary that rises once a second; what a replica has of it tells its lag."""

    number = models.PositiveBigIntegerField()

    class Meta:
        # Nobody edits it.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)
