"""How many random documents a property sees."""

from hypothesis import settings

from tests.unit.profiles import PROFILE

settings.load_profile(PROFILE)
