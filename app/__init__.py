"""The desktop program. Importing this package costs nothing; nothing in it imports torch."""
