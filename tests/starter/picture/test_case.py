"""A picture of a case tells what its entries tell, in codes and in looks that a black-and-white print keeps."""

import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

from activities.store.fold import Told
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from starter.audit.replay import replay
from starter.picture.case import timeline
from starter.picture.draw import _BARS, _POINTS, draw
from starter.picture.timeline import LEGEND, Lane, Row, looks
from tests.case.examples import CHAIR, LEAD, PROVIDER, SUPERVISOR, Story, in_aftercare, note, opened, verified
from tests.case.test_referral import CLINICIAN, in_a_circle
from tests.starter.stored import store
from tests.starter.terminal import Offramp
from tests.starter.terminal import opened as newly_opened
from workflows.core.entry import Entry

SVG = "{http://www.w3.org/2000/svg}"


def told(story: Story) -> list[Told]:
    """The story's entries as an audit reads them."""
    return [
        (Entry(story.case.stream, n, f"c{n}", one.command["type"], one.at, one.at, one.actor, b"", bytes(32), bytes([n % 256]) * 32), one.events)
        for n, one in enumerate(story.told, start=1)
    ]  # fmt: skip


def eventful() -> Story:
    """A case with a missed contact, a verified milestone, a hospital stay, and a progress review that nobody holds."""
    story = opened()
    story.later(days=10)
    story.do(LEAD, "keep_check_in", channel="visit", note=note())
    verified(story, "safety_plan")
    until = (story.at + timedelta(days=20)).isoformat()
    story.do(LEAD, "hold_case", kind="hospital", until=until, reasons=note(3))
    story.do(SUPERVISOR, "approve_hold", reasons=note(4))
    return story.later(days=60)


def lane(lanes: tuple[Lane, ...], title: str) -> Lane:
    """The lane of that title."""
    return next(one for one in lanes if one.title == title)


def row(found: Lane, label: str) -> Row:
    """The row of that label."""
    return next(one for one in found.rows if one.label == label)


def test_what_was_late_is_drawn_from_its_due_instant_until_it_was_done() -> None:
    """A missed contact is late from its due instant until contact was made, and what nobody did is late to the end of the picture."""
    story = eventful()
    drawn = timeline(told(story), story.program)
    late = lane(drawn.lanes, "Late")
    (first, *_), kept = row(late, "check in").spans, story.told[0].at + timedelta(days=10)

    assert (first.look, first.end) == ("late", kept)
    assert first.begin < kept
    assert [span.look for span in row(late, "progress review").spans] == ["late_open"]


def test_a_pause_stands_behind_all_lanes_with_its_own_end() -> None:
    """The time in which the case stood still is drawn once, from its approval to its end, by its title."""
    story = eventful()
    (pause,) = timeline(told(story), story.program).pauses

    assert pause.end is not None
    assert pause.end - pause.begin == timedelta(days=20)
    assert pause.label == story.program.holds["hospital"].title


def test_contacts_and_milestones_stand_where_they_happened() -> None:
    """A kept contact, a missed one and a verified milestone are marks at their instants."""
    story = eventful()
    lanes = timeline(told(story), story.program).lanes
    contacts = row(lane(lanes, "Contact"), "contacts").marks
    (safety,) = lane(lanes, "Milestones").rows

    assert [mark.look for mark in contacts][:2] == ["missed", "kept"]
    assert [mark.look for mark in safety.marks] == ["claimed", "verified"]
    assert safety.label == story.program.milestones["safety_plan"].title


def test_follow_ups_stand_with_how_each_ended() -> None:
    """After an exit a follow-up held, one for which nobody was reached and one declined look different."""
    story = in_aftercare()
    story.until(story.case.obligations["follow_up/1"].due)
    story.do(LEAD, "record_follow_up", follow_up=1, channel="call", account=note())
    story.until(story.case.obligations["follow_up/2"].due - timedelta(days=4))
    for channel in ("call", "letter", "visit", "message"):
        story.do(LEAD, "attempt_follow_up", follow_up=2, channel=channel)
        story.later(days=1)
    story.do(SUPERVISOR, "judge_unreached", follow_up=2, reasons=note())
    story.do(LEAD, "decline_follow_up", follow_up=3, channel="letter", words=note())
    marks = row(lane(timeline(told(story), story.program).lanes, "Contact"), "follow-ups").marks

    assert [mark.look for mark in marks] == ["kept", "unreached", "declined"]


def test_the_same_case_gives_the_same_file() -> None:
    """Two drawings of one case are the same bytes: a panel and an auditor look at the same picture."""
    story = eventful()
    drawn = timeline(told(story), story.program)

    assert draw(drawn) == draw(drawn)


