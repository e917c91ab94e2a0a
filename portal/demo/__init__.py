"""The demo site: 24 wards and the city office at work, with people, reports in every state and files. All of it is invented."""

from portal.demo.making import make

__all__ = ["make"]
