"""What these tests stand on: a pool of the application's role and a key ring, as in the store's tests; and a terminal."""

from tests.starter.terminal import environment, offramp
from tests.store.conftest import keyring, owner, pool

__all__ = ["environment", "keyring", "offramp", "owner", "pool"]
