"""For those who watch over the processes: they ask each one by whatever address it has."""

from django.conf import settings
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware import common


class CommonMiddleware(common.CommonMiddleware):
    """Django's own; but whoever watches need not know the shop by one of its names.

    Prometheus asks an app server by its IP, and so do the probes of Docker and Kubernetes. Visitors
    come by the proxy, which knows the names.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Refuse a host that is not one of ours, unless it is asked for what anybody may know.

        Such an answer says nothing about a visitor, and makes no links.
        """
        if request.path_info in settings.WATCHED:
            return None
        return super().process_request(request)
