"""How much is tried: 80 damaged inputs of each kind in `make test`, 10,000 in the nightly profile."""

from hypothesis import settings

from tests.unit.profiles import PROFILE

settings.load_profile(PROFILE)
