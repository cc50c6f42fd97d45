"""Accounts and the audit trail."""

from web.admin.views import pages

__all__ = ["pages"]
