"""How long properties are tried: briefly with every run, longer at night, and never by the clock."""

import os

from hypothesis import HealthCheck, settings

CALM = settings(
    max_examples=1000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
