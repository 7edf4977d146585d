"""Proofs of the door: real Temporal, real Postgres, real workers that are really killed."""
