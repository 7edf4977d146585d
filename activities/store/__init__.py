"""The store: the ledger, its read model, sealed texts, keys, the staff directory and published programs, in Postgres.

Only psycopg and cryptography are used here, never Temporal. `sql/` holds one statement a file, `migrations/` the schema.
"""
