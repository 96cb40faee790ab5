"""What is open and which job runs; no widget is known here."""
