"""What these tests stand on: a pool of the application's role and a key ring, as in the store's tests."""

from tests.store.conftest import keyring, owner, pool

__all__ = ["keyring", "owner", "pool"]
