"""Fixtures every test may ask for; each is started only when a test does."""

pytest_plugins = ["tests.support.postgres", "tests.support.browser"]
