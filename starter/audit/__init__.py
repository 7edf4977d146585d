"""The audit: replay, verify and compare, from the ledger alone. No Temporal, and no trust in the read model."""
