"""Read contact history: parse, check, reconcile."""
