"""The commands for people on call, as they are typed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.arm import Arm, in_background
from remediation.cli import main
from remediation.messages import decode
from tests.builders import NSG_ID, SUBSCRIPTION, a_spoke, an_event, an_nsg

ENFORCING = '{"version": 1, "mode": "enforce", "defaultEnvironment": "production"}'


@pytest.fixture
def estate() -> Iterator[tuple[Arm, str]]:
    """ARM with one NSG that lets everybody in."""
    arm = Arm()
    arm.seed([an_nsg(allow_ssh_from="Internet"), *a_spoke()])
    with in_background(arm) as url:
        yield arm, url
