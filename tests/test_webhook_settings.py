"""`WEBHOOK_NETWORKS` names what webhooks may reach besides the open net, or is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once


def read(value: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", "from novashop.settings import *; print(WEBHOOK_NETWORKS)"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "WEBHOOK_NETWORKS": value},
        capture_output=True,
        text=True,
        check=False,
    )


def test_networks_and_addresses_are_read(tmp_path: Path) -> None:
    done = read("127.0.0.0/8, fd00::/8,10.1.2.3", tmp_path)
    assert done.stdout == (
        "[IPv4Network('127.0.0.0/8'), IPv6Network('fd00::/8'), IPv4Network('10.1.2.3/32')]\n"
    )


@pytest.mark.parametrize("value", ["localhost", "10.0.0.1/8", "on"])
def test_what_is_no_network_is_said(value: str, tmp_path: Path) -> None:
    done = read(value, tmp_path)
    assert done.returncode == 1
    assert "ImproperlyConfigured: WEBHOOK_NETWORKS has" in done.stderr
