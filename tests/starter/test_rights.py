"""The lists of rights: what the rows say is what the case says, also after a rebuild, and whoever watches over rights finds what must be done by when."""

from datetime import timedelta

import psycopg
import pytest

from activities.store import queries, read_model, rights
from activities.store.fold import fold
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from activities.store.rights import Rights
from activities.store.rights_rows import TABLES
from starter.audit.compare import compare_rows
from starter.audit.words import Words
from starter.cli.rights import acts, disclosures, holds, measures, requests, say_rights
from tests.case.against import appeal_voted, appealable, curfew, in_stabilization, proposed, served, under_curfew
from tests.case.examples import LEAD, SUPERVISOR, Story, note, opened, person
from tests.case.starts import STARTS
from tests.starter.stored import store
from tests.starter.terminal import Offramp, do
from tests.starter.terminal import opened as opened_there

OFFICER = person("data_protection_officer")


async def _rows(story: Story, pool: Pool, keyring: KeyRing) -> Rights:
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        return await rights.everything(connection, stream)


async def _differs(pool: Pool, keyring: KeyRing, stream: str) -> str | None:
    async with pool.connection() as connection:
        found = compare_rows(
            await fold(connection, keyring, stream),
            case=await queries.case_row(connection, stream),
            obligations=await queries.obligations(connection, stream),
            reviews=await queries.reviews(connection, stream=stream),
            rights=await rights.everything(connection, stream),
        )
    return None if found is None else found.path


def _table_rows(owner: psycopg.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(owner.execute(f"SELECT * FROM {table}".encode()), key=repr) for table in TABLES}  # noqa: S608


