"""How random stories are drawn: as everything random here, by the profile."""

from hypothesis import settings

from tests.unit.profiles import PROFILE

settings.load_profile(PROFILE)
