"""Temporal's own command line, on the real server: without the codec server it shows what nobody can read, with it what the person may read."""

import asyncio
import os
from typing import NamedTuple

from activities.store.vault import accesses
from starter.stack.temporal import program_file
from tests.door import commands
from tests.door.rig import Door
from tests.starter.codec_rig import codec_server, token


class Said(NamedTuple):
    """What Temporal's command line answered."""

    code: int
    out: str


async def shown(door: Door, stream: str, *codec: str, patience: str = "60s") -> Said:
    """The history of a case as Temporal's command line shows it; `codec` is where the codec server is, and whose token is given. A refusal it asks again and again."""
    more = ("--codec-endpoint", codec[0], "--codec-auth", f"Bearer {codec[1]}") if codec else ()
    running = await asyncio.create_subprocess_exec(
        str(program_file()), "workflow", "show", "--detailed", "--workflow-id", stream, "--address", door.settings.temporal_address,
        "--command-timeout", patience, *more, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
    )  # fmt: skip
    out, _ = await asyncio.wait_for(running.communicate(), 60)
    return Said(running.returncode or 0, out.decode())


async def test_temporals_command_line_reads_through_it_and_only_so(door: Door) -> None:
    """Ciphertext without; with a token of whoever is in charge or supervises the commands in codes, at one entry in the access log for each look."""
    async with door.worker(), codec_server(door.pool, door.keyring) as where:
        stream = await door.opened()
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        await door.settled(stream)
        sealed = await shown(door, stream)
        read = await shown(door, stream, where, token(door.keyring, "lena", "case_work"))
        again = await shown(door, stream, where, token(door.keyring, "omar"))
        async with door.pool.connection() as connection:
            logged = await accesses(connection, stream)

    assert (sealed.code, "open_case" in sealed.out, "omar" in sealed.out) == (0, False, False)
    assert "encryption-key-id" in sealed.out
    assert (read.code, again.code) == (0, 0)
    for one in (read, again):
        assert "args[0].command.type: open_case" in one.out
        assert "args[0].command.type: keep_check_in" in one.out
        assert "encryption-key-id" not in one.out
    assert [(one.note, one.reader, one.purpose) for one in logged] == [(None, "lena", "case_work"), (None, "omar", "supervision")]  # fmt: skip


async def test_who_may_not_read_the_case_sees_no_more_with_it(door: Door) -> None:
    """Somebody of another role, a panel member with nothing to decide, and somebody with a token of their own making see nothing, and none of it is logged as read."""
    async with door.worker(), codec_server(door.pool, door.keyring) as where:
        stream = await door.opened()
        await door.settled(stream)
        tokens = (token(door.keyring, "mara"), token(door.keyring, "mara", "decision"), "offramp1.x.y")
        found = await asyncio.gather(*(shown(door, stream, where, one, patience="3s") for one in tokens))
        async with door.pool.connection() as connection:
            logged = await accesses(connection, stream)

    assert all(one.code != 0 and "open_case" not in one.out for one in found)
    assert logged == []
