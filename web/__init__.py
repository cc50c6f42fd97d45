"""The planner's and the agent's pages."""
