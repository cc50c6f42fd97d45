"""The use cases: the only place where the steps are chained."""
