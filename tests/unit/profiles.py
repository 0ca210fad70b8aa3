"""How many random inputs a property sees: few in `make test`, many in the nightly profile.

Imported by the conftest of every folder with such properties, so that all mean the same by a profile's name.
"""

import os

from hypothesis import HealthCheck, settings

_CALM = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
NIGHTLY = PROFILE == "nightly"

settings.register_profile(
    "default", max_examples=80, deadline=None, derandomize=True, suppress_health_check=_CALM, database=None
)
settings.register_profile(
    "nightly", max_examples=10_000, deadline=None, suppress_health_check=_CALM, database=None
)