def test_a_picture_says_in_words_what_each_look_means() -> None:
    """Every look that occurs is explained in the legend, and the title and what it was drawn from stand in the file as text."""
    story = eventful()
    drawn = timeline(told(story), story.program)
    root = ET.fromstring(draw(drawn))  # noqa: S314 - our own output
    words = {"".join(element.itertext()).strip() for element in root.iter(f"{SVG}text")}

    assert {LEGEND[look] for look in looks(drawn.lanes)} <= words
    assert {drawn.title, drawn.caption} <= words


def test_no_look_is_told_by_color() -> None:
    """Nothing in the file has a hue: a black-and-white print loses nothing."""
    story = eventful()
    colors = set(re.findall(rb"#[0-9a-f]{6}", draw(timeline(told(story), story.program))))

    assert colors
    assert {color for color in colors if len({color[1:3], color[3:5], color[5:7]}) > 1} == set()


def test_no_reference_of_a_sealed_text_stands_in_a_picture() -> None:
    """A picture goes to a panel: it holds codes and titles, and no reference into the vault."""
    story = eventful()

    assert b"note:" not in draw(timeline(told(story), story.program))


async def test_a_stored_case_is_drawn_as_it_was_played(pool: Pool, keyring: KeyRing) -> None:
    """The picture made from the ledger is the one made from the story, but for the case's name and hash."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        found = await replay(connection, keyring, stream)
    drawn, played = timeline(found.told, story.program), timeline(told(story), story.program)

    assert drawn.lanes == played.lanes
    assert drawn.title.startswith(stream)


def test_the_command_writes_what_the_ending_asks_for(offramp: Offramp, tmp_path: Path) -> None:
    """`case draw` writes SVG, PDF or PNG by the file's ending, as of an instant if one is named, and refuses other endings."""
    case = newly_opened(offramp)
    begins = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}
    for form, begin in begins.items():
        assert offramp("case", "draw", case, "-o", str(tmp_path / f"case.{form}")).code == 0
        assert (tmp_path / f"case.{form}").read_bytes().startswith(begin)
    other = offramp("case", "draw", case, "-o", str(tmp_path / "case.gif"))
    before = offramp("case", "draw", case, "-o", str(tmp_path / "never.svg"), "--as-of", "2020-01-01")

    assert other.code == 2
    assert ".svg, .pdf, .png" in other.err
    assert before.code == 2
    assert not (tmp_path / "never.svg").exists()


def cared_for() -> Story:
    """A case with a support that stalls and goes on, and referrals that are rejected, silent and received."""
    story = in_a_circle()
    plan = {"kind": "mentoring", "provider": "civil", "sessions": 3, "starts": story.at.isoformat(), "agreed": note(5)}
    story.do(LEAD, "plan_support", **plan)
    story.later(days=1)
    story.do(LEAD, "begin_support", support=1)
    story.later(days=30)
    story.do(PROVIDER, "attest_session", support=1)
    story.do(CHAIR, "break_circle", circle=1, reasons=note(6), waived=1, waived_by="health_service")
    story.do(LEAD, "accept_referral", referral=3)
    story.do(CLINICIAN, "complete_referral", referral=3, output=note(7))
    return story.later(days=10)


def test_supports_are_drawn_as_they_were_promised_given_and_stalled() -> None:
    """A support that was promised, begun, stalled and went on is one row of four stretches, with its session where it was held."""
    story = cared_for()
    (mentoring,) = lane(timeline(told(story), story.program).lanes, "Supports").rows

    assert mentoring.label == "1  Mentoring"
    assert [span.look for span in mentoring.spans] == ["planned", "support", "stalled", "support"]
    assert [mark.look for mark in mentoring.marks] == ["session"]


def test_referrals_are_drawn_from_asking_to_receipt() -> None:
    """Who was asked stands in the row, what was rejected is back until another is asked, what was received ends, and a circle lasts until it is broken."""
    story = cared_for()
    rows = lane(timeline(told(story), story.program).lanes, "Referrals").rows
    looks_of = {one.label: [span.look for span in one.spans] for one in rows}
    marks_of = {one.label: [mark.look for mark in one.marks] for one in rows}

    assert looks_of["1  Psychological support"] == ["asked", "back"]
    assert looks_of["3  Psychological support"] == ["asked", "taken_on"]
    assert marks_of["3  Psychological support"] == ["verified"]
    assert marks_of["2  Help to a safe home"] == ["refused"]
    (circle,) = (one for one in rows if one.label.startswith("circle 1"))
    assert [(span.look, span.end is None) for span in circle.spans] == [("circle", False)]


def test_no_two_looks_of_bars_are_drawn_alike() -> None:
    """In black and white each kind of bar has its own filling, edge or height, and each mark its own shape."""
    bars = [(bar.face, bar.edge, bar.hatch, bar.height) for bar in _BARS.values()]
    points = [(point.marker, point.face) for look, point in _POINTS.items() if look not in {"kept", "session", "refused", "shaken"}]  # fmt: skip

    assert len(set(bars)) == len(bars)
    assert len(set(points)) == len(points)
