"""Integer arithmetic: identical results on every machine. docs/exact-arithmetic.md is the specification."""
