"""The agent's own pages."""

from web.agent.views import pages

__all__ = ["pages"]
