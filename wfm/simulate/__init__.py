"""Discrete-event simulation of a day."""
