"""The map of the people around a case: who stands where and how close, in words and lines, and nobody by name."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from starter.picture.network import LEGEND, Around, Network, network
from starter.picture.network_draw import draw_network
from tests.case.examples import LEAD, Story, closed, note, opened, shared
from tests.case.starts import begun
from tests.case.test_network import CONSENT
from tests.starter.terminal import Offramp
from tests.starter.terminal import opened as newly_opened

SVG = "{http://www.w3.org/2000/svg}"


def peopled() -> Story:
    """A mother who came herself and has support, a trusted contact who may be called, a brother who takes his consent back; and supports and needs."""
    story = begun("people close")
    story.do(LEAD, "withdraw_relative_consent", relative=3, scope="contact")
    for need in ("identity", "housing"):
        story.do(LEAD, "identify_need", need=need, note=note())
    plan = {"kind": "mentoring", "provider": "civil", "sessions": 6, "starts": story.at.isoformat(), "agreed": note()}
    story.do(LEAD, "plan_support", **plan)
    story.do(LEAD, "begin_support", support=1)
    story.do(LEAD, "join_partner", partner="housing_office", reasons=note())
    return story


def drawn(story: Story, *, for_participant: bool = False) -> Network:
    """The map of the story's case, now."""
    return network(story.case, story.program, story.at, for_participant=for_participant)


def members(found: Network, group: str) -> dict[str, Around]:
    """Those of a group, by what they are called."""
    return {one.title: one for one in next(g for g in found.groups if g.title == group).members}


def test_how_close_somebody_is_follows_from_what_was_agreed() -> None:
    """Contact that both agreed to is in touch, what one side has not agreed to is not yet; the trusted contact is named as one who may be called."""
    close = members(drawn(peopled()), "People close")

    mother, trusted, brother = close["Mother or father (no. 1)"], close["Somebody whom they trust (no. 2)"], close["Sister or brother (no. 3)"]  # fmt: skip
    assert (mother.tie, trusted.tie, brother.tie) == ("touch", "touch", "half")
    assert "may be called if a check-in is missed" in trusted.notes
    assert "family goal 1, which rests" in brother.notes
    assert mother.own
    assert "for themselves: Circle of parents, 1 session" in mother.notes


def test_supports_stand_with_what_was_held_and_needs_with_what_is_missing() -> None:
    """A support says how much of it was attested; a need that nothing answers stands apart."""
    found = members(drawn(peopled()), "Supports")

    assert found["Mentoring (no. 1)"] == Around("Mentoring (no. 1)", ("by civil, 0 of 6 sessions attested",), "touch")
    assert found["A safe home"].tie == "apart"
    assert "Who I am and want to be, without the former milieu" not in found


def test_staff_stand_by_role_and_partners_by_their_part() -> None:
    """The lead is in charge, whoever owes or decides something says so; a partner that only answers for the phase stands apart."""
    found = drawn(peopled())
    staff, partners = members(found, "Staff"), members(found, "Partners")

    assert next(iter(staff)) == "Lead practitioner"
    assert staff["Lead practitioner"].tie == "charge"
    assert any(note.startswith("sits on: ") for note in staff["Chair of the multi-agency panel"].notes)
    assert partners["Municipal housing office"].tie == "touch"
    assert partners["Exit counselling (civil society)"].tie == "apart"


def test_a_partner_that_was_told_something_is_on_the_map() -> None:
    """Whoever received a disclosure of which the person knows stands there, with how often."""
    story = begun("every consent")
    shared(story)
    assert "Municipal housing office" not in members(drawn(story), "Partners")

    for number in story.case.disclosure.made:
        story.do(LEAD, "record_told", disclosure=number, how="call", language="de")
    told = members(drawn(story), "Partners")["Municipal housing office"]
    assert told.tie == "half"
    assert "the person agreed to sharing" in told.notes


def test_the_map_for_the_person_hides_whom_they_may_not_know() -> None:
    """Who came by themselves, and what relatives get for themselves, is not on the person's map unless they agreed; nor is how much is owed, which would hint at it."""
    story = peopled()
    mine = drawn(story, for_participant=True)
    told = " ".join(f"{one.title} {' '.join(one.notes)}" for group in mine.groups for one in group.members)

    assert "Mother or father" not in told
    assert "for themselves" not in told
    assert "waits for an offer" not in told
    assert "owes" not in told
    assert "left out" in mine.caption
    story.do(LEAD, "give_relative_consent", relative=1, scope="mention", **CONSENT)
    assert "Mother or father (no. 1)" in members(drawn(story, for_participant=True), "People close")


def test_the_same_case_gives_the_same_file() -> None:
    """Two drawings of one case are the same bytes."""
    found = drawn(peopled())

    assert draw_network(found) == draw_network(found)


@pytest.mark.parametrize("story", [peopled, opened, lambda: opened("housing_first"), lambda: closed(opened())])
def test_a_map_says_everything_in_words(story: object) -> None:
    """Every card and every tie that occurs is there as text, in the picture of a full case, an empty one, a closed one and one of another program."""
    found = drawn(story())  # type: ignore[operator]  # each is called without arguments
    root = ET.fromstring(draw_network(found))  # noqa: S314 - our own output
    words = " ".join("".join(element.itertext()).strip() for element in root.iter(f"{SVG}text"))

    for group in found.groups:
        assert group.title in words
        assert group.members or group.empty in words
        for one in group.members:
            assert one.title in words or one.title[:20] in words
            assert LEGEND[one.tie] in words


def test_no_look_is_told_by_color_and_no_person_of_staff_by_id() -> None:
    """Nothing in the file has a hue, and neither an id of staff nor a reference into the vault stands in it."""
    story = peopled()
    made = draw_network(drawn(story))
    colors = set(re.findall(rb"#[0-9a-f]{6}", made))

    assert {color for color in colors if len({color[1:3], color[3:5], color[5:7]}) > 1} == set()
    assert b"note:" not in made
    assert [who for who in story.staff if who.encode() in made] == []


def test_the_command_tells_and_draws(offramp: Offramp, tmp_path: Path) -> None:
    """`case network` tells the map as a table or as JSON, and draws it by the file's ending."""
    case = newly_opened(offramp)
    told = offramp("case", "network", case)
    assert told.code == 0
    assert "Lead practitioner" in told.out
    assert "in charge of the case" in told.out
    assert '"phase": "Intake and clearing"' in offramp("case", "network", case, "--json").out
    for form, begin in {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}.items():
        assert offramp("case", "network", case, "-o", str(tmp_path / f"map.{form}")).code == 0
        assert (tmp_path / f"map.{form}").read_bytes().startswith(begin)
