"""Queueing formulas and the smallest number of agents for a target."""
