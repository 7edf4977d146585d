"""Promises of program definitions."""
