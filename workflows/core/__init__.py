"""The kernel that every aggregate shares: kinds, refusals, the calendar, obligations, sealed entries and the wire's envelope.

Only the standard library and pydantic are imported here. Nothing reads a clock, a file or the environment: the instant `at` and
the rules come in as arguments, and values go out.
"""
