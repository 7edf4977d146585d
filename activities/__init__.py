"""Offramp's effects: recording, notices, and the store."""
