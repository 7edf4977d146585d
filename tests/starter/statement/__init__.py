"""Promises of the pictures."""
