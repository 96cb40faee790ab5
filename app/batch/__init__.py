"""The batch: a table of pictures that are compressed by one recipe."""
