"""Scenarios: stories of a case, told in YAML, that prove what a program definition does before anyone is enrolled.

A story is played on the pure core in milliseconds, or live on a real stack under skipped time; both give the same transcript.
"""
