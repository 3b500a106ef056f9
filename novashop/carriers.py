"""What carries events: settings as they are written, read."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from novashop.eyes import check_installed


def check_broker(url: str) -> None:
    """Raise ImproperlyConfigured unless it is the address of a RabbitMQ, or empty."""
    if not url:
        return
    if not (url.startswith(("amqp://", "amqps://")) and urlsplit(url).hostname):
        # What stands there has a password in it.
        raise ImproperlyConfigured("BROKER_URL must be like amqp://user:password@host:5672/")
    check_installed("celery", setting="BROKER_URL")


def check_kafka(servers: Sequence[str]) -> None:
    """Raise ImproperlyConfigured for what is no server, and where nothing here speaks to them."""
    if not all(_is_server(server) for server in servers):
        raise ImproperlyConfigured("KAFKA_SERVERS must be host:port, separated by commas")
    if servers:
        check_installed("confluent_kafka", setting="KAFKA_SERVERS")


def _is_server(text: str) -> bool:
    try:
        place = urlsplit(f"//{text}")
        return place.netloc == text and place.hostname is not None and place.port != 0
    except ValueError:
        return False


def kafka_options(texts: Iterable[str]) -> dict[str, str]:
    """Return options of Kafka's client, each written `security.protocol=SASL_SSL`.

    Raises ImproperlyConfigured.
    """
    options = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals):
            # What stands there may be a password.
            raise ImproperlyConfigured("KAFKA_OPTIONS must be name=value, separated by commas")
        options[name] = value
    return options
