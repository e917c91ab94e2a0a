"""Fixtures every test may ask for; each is started only when a test does."""

import os

from hypothesis import settings

pytest_plugins = ["tests.support.postgres", "tests.support.browser", "tests.support.office"]

# Two cores shared by two workers: how long one example took says nothing here, so no example has a time limit.
settings.register_profile("two_cores", deadline=None, print_blob=True)
settings.load_profile("two_cores")

# A site somebody runs from this shell is not what the tests are about.
for _name in [name for name in os.environ if name.startswith("PORTAL_")]:
    if _name not in ("PORTAL_SHARED", "PORTAL_TEST_DATABASE"):
        del os.environ[_name]
