"""One module per change, named after its revision."""
