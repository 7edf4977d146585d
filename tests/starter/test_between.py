"""Two replays side by side: which entries lie between two dates, which facts each of them changed, and that what was late changes only what was true."""

from datetime import datetime, timedelta

from activities.store.fold import Told
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from starter.audit.between import known_between, true_between
from starter.audit.effective import effective
from starter.audit.facts import differences, facts_changed
from starter.audit.minutes import minutes
from starter.audit.replay import replay
from starter.audit.words import Words
from tests.case.examples import Story, opened
from tests.starter.stored import LEAD, eventful, store
from tests.starter.terminal import Offramp, do
from tests.starter.terminal import opened as opened_live


class Late:
    """A check-in of the third day that was written down on the seventh, after another was missed; and what was recorded besides."""

    def __init__(self) -> None:
        self.story: Story = opened()
        self.story.later(days=3)
        self.held = self.story.at
        self.day_after = self.held + timedelta(days=1)
        self.story.later(days=4)
        self.before_it_was_written = self.story.at - timedelta(minutes=1)
        self.story.do(LEAD, "keep_check_in", channel="in_person", observed_at=self.held.isoformat())
        self.position = len(self.story.told)
        self.written = self.story.at
        self.story.later(days=2)
        self.story.do(LEAD, "set_support_level", level="high", direction="same", reasons=_note(), agreed=_note())

    async def told(self, pool: Pool, keyring: KeyRing) -> tuple[str, list[Told]]:
        """The story as a real ledger tells it."""
        stream = await store(self.story, pool, keyring)
        async with pool.connection() as connection:
            return stream, (await replay(connection, keyring, stream)).told


def _note() -> str:
    return "note:00000000-0000-4000-8000-000000000009"


async def test_a_late_entry_changes_what_was_true_and_never_what_was_known(pool: Pool, keyring: KeyRing) -> None:
    """What was known on the day after is the same before and after the late entry; what was true then is not, and the one entry that says so is named."""
    late = Late()
    stream, told = await late.told(pool, keyring)
    before = [one for one in told if one[0].position < late.position]
    known = [known_between(stream, known_then, late.held, late.day_after) for known_then in (before, told)]
    laid = true_between(stream, told, late.day_after, (late.before_it_was_written, late.written))
    (step,) = laid.steps

    assert known[0] == known[1]
    assert effective(stream, told, late.day_after).known == effective(stream, before, late.day_after).known
    assert step.entry.position == late.position
    assert (step.before, step.after) == (laid.before, laid.after)
    assert laid.before == effective(stream, before, late.day_after).case
    assert laid.after == effective(stream, told, late.day_after).case
    assert laid.before.contact.number + 1 == laid.after.contact.number


async def test_the_difference_is_told_in_words(pool: Pool, keyring: KeyRing) -> None:
    """A practitioner reads what is owed, by when and by whom, and each other fact with what it was before: no path, no code, no hash."""
    late = Late()
    stream, told = await late.told(pool, keyring)
    laid = true_between(stream, told, late.day_after, (late.before_it_was_written, late.written))
    words = Words(late.story.program)
    shown = facts_changed(laid.before, laid.after, words)

    since = facts_changed(*known_between(stream, told, late.before_it_was_written, late.written)[:2], words)

    assert shown == ["Contact, number: 2 (was 1).", "Contact, since: 2026-01-08 10:00 (was 2026-01-05 10:00)."]
    assert "No longer owed: check-in 1." in since
    assert any(
        line.startswith("Owed now: check-in 2, by 2026-") and line.endswith(", by " + LEAD + ".") for line in since
    ), since
    told_of = " ".join((*shown, *since)).replace(LEAD, "")
    assert not any(mark in told_of for mark in ("_", "{", "T0", "+00:00", "note:")), since
    assert [one.path for one in differences(laid.before, laid.after) if one.path == "contact.number"] == [
        "contact.number"
    ]


async def test_what_came_to_be_known_is_told_entry_by_entry(pool: Pool, keyring: KeyRing) -> None:
    """Between any two dates the entries are those recorded meanwhile, each leads on from the one before, and together they lead from the one case to the other."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        told = (await replay(connection, keyring, stream)).told
        instants = sorted({entry.at for entry, _ in told})
        for earlier, later in ((instants[0], instants[-1]), (instants[1], instants[2]), (instants[-1], instants[-1])):
            one, other = [(await replay(connection, keyring, stream, until=at)).case for at in (earlier, later)]
            laid = known_between(stream, told, earlier, later)

            assert [step.entry.position for step in laid.steps] == list(range(one.position + 1, other.position + 1))
            assert differences(laid.before, one) == differences(laid.after, other) == []
            assert all(
                step.after == following.before for step, following in zip(laid.steps, laid.steps[1:], strict=False)
            )
            assert bool(laid.steps) == (one.position < other.position)


async def test_every_fact_of_an_eventful_case_can_be_told(pool: Pool, keyring: KeyRing) -> None:
    """Whatever an entry changed has its line; only a refusal changes nothing."""
    story = eventful()
    stream = await store(story, pool, keyring)
    async with pool.connection() as connection:
        told = (await replay(connection, keyring, stream)).told
    words = Words(story.program)
    for step in known_between(stream, told, datetime.min.replace(tzinfo=story.at.tzinfo), None).steps:
        lines = facts_changed(step.before, step.after, words)

        refused = any(getattr(event, "type", "") == "command_refused" for event in step.events)
        assert bool(lines) != refused, minutes(step.entry, step.events, story.program)
        assert all(line[0].isupper() and line.endswith(".") for line in lines)


def test_a_late_entry_on_the_command_line(offramp: Offramp) -> None:
    """A contact written down late: what was known on its day is shown as before; against now, the entry and what it changed in the truth of that day are named."""
    case = opened_live(offramp)
    do(
        offramp,
        case,
        "lena",
        "give_consent",
        "--scope",
        "participation",
        "--form-version",
        "f1",
        "--language",
        "en",
        "--explained-by",
        "lena",
    )
    day = offramp("case", "show", case, "--json").json["case"]["as_of"]
    known = offramp("audit", "replay", case, "--as-of", day, "--json")
    do(offramp, case, "lena", "keep_check_in", "--channel", "call", "--observed-at", day)
    still = offramp("audit", "replay", case, "--as-of", day, "--json")
    true = offramp("audit", "replay", case, "--effective", day, "--against", day, "--as", "sofia")
    told = offramp("audit", "replay", case, "--effective", day, "--against", day, "--json").json
    since = offramp("audit", "replay", case, "--against", day)
    nothing = offramp("audit", "replay", case, "--as-of", day, "--against", day)

    assert still.json == known.json
    assert true.out.startswith("What was true at ")
    assert "1 entry between the two of what had happened by then:" in true.out
    assert "Contact, number: 2 (was 1)." in true.out
    assert [one["position"] for one in told["entries"]] == [3]
    assert {"path": "contact.number", "before": 1, "after": 2} in told["changed"]
    assert since.out.startswith("What was known by ")
    assert "[3:" in since.out
    assert "No longer owed: check-in 1." in since.out
    assert "Nothing was recorded between the two." in nothing.out
    assert offramp("audit", "replay", case, "--against", "yesterday").code == 2
