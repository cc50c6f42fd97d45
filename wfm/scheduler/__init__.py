"""Rosters by linear programming, with a proven bound."""
