"""Stories played on the pure core, written into a real ledger as the recorder writes."""

from uuid import uuid4

from activities.store import ledger, programs, read_model
from activities.store.keys import KeyRing
from activities.store.pool import Pool, transaction
from tests.case.examples import ROOT, Story, asked, note, opened, person, verified
from workflows.case.state import Case, advance, dump_events
from workflows.core.entry import Entry, seal

SUPERVISOR, LEAD = person("supervisor"), person("lead_practitioner")


def eventful() -> Story:
    """A case in which much happened: contact kept and missed, a rung climbed, a refusal, a claim verified, and a review with a vote."""
    story = opened()
    story.later(days=3)
    story.do(LEAD, "keep_check_in", channel="in_person")
    story.refuse("insufficient_independence", LEAD, "claim_milestone", milestone="needs_profile", evidence=[
        {"kind": "self_report", "source": "participant_1", "observed_at": story.at.isoformat()}
    ])  # fmt: skip
    story.later(days=9)
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    number = asked(story, "stabilization")
    story.do(person("panel_chair"), "approve_review", review=number, reasons=note(4))
    return story


async def store(story: Story, pool: Pool, keyring: KeyRing) -> str:
    """Write the story as a stream of its own, with its rows of the read model and its program published; the stream."""
    stream = f"case/{uuid4()}"
    case = Case(stream=stream)
    text = (ROOT / "programs" / f"{story.program.program}.yaml").read_text(encoding="utf-8")
    async with pool.connection() as connection:
        await programs.publish(connection, story.program, text)
    for told in story.told:
        async with transaction(pool) as connection:
            key = await keyring.stream_key(connection, stream, create=True)
            position = case.position + 1
            taken = await ledger.open_stream(
                connection, stream=stream, position=case.position, command_id=f"c{position}", people=(), at=told.at
            )
            body = key.seal(dump_events(told.events), position=position)
            entry = seal(
                Entry(
                    stream, position, f"c{position}", told.command["type"], told.at, taken.now, told.actor, body,
                    bytes.fromhex(case.head), b"",
                )
            )  # fmt: skip
            after = advance(case, position=position, head=entry.hash.hex(), events=told.events, at=told.at)
            await ledger.append(connection, entry)
            await read_model.apply(connection, before=case, after=after, entry=entry, events=told.events)
        case = after
    return stream
