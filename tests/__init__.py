"""Everything that checks wfm; `gates` runs it all, `machine` finds what the tests need of the machine."""
