"""Forecast contacts and handle times, as distributions."""
