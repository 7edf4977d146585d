"""Promises of the store, held on a real Postgres."""
