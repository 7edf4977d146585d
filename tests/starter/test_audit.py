"""The audit: one fold, a chain that tells what was changed, minutes for people, and comparisons that name the place."""

from datetime import timedelta
from typing import get_args

import psycopg
import pytest

from activities.store import queries, rights
from activities.store.fold import fold
from activities.store.keys import KeyRing
from activities.store.ledger import read
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from starter.audit.chain import verify_stream
from starter.audit.compare import compare_cases, compare_rows, first_difference
from starter.audit.decision import explain
from starter.audit.effective import effective
from starter.audit.minutes import SENTENCES, minutes, tell
from starter.audit.replay import replay
from tests.case.examples import note, opened, shipped
from tests.case.passage import passage
from tests.starter.stored import LEAD, eventful, store
from workflows.case.state import Case, CaseEvent, advance
from workflows.core.entry import BrokenChain
from workflows.core.envelope import CommandRefused


async def test_a_fold_is_the_case_step_by_step(pool: Pool, keyring: KeyRing) -> None:
    """Folding a stream at once gives what advancing entry by entry gives, and what going on from any point gives."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        whole, told = await replay(connection, keyring, stream)
        steps = [Case(stream=stream)]
        for entry, events in told:
            steps.append(advance(steps[-1], position=entry.position, head=entry.hash.hex(), events=events, at=entry.at))
        assert whole == steps[-1]
        for step in steps:
            assert await fold(connection, keyring, stream, after=step) == whole


async def test_as_of_is_the_case_as_it_stood_then(pool: Pool, keyring: KeyRing) -> None:
    """A fold until an instant is the case after the last entry of that instant."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        for index, told in enumerate(story.told[:-1], start=1):
            if story.told[index].at > told.at:
                found = await fold(connection, keyring, stream, until=told.at)
                assert found.position == index
                assert found.obligations == told.case.obligations
        nothing = await fold(connection, keyring, stream, until=story.told[0].at - timedelta(seconds=1))
    assert nothing == Case(stream=stream)


async def test_a_fold_behind_a_foreign_head_is_refused(pool: Pool, keyring: KeyRing) -> None:
    """Whoever holds another past than the ledger does not get a case out of the two."""
    stream = await store(eventful(), pool, keyring)
    async with pool.connection() as connection:
        first = await fold(connection, keyring, stream, until=eventful().told[0].at)
        with pytest.raises(BrokenChain):
            await fold(connection, keyring, stream, after=first.model_copy(update={"head": "f" * 64}))


def test_every_event_has_its_sentence() -> None:
    """No type of event is missing from the minutes."""
    assert set(SENTENCES) == set(get_args(CaseEvent))


def test_a_whole_passage_reads_as_sentences() -> None:
    """Every event of a passage from opening to closure is told in a sentence without gaps, with or without its program."""
    program = shipped("disengagement")
    assert list(passage("disengagement"))
    for told in eventful().told:
        for event in told.events:
            for words in (tell(event, program), tell(event, None)):
                assert words.endswith(".")
                assert "None" not in words
                assert "{" not in words


async def test_minutes_say_when_who_what_and_where_it_stands(pool: Pool, keyring: KeyRing) -> None:
    """The minutes of an entry begin with the program's local time and the person, and carry a short receipt."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        _, told = await replay(connection, keyring, stream)
    entry, events = told[0]
    first, *rest = minutes(entry, events, story.program)
    assert first.startswith("2026-01-05 10:00  supervisor")
    assert first.endswith(f"[1:{entry.hash.hex()[:8]}]")
    assert any("Owed from now: the request for consent, by Mon 2026-01-19" in line for line in rest)
    refused = next(minutes(e, ev, story.program) for e, ev in told if isinstance(ev[0], CommandRefused))
    assert "[insufficient_independence]" in refused[0]
    assert "Cure: add evidence" in refused[0]


async def test_a_sound_stream_is_sound_and_its_clocks_are_told_apart(pool: Pool, keyring: KeyRing) -> None:
    """A stream written under another time than the database's is sound, and the disagreement is information."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        found = await verify_stream(connection, stream, keyring=keyring)
    assert (found.fault, found.sealed, found.entries) == (None, None, len(story.told))
    assert found.clocks is not None
    assert (found.clocks.times, found.clocks.first) == (len(story.told), 1)


