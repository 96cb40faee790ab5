"""Pictures of any size through a network: tiles, windows, devices."""
