"""Permissions, roles, workflows, policy: pure Python, tables as data."""
