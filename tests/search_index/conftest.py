"""Fixtures of the search tests."""

from tests.search_index.homes import home, homes, module_home, module_homes, search_database

__all__ = ["home", "homes", "module_home", "module_homes", "search_database"]
