"""Files from the web that a user asks for. Nothing else in this program uses the network."""
