"""A shop that strangers can reach does not open with a password or a key that they know."""

from types import SimpleNamespace
from typing import Any

import pytest

from shop.accounts.models import User
from shop.ops import demo_people, strangers
from shop.ops.preflight import CannotStartError
from shop.ops.tests.processes import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.once]

GOOD_KEY = "q7#Vn2!mZx9$Lk4@Tb8%Rw1^Yc6&Hd3*Jf5(Gs0)Pa-Ue_Oi=Eq"


def shop_at(*hosts: str, https: bool = False, key: str = GOOD_KEY) -> Any:
    return SimpleNamespace(ALLOWED_HOSTS=list(hosts), HTTPS=https, SECRET_KEY=key)


def demo_owner(*, password: str = demo_people.PASSWORD, is_active: bool = True) -> None:
    owner = User(username="owner", email="owner@example.com", is_active=is_active)
    owner.set_password(password)
    owner.save()


@pytest.mark.parametrize(
    ("shop", "expected"),
    [
        (shop_at("127.0.0.1", "localhost", "[::1]"), False),
        (shop_at(), False),
        (shop_at("127.0.0.1", "shop.example"), True),
        (shop_at("192.168.1.4"), True),
        (shop_at("*"), True),
        (shop_at("127.0.0.1", https=True), True),
    ],
)
def test_who_can_come(shop: Any, *, expected: bool) -> None:
    assert strangers.can_come(shop) is expected


def test_a_demo_password_keeps_the_shop_closed() -> None:
    demo_owner()

    with pytest.raises(CannotStartError, match="the password of owner is the demo's"):
        strangers.check(shop_at("shop.example"))


def test_at_this_machine_the_demo_is_welcome() -> None:
    demo_owner()

    strangers.check(shop_at("127.0.0.1", key="short"))


@pytest.mark.parametrize("facts", [{"password": "of their own now"}, {"is_active": False}])
def test_an_account_that_the_password_does_not_open_is_no_matter(facts: Any) -> None:
    demo_owner(**facts)

    strangers.check(shop_at("shop.example"))


@pytest.mark.parametrize(
    "key",
    [
        "short",
        "a" * 60,
        "django-insecure-" + GOOD_KEY,
        "changeme-changeme-changeme-changeme-changeme-changeme-",
        "example-" + GOOD_KEY,
    ],
)
def test_a_key_that_can_be_guessed_keeps_the_shop_closed(key: str) -> None:
    with pytest.raises(CannotStartError, match="its SECRET_KEY can be guessed"):
        strangers.check(shop_at("shop.example", key=key))


def test_the_start_says_so_in_a_sentence(known_shop: Shop) -> None:
    status, out, err = known_shop.refusal(ALLOWED_HOSTS="shop.example", SECRET_KEY=GOOD_KEY)

    assert (status, out) == (1, "")
    assert err == (
        "NovaShop cannot start: strangers can reach this shop (HTTPS or ALLOWED_HOSTS), and the "
        "password of catalogue, maya, orders, owner is the demo's, which everybody knows; lock "
        "the demo's accounts: manage.py furnish --lock-accounts\n"
    )


def test_another_server_does_not_open_it_either(known_shop: Shop) -> None:
    import subprocess
    import sys

    from django.conf import settings

    done = subprocess.run(
        [sys.executable, "-c", "import novashop.wsgi"],
        cwd=settings.BASE_DIR,
        env=known_shop.environment | {"ALLOWED_HOSTS": "shop.example", "SECRET_KEY": GOOD_KEY},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "ImproperlyConfigured: strangers can reach this shop" in done.stderr
