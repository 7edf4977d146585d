"""Published programs: immutable, hashed, and the same when they come back."""

from pathlib import Path

import psycopg
import pytest

from activities.store import programs
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from workflows.program.load import load_program, program_sha256
from workflows.program.model import Program

FOLDER = Path(__file__).resolve().parents[2] / "programs"
SHIPPED = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))}
TEXT = SHIPPED["disengagement"]


@pytest.fixture(scope="module")
def program() -> Program:
    return load_program(TEXT)


@pytest.mark.parametrize("name", SHIPPED)
async def test_a_published_program_comes_back_unchanged(pool: Pool, name: str) -> None:
    """What is published comes back the same, with the order of its phases, its hash and its file."""
    text = SHIPPED[name]
    program = load_program(text)
    async with pool.connection() as connection:
        published = await programs.publish(connection, program, text)
        back = await programs.get(connection, program.program, program.version)
        source = await programs.source(connection, program.program, program.version)

    assert published == programs.PublishedVersion(program.program, program.version, program_sha256(program))
    assert back == program
    assert list(back.phases) == list(program.phases)
    assert source == text


async def test_publishing_again_changes_nothing(pool: Pool, program: Program) -> None:
    """The same definition can be published again, also with other comments: it is the same version."""
    async with pool.connection() as connection:
        first = await programs.publish(connection, program, TEXT)
        again = await programs.publish(connection, program, TEXT + "# a comment\n")
        listed = await programs.list_published(connection)
        source = await programs.source(connection, program.program, program.version)

    assert again == first
    assert [(one.code, one.version, one.sha256, one.title) for one in listed] == [(*first, program.title)]
    assert source == TEXT


async def test_a_published_version_never_changes(pool: Pool, program: Program) -> None:
    """Another definition under a published version is refused, and the cases keep the one they were opened with."""
    changed = program.model_copy(update={"title": "Another title"})
    async with pool.connection() as connection:
        await programs.publish(connection, program, TEXT)
        with pytest.raises(StoreRefused, match="published with another definition") as refused:
            await programs.publish(connection, changed, TEXT)
        kept = await programs.get(connection, program.program, program.version)

    assert "new version" in refused.value.cure
    assert kept == program


async def test_a_program_is_parsed_once_a_connection(pool: Pool, program: Program) -> None:
    """A second request for a version on a connection costs no query."""
    async with pool.connection() as connection:
        await programs.publish(connection, program, TEXT)
        first = await programs.get(connection, program.program, program.version)

        assert await programs.get(connection, program.program, program.version) is first


async def test_a_version_that_is_not_published_is_refused(pool: Pool, program: Program) -> None:
    """An unknown version is refused with those that are published."""
    async with pool.connection() as connection:
        await programs.publish(connection, program, TEXT)
        with pytest.raises(StoreRefused, match="no version 1999") as refused:
            await programs.get(connection, program.program, "1999")

        assert await programs.find(connection, program.program, "1999") is None
    assert f"{program.program} {program.version}" in refused.value.cure


async def test_a_program_that_was_tampered_with_is_refused(
    pool: Pool, program: Program, owner: psycopg.Connection
) -> None:
    """A stored definition that no longer has the hash it was published with is not used."""
    async with pool.connection() as connection:
        await programs.publish(connection, program, TEXT)
    owner.execute("ALTER TABLE program_version DISABLE TRIGGER program_version_is_never_changed")
    owner.execute("UPDATE program_version SET canonical = jsonb_set(canonical::jsonb, '{title}', '\"Other\"')::text")
    async with pool.connection() as connection:
        with pytest.raises(StoreRefused, match="not stored as it was published"):
            await programs.get(connection, program.program, program.version)


async def test_a_case_keeps_the_version_it_was_opened_in(pool: Pool, program: Program) -> None:
    """A version that is stored with another hash than the case is pinned to is refused, never used in its place."""
    async with pool.connection() as connection:
        await programs.publish(connection, program, TEXT)
        digest = program_sha256(program)
        kept = await programs.pinned(connection, program.program, program.version, sha256=digest)
        gone = await programs.pinned(connection, program.program, "1999.1", sha256=digest)
        with pytest.raises(StoreRefused, match="not the one that the case was opened in"):
            await programs.pinned(connection, program.program, program.version, sha256="0" * 64)

    assert kept == program
    assert gone is None