async def test_the_rows_say_what_the_case_says_wherever_it_stands(
    pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """From every start of the walks, at once and after a year of silence, the rows are those of the case, and a rebuild gives the same ones."""
    for name, begun in STARTS.items():
        for story in (begun(), begun().later(days=370)):
            if story.case.opened:
                stream = await store(story, pool, keyring)
                assert await _differs(pool, keyring, stream) is None, name
    live = _table_rows(owner)
    assert all(live.values()), {table: len(found) for table, found in live.items()}
    for table in TABLES:
        owner.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - names above
    await read_model.rebuild(pool, keyring)
    assert _table_rows(owner) == live


async def test_a_changed_row_is_found(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """Whoever makes a measure last longer in the read model than it does is found out by a comparison with the ledger."""
    stream = await store(under_curfew(), pool, keyring)
    assert await _differs(pool, keyring, stream) is None
    owner.execute("UPDATE measure SET until = until + interval '1 year'")
    assert await _differs(pool, keyring, stream) == "rights.measures.measure/1.until"


async def test_an_open_act_names_what_it_waits_for_and_who_must_act(pool: Pool, keyring: KeyRing) -> None:
    """At each stage of an act its row names what is awaited, by when and from whom: service, decision, appeal, its being carried out."""
    story = in_stabilization()
    proposed(story)
    steps = [story.fork()]
    served(story, "act_proposed")
    steps.append(story.fork())
    later = in_stabilization()
    number = appealable(later)
    steps.append(later.fork())
    later.do(LEAD, "file_appeal", act=number)
    steps.append(later.fork())
    appeal_voted(later, number, "dismiss")
    steps.append(later.fork())
    served(later, "appeal_dismissed")
    steps.append(later.fork())
    later.do(SUPERVISOR, "carry_out_adverse_act", act=number)
    found = [(await _rows(step, pool, keyring)).acts[0] for step in (*steps, later)]

    assert [(row.stage, (row.awaits or "").partition("/")[0], row.owner) for row in found] == [
        ("proposed", "notice_service", "lead_practitioner"), ("hearing", "adverse_decision", "panel_chair"),
        ("served", "adverse_effect", "supervisor"), ("appealed", "appeal_decision", "panel_chair"),
        ("dismissed", "notice_service", "lead_practitioner"), ("dismissal_served", "adverse_effect", "supervisor"),
        ("took_effect", "", None),
    ]  # fmt: skip
    assert all(row.due is not None and row.due > row.proposed_at for row in found[:-1])
    assert (found[0].holder, found[-1].ended_at, found[-1].due) == (LEAD, later.at, None)


async def test_an_act_that_nobody_decided_is_over_and_says_why(pool: Pool, keyring: KeyRing) -> None:
    """A proposal on which nobody acted has lapsed in the list too, and is no longer among the open ones."""
    story = STARTS["hearing over"]().later(days=90)
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        (row,) = await rights.acts(connection, open_only=False, stream=stream)
        assert (row.stage, row.awaits, await rights.acts(connection)) == ("nobody_decided", None, [])
    assert row.ended_at is not None


async def test_a_measure_shows_its_end_and_its_next_review(pool: Pool, keyring: KeyRing) -> None:
    """A measure in force is listed with its end, the date of its next review and whose it is; reviewed, with the one after; lapsed, no longer."""
    story = under_curfew()
    (began,) = (await _rows(story, pool, keyring)).measures
    story.later(days=7)
    story.do(SUPERVISOR, "review_measure", measure=1, necessity=note(20))
    (reviewed,) = (await _rows(story, pool, keyring)).measures
    (lapsed,) = (await _rows(story.later(days=120), pool, keyring)).measures

    assert (began.mode, began.content, began.reviews, reviewed.reviews) == ("mandated", "curfew", 0, 1)
    assert began.due is not None
    assert reviewed.due is not None
    assert began.began_at < began.due < reviewed.due < began.until
    assert (lapsed.how, lapsed.due, began.ended_at) == ("lapsed", None, None)


async def test_an_act_in_danger_is_listed_once_it_is_confirmed(pool: Pool, keyring: KeyRing) -> None:
    """What two approvers did in danger stands among the measures in force, with its end after 72 hours; what one alone asked for does not."""
    story = opened()
    grounds = {name: value for name, value in curfew(story).items() if name not in {"lasts", "review_every"}}
    story.do(SUPERVISOR, "act_in_danger", **grounds)
    asked_at = story.at
    assert (await _rows(story, pool, keyring)).measures == []
    story.do(person("program_director"), "confirm_danger", danger=1, reasons=note(6))
    (row,) = (await _rows(story, pool, keyring)).measures
    (over,) = (await _rows(story.later(days=4), pool, keyring)).measures

    assert (row.source, row.mode, row.until) == ("danger", "danger", asked_at + timedelta(hours=72))
    assert (over.how, over.ended_at) == ("time_over", row.until)


async def test_a_disclosure_shows_whether_the_person_knows(pool: Pool, keyring: KeyRing) -> None:
    """A disclosure is listed as not told, with by when the person must be; told it leaves the list until a correction is owed to the recipient."""
    story = STARTS["every consent"]()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        (untold,) = await rights.disclosures(connection, stream=stream)
    story.do(LEAD, "record_told", disclosure=1, how="in_person", language="en")
    (told,) = (await _rows(story, pool, keyring)).disclosures
    story.do(LEAD, "correct_disclosure", fields=["housing_need"], correction=note(8))
    (corrected,) = (await _rows(story, pool, keyring)).disclosures

    assert (untold.state, untold.told_at, untold.owed) == ("made", None, "tell_of_disclosure/1")
    assert untold.due is not None
    assert (told.told_at, told.owed, told.approved_by) == (story.at, None, SUPERVISOR)
    assert (corrected.corrections, corrected.owed) == ([1], "tell_recipient/1/1")


async def test_a_request_that_lost_its_basis_is_listed_as_stopped(pool: Pool, keyring: KeyRing) -> None:
    """Once the person withdrew, what was asked for is shared with nobody and owed by nobody, and the list of what is open says nothing of it."""
    story = STARTS["waiting"]()
    story.do(LEAD, "withdraw_consent", scope="participation")
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        found = {row.id: row.state for row in await rights.disclosures(connection, open_only=False, stream=stream)}
        assert 2 not in {row.id for row in await rights.disclosures(connection, stream=stream)}
    assert found == {1: "made", 2: "stopped"}


async def test_holds_are_listed_by_their_end(pool: Pool, keyring: KeyRing) -> None:
    """A pause asked for and a legal hold are listed with their end, the sooner first; a pause in a case that was closed has no meaning any more."""
    story = STARTS["agreed measure"]()
    story.do(OFFICER, "place_legal_hold", until="2026-03-01T09:00:00Z", reasons=note(10))
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        found = await rights.holds(connection, stream=stream)
    assert [(row.source, row.requested_by, row.began_at is None) for row in found] == [
        ("pause", SUPERVISOR, True), ("legal_hold", OFFICER, False),
    ]  # fmt: skip
    assert found[0].due is not None
    over = await _rows(story.later(days=90), pool, keyring)
    assert [(row.source, row.how) for row in over.holds if row.ended_at] == [("legal_hold", "expired")]


async def test_a_request_for_access_is_listed_until_it_is_answered(pool: Pool, keyring: KeyRing) -> None:
    """The person's request stands with the day on which the answer is due, also after the closure, until somebody answered it."""
    story = STARTS["closed"]()
    (waiting,) = (await _rows(story, pool, keyring)).requests
    story.do(OFFICER, "answer_access", request=1, answer="given", reasons=note(3))
    (answered,) = (await _rows(story, pool, keyring)).requests

    assert (waiting.answered_at, waiting.answer, answered.answer, answered.due) == (None, None, "given", None)
    assert waiting.due is not None


def test_a_case_shows_what_is_open_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a case stands includes the acts, measures, disclosures and holds that are open in it, and no empty list of what there is none."""
    story = STARTS["waiting"]()
    say_rights(story.case, Words(story.program), story.at)
    shown = capsys.readouterr().out
    assert all(title in shown for title in ("Disclosures", "Holds", "legal hold 1", "not told", "housing office"))
    assert "Measures" not in shown
    act = STARTS["upheld"]()
    say_rights(act.case, Words(act.program), act.at)
    assert "upheld; the person is to be told" in capsys.readouterr().out


def test_the_lists_answer_at_the_command_line(offramp: Offramp) -> None:
    """Each list shows what is open over all cases, or of one, says so where there is nothing, and gives the same as JSON."""
    names = ("acts", "measures", "disclosures", "holds", "requests")
    assert [command.name for command in (acts, measures, disclosures, holds, requests)] == list(names)
    for name in names:
        assert offramp("rights", name).code == 0
    case = opened_there(offramp)
    do(offramp, case, "sofia", "request_access")
    do(offramp, case, "sofia", "propose_adverse_act", "--kind", "exit_for_cause", "--subject", "closed", "--reasons-text", "Why.",
       "--legal-basis", "program_rules", "--necessity-text", "Needed.", "--nothing-milder-text", "Tried.")  # fmt: skip
    listed = offramp("rights", "acts")
    assert "exit for cause: Closed" in listed.out
    assert "proposed; the person is to be told" in listed.out
    assert [row["awaits"] for row in offramp("rights", "acts", "--case", case, "--json").json] == ["notice_service/1"]
    assert [row["id"] for row in offramp("rights", "requests", "--json").json] == [1]
    assert "Adverse acts" in offramp("case", "show", case).out
    assert offramp("audit", "compare", case).code == 0


def test_a_list_is_about_a_case_that_there_is(offramp: Offramp) -> None:
    """Whoever names no case is told so, as by every command."""
    assert offramp("rights", "acts", "--case", "000000").code == 2
