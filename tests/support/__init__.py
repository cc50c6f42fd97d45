"""Ground that several integration tests stand on."""