@pytest.mark.parametrize(
    ("change", "position"),
    [
        ("UPDATE entry SET actor = 'somebody.else' WHERE stream = %s AND position = 3", 3),
        ("UPDATE entry SET body = body || '\\x00' WHERE stream = %s AND position = 2", 2),
        ("UPDATE entry SET at = at + interval '1 microsecond' WHERE stream = %s AND position = 4", 4),
        ("DELETE FROM entry WHERE stream = %s AND position = 3", 3),
    ],
)
async def test_a_changed_ledger_is_named_by_stream_and_position(
    change: str, position: int, pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """Whatever the database's owner changes behind the triggers is found at its place, by verify and by every fold."""
    stream = await store(eventful(), pool, keyring)
    owner.execute("ALTER TABLE entry DISABLE TRIGGER entry_is_never_changed")
    owner.execute(change.encode(), (stream,))
    async with pool.connection() as connection:
        found = await verify_stream(connection, stream, keyring=keyring)
        assert found.fault is not None
        assert (found.fault.stream, found.fault.position, found.entries) == (stream, position, position - 1)
        with pytest.raises(BrokenChain) as broken:
            await fold(connection, keyring, stream)
    assert broken.value.position == position


async def test_a_stream_without_its_key_is_unreadable_and_not_empty(
    pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """Where a key is gone the chain still verifies, all of it; that nobody erased the record is a fault, and no fold shows an empty case."""
    stream = await store(eventful(), pool, keyring)
    owner.execute("DELETE FROM key WHERE stream = %s", (stream,))
    keyring.forget(stream)
    async with pool.connection() as connection:
        whole = await verify_stream(connection, stream)
        erased = await verify_stream(connection, stream, keyring=keyring, erased=True)
        lost = await verify_stream(connection, stream, keyring=keyring)
        with pytest.raises(StoreRefused, match="unreadable, and not empty"):
            await fold(connection, keyring, stream)

    assert (erased.fault, erased.entries, erased.head) == (None, whole.entries, whole.head)
    assert lost.fault is not None
    assert (lost.fault.position, lost.entries) == (1, whole.entries)
    assert "was not erased" in lost.fault.what
    assert "is missing" in lost.fault.what


async def test_the_read_model_is_compared_row_by_row(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """The read model is the same as the ledger, until a row is changed: then the first difference is named by its path."""
    stream = await store(eventful(), pool, keyring)

    async def compared() -> str | None:
        async with pool.connection() as connection:
            difference = compare_rows(
                await fold(connection, keyring, stream),
                case=await queries.case_row(connection, stream),
                obligations=await queries.obligations(connection, stream),
                reviews=await queries.reviews(connection, stream=stream),
                rights=await rights.everything(connection, stream),
            )
        return None if difference is None else difference.path

    assert await compared() is None
    owner.execute("UPDATE obligation SET climbed = climbed + 1 WHERE stream = %s AND key LIKE 'check_in/%%'", (stream,))
    assert (await compared() or "").startswith("obligations.check_in/")
    owner.execute("UPDATE case_overview SET phase = 'closed' WHERE stream = %s", (stream,))
    assert await compared() == "case.phase"


async def test_two_states_differ_at_a_path(pool: Pool, keyring: KeyRing) -> None:
    """Two states of a case are the same, or differ first at a dotted path."""
    story = eventful()
    assert compare_cases(story.case, story.case.model_copy()) is None
    other = story.case.model_copy(update={"custody": story.case.custody.model_copy(update={"lead": "other"})})
    found = compare_cases(story.case, other)
    assert found is not None
    assert (found.path, found.other) == ("custody.lead", "other")
    shorter = first_difference({"a": [1, 2]}, {"a": [1]})
    assert shorter is not None
    assert (shorter.path, shorter.ledger, shorter.other) == ("a.1", 2, "(absent)")


async def test_what_is_stored_is_in_the_order_of_its_positions(pool: Pool, keyring: KeyRing) -> None:
    """Positions of a stream have no gap, and none of its entries shows a text."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        entries = [entry async for entry in read(connection, stream)]
    assert [entry.position for entry in entries] == list(range(1, len(story.told) + 1))
    assert all(note(4).encode() not in entry.body for entry in entries)


async def test_what_was_recorded_late_changes_what_was_true_and_never_what_was_known(
    pool: Pool, keyring: KeyRing
) -> None:
    """A check-in that was written down four days later was kept on its day: the two replays of a day between differ, and show where."""
    story = opened()
    story.later(days=3)
    held = story.at
    story.later(days=4)
    story.do(LEAD, "keep_check_in", channel="in_person", observed_at=held.isoformat())
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        _, told = await replay(connection, keyring, stream)
    between, after = effective(stream, told, held + timedelta(days=1)), effective(stream, told, story.at)

    assert between.known.contact.number == 1
    assert between.case.contact.number == 2
    assert [(one.entry.position, one.late) for one in between.happened if one.late] == [(len(told), True)]
    assert [one.path for one in between.differences if one.path.startswith("contact.number")] == ["contact.number"]
    assert (after.known.contact.number, after.case.contact.number) == (2, 2)


async def test_whatever_is_replayed_by_observed_dates_is_a_case(pool: Pool, keyring: KeyRing) -> None:
    """At every instant of an eventful case, what was true can be folded, and at its end it agrees with what is known."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        case, told = await replay(connection, keyring, stream)
    for entry, _ in told:
        found = effective(stream, told, entry.at)

        assert found.known.phase == found.case.phase
    end = effective(stream, told, story.at)

    assert end.case.milestone == case.milestone
    assert end.case.review == case.review
    assert effective(stream, [], story.at).happened == []


async def test_a_decision_is_explained_by_rule_facts_program_and_people(pool: Pool, keyring: KeyRing) -> None:
    """For every entry of an eventful case the record says which room decided, what it saw, who may send it, and what changed."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        _, told = await replay(connection, keyring, stream)
    people = {told.actor for told in story.told}
    found = [explain(told, number, story.program, actor=None, people=people) for number in range(1, len(told) + 1)]
    refused = next(one for one in found if one.refusal is not None)
    vote = found[-1]

    assert all(one.what and one.rules and all(rule.law for rule in one.rules) for one in found)
    assert found[0].program.startswith(f"{story.program.program} {story.program.version} ")
    assert (refused.changed, [rule.room for rule in refused.rules]) == ([], ["milestone"])
    assert (vote.command, "review" in vote.saw) == ("approve_review", True)
    assert vote.may == story.program.permissions["approve_review"]
    assert any(one.path.startswith("review.open") for one in vote.changed)
