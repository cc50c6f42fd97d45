"""Signing in and out, one's own password and settings."""

from web.auth.views import pages

__all__ = ["pages"]
