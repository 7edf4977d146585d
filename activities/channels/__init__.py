"""Channels: the ways by which a notice reaches a person. One method each, one module each."""
