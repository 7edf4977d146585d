"""What holds on every walk through a case, whatever people, time and the engine do in whatever order."""

from random import Random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.case import walk
from tests.case.examples import MONDAY, SHIPPED, Story
from tests.case.starts import LIKELY, STARTS, begun
from tests.case.walk import Move, moves, perform, walked
from tests.case.watched import Watched, only_sharing_stopped
from workflows.case.commands import COMMANDS
from workflows.case.contact_form import ContactPaused
from workflows.case.state import Case, dump_events, evolve
from workflows.core.envelope import CommandRefused

TRIES = 12
"""How often a command is tried from each start, and four times as often from one that is about it: few, because it only has to be accepted once."""


class CaseMachine(RuleBasedStateMachine):
    """Any moves in any order from anywhere, each checked."""

    story: Watched
    likely: tuple[str, ...]

    @initialize(start=st.sampled_from(list(STARTS)))
    def begin(self, start: str) -> None:
        """A case of either program, mostly on its way."""
        self.story = begun(start)
        self.likely = LIKELY.get(start, ())

    @rule(move=moves(), choice=st.integers(0, 23))
    def go(self, move: Move, choice: int) -> None:
        """The next move: any, or one that matters there."""
        if choice % 2 and self.likely:
            move = move._replace(kind=self.likely[choice // 2 % len(self.likely)])
        perform(self.story, move)

    def teardown(self) -> None:
        """What was stored folds to what was held."""
        if hasattr(self, "story"):
            self.story.check_fold()


TestCaseMachine = pytest.mark.timeout(600)(CaseMachine.TestCase)
TestCaseMachine.settings = (
    settings(max_examples=1000, stateful_step_count=16) if settings.get_current_profile_name() == "deep" else settings()
)


def test_what_is_likely_is_a_move_from_a_start() -> None:
    """A start or a move that is renamed is renamed here too, and no walk quietly loses what it is about."""
    assert LIKELY.keys() <= STARTS.keys()
    assert {kind for kinds in LIKELY.values() for kind in kinds} <= {*walk.KINDS}


def test_every_command_has_its_move() -> None:
    """A command that the case learns is walked from its first day; one that nobody can send any more is not."""
    missing, unknown = COMMANDS.keys() - walk.COMMANDS.keys(), walk.COMMANDS.keys() - COMMANDS.keys()

    assert not missing, f"give {', '.join(sorted(missing))} a row in tests/case/walk.py: COMMANDS"
    assert not unknown, f"tests/case/walk.py has moves for what is no command: {', '.join(sorted(unknown))}"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_accepted_from_somewhere(command: str) -> None:
    """The walks prove something of each command: from some start its move is made, watched, and answered with yes."""
    for start in STARTS:
        # Chance is each start's own: one more start takes nothing from what was found from another.
        chance = Random(f"{command} {start}")
        for _ in range(TRIES * (4 if command in LIKELY.get(start, ()) else 1)):
            story = begun(start)
            perform(story, Move(command, *(chance.randrange(48) for _ in range(3))))
            if story.told and story.told[-1].command["type"] == command and not isinstance(story.told[-1].events[0], CommandRefused):  # fmt: skip
                return story.check_fold()
    pytest.fail(
        f"{command} is refused from every start: make its row in walk.py more sensible, or give it a start in starts.py"
    )


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=30))
def test_silence_alone_changes_nothing_for_the_participant(code: str, steps: list[Move]) -> None:
    """From any state, a year and more in which nobody acts moves, closes, withdraws and decides nothing; it is only told of."""
    story = walked(Story(code), steps)
    before = story.case
    story.later(days=400)

    after = story.case
    assert (after.phase, after.review) == (before.phase, before.review)
    assert after.custody.model_copy(update={"vacant": before.custody.vacant}) == before.custody
    assert only_sharing_stopped(before, after)
    aged = {
        code: standing.status
        for code, standing in after.milestone.standing.items()
        if standing != before.milestone.standing[code]
    }
    assert set(aged.values()) <= {"expired"}
    assert all(o.silent for o in after.obligations.values() if o.due <= story.at)


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=30), cut=st.integers(0, 60))
def test_evolve_never_raises_on_events_out_of_place(code: str, steps: list[Move], cut: int) -> None:
    """Events judge nothing: those of the end of one case fold onto the beginning of another without an error."""
    story = walked(Story(code), steps)
    case = Case(stream=story.case.stream)

    for told in reversed(story.told[cut:]):
        case = evolve(case, told.events, told.at)

    assert isinstance(case, Case)


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=30))
def test_the_same_commands_give_the_same_entries(code: str, steps: list[Move]) -> None:
    """The rules see nothing but their arguments: the same walk gives the same entries, to the byte."""
    first, second = (walked(Story(code), steps) for _ in range(2))

    assert [dump_events(told.events) for told in first.told] == [dump_events(told.events) for told in second.told]


@given(steps=st.lists(moves(), max_size=40))
def test_whoever_pauses_is_asked_for_nothing(steps: list[Move]) -> None:
    """After a withdrawal of participation no check-in is owed, and at most one welfare offer is, until the person comes back."""
    story = walked(Watched("disengagement"), [*steps, Move("withdraw_consent", 1, 0, 1)])
    note(str([type(event).__name__ for event in story.told[-1].events]))

    assert len(story.owed("welfare_offer")) <= 1
    if any(isinstance(event, ContactPaused) for event in story.told[-1].events):
        assert story.owed("check_in") == []
        assert story.case.phase.entered_at is None or story.case.phase.entered_at >= MONDAY
