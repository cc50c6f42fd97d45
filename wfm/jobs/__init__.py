"""Long and nightly work: claims, leases, progress."""
