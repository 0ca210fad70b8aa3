"""How many changed inputs the fuzzing sees: few in `make test`, at least 10,000 in the nightly profile."""

from hypothesis import settings

from tests.unit.profiles import PROFILE

settings.load_profile(PROFILE)
