"""What carries events: settings as they are written, read."""

from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured


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
