"""The types that every step shares: time grid, demand, staff, rosters and work rules."""
