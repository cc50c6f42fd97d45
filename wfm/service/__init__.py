"""The use cases: the only place where the steps are chained.

Every use case takes the running `Service` and the acting `Actor`, checks its policy first, and writes its audit row in the same
transaction as the change.
"""
