"""What one turn does: order only. No parsing, no SQL, no HTTP; the world is reached through `monitor.ports`."""
