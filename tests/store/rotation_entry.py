"""A process that rotates the program key and ends itself, as by SIGKILL, at the step it is told: `python -m tests.store.rotation_entry OWNER FROM TO STEP`.

A step is a statement that is about to be sent, or a key that is about to be wrapped or opened. Step 0 never comes; the number of steps is printed.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable

from activities.store import rotation
from activities.store.keys import KeyRing, ProgramKey
from activities.store.pool import open_pool


class Steps:
    """Counts steps, and ends the process at one of them."""

    def __init__(self, last: int) -> None:
        self.taken, self.last = 0, last

    def step(self) -> None:
        """One more."""
        self.taken += 1
        if self.taken == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal(ProgramKey):
    """A program key whose every use is a step."""

    steps = Steps(0)

    async def wrap(self, secret: bytes, *, context: str) -> bytes:
        """As ever, after a step."""
        self.steps.step()
        return await super().wrap(secret, context=context)

    async def unwrap(self, wrapped: bytes, *, context: str) -> bytes:
        """As ever, after a step."""
        self.steps.step()
        return await super().unwrap(wrapped, context=context)


async def main(dsn: str, old: str, new: str, step: str) -> None:
    """Rotate from one key to the other."""
    Mortal.steps = Steps(int(step))
    statement: Callable[[str], bytes] = vars(rotation)["sql"]

    def counted(name: str) -> bytes:
        Mortal.steps.step()
        return statement(name)

    vars(rotation).update(sql=counted, AT_ONCE=4)
    keyring = KeyRing(Mortal(bytes.fromhex(new)), retired=[Mortal(bytes.fromhex(old))])
    pool = await open_pool(dsn, size=1)
    async with pool.connection() as owner:
        await rotation.rotate(owner, keyring, person="ada")
    await pool.close()
    sys.stdout.write(f"{Mortal.steps.taken}\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
