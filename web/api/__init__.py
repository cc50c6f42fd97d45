"""JSON for programs."""

from web.api.views import pages

__all__ = ["pages"]
