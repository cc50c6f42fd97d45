"""Every change of the tables, in order; run by `wfm.storage.migrate`."""
