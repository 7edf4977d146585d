"""Promises of the kernel."""
