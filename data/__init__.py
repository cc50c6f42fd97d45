"""Synthetic data: a demo centre that resembles a healthcare contact centre, and small sample files.

No real person, patient or call is in it.
"""
