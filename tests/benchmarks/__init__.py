"""Measurements of this engine beside bare Temporal and beside another library's event store; `make bench` runs them."""
