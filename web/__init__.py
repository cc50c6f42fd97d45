"""The planner's and the agent's pages.

Views parse a request, call one use case of `wfm.service` and render; nothing here touches SQL, and nothing here loads the forecasting
or the scheduling packages.
"""

from web.app import create_app

__all__ = ["create_app"]
