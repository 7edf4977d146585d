"""Stored Temporal histories of the product, one file a run, and how they are recorded."""
