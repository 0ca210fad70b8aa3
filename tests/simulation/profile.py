"""How many scenarios are played: 50 in `make test`, the same ones every time; 1,000 new ones in the nightly run."""

import os

from hypothesis import settings

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
SEEDS = (
    settings(max_examples=1000, deadline=None, database=None, print_blob=True)
    if NIGHTLY
    else settings(max_examples=50, deadline=None, database=None, derandomize=True)
)
