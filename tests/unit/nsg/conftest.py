"""How many random NSGs a property sees: few in `make test`, at least 10,000 in the nightly profile."""

import os

from hypothesis import HealthCheck, settings

_CALM = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "default", max_examples=80, deadline=None, derandomize=True, suppress_health_check=_CALM, database=None
)
settings.register_profile(
    "nightly", max_examples=10_000, deadline=None, suppress_health_check=_CALM, database=None
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
