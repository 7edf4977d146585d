"""Offramp's promises, one sentence each; the tree mirrors the code."""
