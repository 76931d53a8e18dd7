"""Figures of the whole system, taken from outside; each key is explained in bench/README.md."""
