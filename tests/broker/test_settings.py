"""What carries events, as people name it: read, or refused without telling a password."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from deploy.stack import settings as stack
from deploy.stack.folders import Folders
from novashop.carriers import check_broker, check_kafka, kafka_options

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "url", ["", "amqp://rabbit", "amqp://a:b@rabbit:5672//", "amqps://rabbit/shop"]
)
def test_a_broker_is_a_rabbitmq(url: str) -> None:
    check_broker(url)


@pytest.mark.parametrize("url", ["redis://a:secret@host", "rabbit:5672", "amqp://", "amqp:///x"])
def test_what_is_none_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        check_broker(url)

    assert str(refused.value) == "BROKER_URL must be like amqp://user:password@host:5672/"


def test_a_stack_without_a_broker_sends_nothing_to_one_that_a_file_names(tmp_path: Path) -> None:
    shop = stack.for_shop(
        folders=Folders(tmp_path),
        database_url="postgres://here",
        redis_url="redis://here",
        broker_url="",
        url="http://127.0.0.1:8080",
        own={"BROKER_URL_FILE": "/run/somewhere/url"},
    )

    assert (shop["BROKER_URL"], shop["BROKER_URL_FILE"]) == ("", "")


def test_a_server_of_kafka_is_a_host_with_or_without_a_port() -> None:
    check_kafka(["kafka", "kafka-2:9093", "[::1]:9092", "[::1]", "10.0.0.1"])


@pytest.mark.parametrize("server", ["kafka:abc", "kafka:99999", "kafka:0", "[::1", ":9092", "a/b"])
def test_what_is_no_server_of_kafka_is_refused(server: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        check_kafka(["kafka:9092", server])

    assert str(refused.value) == "KAFKA_SERVERS must be host:port, separated by commas"


def test_options_of_kafka_are_names_with_values() -> None:
    assert kafka_options([]) == {}
    assert kafka_options(["security.protocol=SASL_SSL", " sasl.password = a=b "]) == {
        "security.protocol": "SASL_SSL",
        "sasl.password": "a=b",
    }


@pytest.mark.parametrize("text", ["secret", "=secret", ""])
def test_an_option_without_a_name_or_a_value_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        kafka_options([text])

    assert str(refused.value) == "KAFKA_OPTIONS must be name=value, separated by commas"
