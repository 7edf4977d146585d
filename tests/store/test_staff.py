"""The staff directory: who may do what is looked up as of an instant; ended, never deleted; addresses sealed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from activities.store import ledger, staff
from activities.store.keys import KeyRing
from activities.store.pool import Pool, transaction
from activities.store.refused import StoreRefused
from activities.store.staff import Imported, Recipient, StaffRecord
from tests.store.examples import new_stream
from workflows.core.kinds import NO_EXPIRY, Actor

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MOVE = datetime(2027, 1, 1, tzinfo=UTC)
YEARS_AHEAD = datetime(2031, 6, 1, tzinfo=UTC)
ADDRESS = "lead.one@example.org"


def appointment(person: str = "p.lead", **changes: object) -> StaffRecord:
    fields: dict[str, object] = {"person": person, "roles": ("lead_practitioner",), "valid_from": BEGIN}
    return StaffRecord.model_validate({**fields, "organization": "outreach_north", **changes})


MOVED = appointment(roles=("supervisor",), valid_from=MOVE)


async def imported(pool: Pool, keyring: KeyRing, *records: StaffRecord) -> Imported:
    async with pool.connection() as connection:
        return await staff.import_staff(connection, keyring, records)


async def roles_at(pool: Pool, at: datetime, person: str = "p.lead") -> tuple[str, ...] | None:
    async with pool.connection() as connection:
        found = await staff.actor(connection, person, at)
    return None if found is None else found.roles


async def test_roles_hold_from_until(pool: Pool, keyring: KeyRing) -> None:
    """A person holds a role from the first instant of an appointment up to, and not including, its end."""
    await imported(pool, keyring, appointment(valid_until=MOVE))
    held = [await roles_at(pool, at) for at in (BEGIN - timedelta(seconds=1), BEGIN, MOVE - timedelta(seconds=1), MOVE)]

    assert held == [None, ("lead_practitioner",), ("lead_practitioner",), None]


async def test_an_open_appointment_holds_in_program_time(pool: Pool, keyring: KeyRing) -> None:
    """An open appointment holds however far the case's time is ahead of the clock on the wall."""
    await imported(pool, keyring, appointment())

    assert await roles_at(pool, YEARS_AHEAD) == ("lead_practitioner",)


async def test_taking_a_stream_brings_the_people_valid_then(pool: Pool, keyring: KeyRing) -> None:
    """A decision sees the actors as of its own instant, and nobody whose appointment has ended."""
    await imported(pool, keyring, appointment(), MOVED, appointment("p.gone", valid_until=MOVE))
    async with transaction(pool) as connection:
        opened = await ledger.open_stream(
            connection,
            stream=new_stream(),
            position=0,
            command_id="c1",
            people=("p.lead", "p.gone", "p.nobody"),
            at=YEARS_AHEAD,
        )

    assert opened.staff == {"p.lead": Actor(person="p.lead", roles=("supervisor",), organization="outreach_north")}


async def test_a_new_appointment_ends_the_one_before(pool: Pool, keyring: KeyRing) -> None:
    """Who changes roles keeps the old ones for the past; the old appointment ends where the new one begins."""
    await imported(pool, keyring, appointment())
    done = await imported(pool, keyring, MOVED)

    assert done == Imported(added=1, ended=1, changed=0, unchanged=0)
    assert [await roles_at(pool, at) for at in (BEGIN, MOVE)] == [("lead_practitioner",), ("supervisor",)]


async def test_importing_twice_changes_nothing(pool: Pool, keyring: KeyRing) -> None:
    """A second import of the same file changes nothing, and people it does not name stay as they are."""
    records = (appointment(channel="smtp", address=ADDRESS), MOVED, appointment("p.other"))
    await imported(pool, keyring, *records)
    again = await imported(pool, keyring, *reversed(records))
    await imported(pool, keyring, records[2])

    assert again == Imported(added=0, ended=0, changed=0, unchanged=3)
    assert await roles_at(pool, YEARS_AHEAD) == ("supervisor",)


async def test_somebody_who_leaves_is_ended_not_deleted(
    pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """Ending an appointment keeps what the person could do before, and the application may not delete it."""
    await imported(pool, keyring, appointment())
    done = await imported(pool, keyring, appointment(valid_until=MOVE))

    assert done == Imported(added=0, ended=1, changed=0, unchanged=0)
    assert [await roles_at(pool, at) for at in (BEGIN, MOVE)] == [("lead_practitioner",), None]
    async with pool.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(b"DELETE FROM staff")


@pytest.mark.parametrize(
    ("records", "why"),
    [
        ([appointment(roles=("supervisor",))], "other roles"),
        ([appointment(organization="elsewhere")], "another organization"),
        ([appointment(valid_until=MOVE + timedelta(days=1)), MOVED], "overlap"),
    ],
)
async def test_the_past_is_not_rewritten(pool: Pool, keyring: KeyRing, records: list[StaffRecord], why: str) -> None:
    """What somebody was entitled to in the past cannot be changed by an import; the whole import is refused."""
    await imported(pool, keyring, appointment())
    with pytest.raises(StoreRefused, match=why):
        await imported(pool, keyring, appointment("a.new"), *records)

    assert await roles_at(pool, YEARS_AHEAD) == ("lead_practitioner",)
    assert await roles_at(pool, YEARS_AHEAD, "a.new") is None


async def test_a_notice_reaches_the_person_or_the_role(pool: Pool, keyring: KeyRing) -> None:
    """A notice to a person reaches that person alone; one to a role everybody who holds it then; nobody is nobody."""
    await imported(
        pool, keyring, appointment(channel="smtp", address=ADDRESS, language="de"), appointment("p.two"),
        appointment("p.gone", valid_until=MOVE),
    )  # fmt: skip
    lead = Recipient("p.lead", "de", "smtp", ADDRESS)
    asked: list[tuple[str, str | None]] = [
        ("lead_practitioner", None),
        ("any", "p.lead"),
        ("any", None),
        ("any", "p.gone"),
    ]
    async with pool.connection() as connection:
        reached = [
            await staff.recipients(connection, keyring, role=role, person=person, at=YEARS_AHEAD)
            for role, person in asked
        ]

    assert reached == [[lead, Recipient("p.two", "en", "inbox", None)], [lead], [], []]


async def test_addresses_are_sealed(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """An address stands in the database sealed, and a list of the staff does not show it."""
    await imported(pool, keyring, appointment(channel="smtp", address=ADDRESS))
    stored = owner.execute("SELECT address FROM staff").fetchall()
    async with pool.connection() as connection:
        listed = await staff.list_staff(connection)

    assert [ADDRESS.encode() in row[0] for row in stored] == [False]
    assert ADDRESS not in repr(listed)
    assert ADDRESS not in repr(appointment(channel="smtp", address=ADDRESS))


GOOD = """
- person: p.lead
  roles: [lead_practitioner]
  organization: outreach_north
  valid_from: "2026-01-01T00:00:00Z"
  channel: smtp
  address: lead.one@example.org
"""


def test_a_staff_file_is_read(tmp_path: Path) -> None:
    """A file with an appointment gives that appointment, with its defaults."""
    path = tmp_path / "staff.yaml"
    path.write_text(GOOD, encoding="utf-8")

    assert staff.parse_staff_file(path) == [appointment(channel="smtp", address=ADDRESS)]


def test_certificates_are_read_with_their_last_day() -> None:
    """A certificate has its last valid day; one that does not expire says so with null."""
    text = GOOD + "  certificates: {trauma_informed_care: 2027-03-31, cultural_humility: null}\n"
    (record,) = staff.parse_staff(text, where="staff.yaml")

    assert record.certificates == {"trauma_informed_care": date(2027, 3, 31), "cultural_humility": NO_EXPIRY}


async def test_a_renewed_certificate_changes_the_appointment(pool: Pool, keyring: KeyRing) -> None:
    """Importing a certificate that was renewed changes what is known of the person, and nothing else; a second import changes nothing."""
    before, after = ({"trauma_informed_care": date(year, 3, 31)} for year in (2027, 2029))
    await imported(pool, keyring, appointment(certificates=before))
    first, second = [await imported(pool, keyring, appointment(certificates=after)) for _ in range(2)]
    async with pool.connection() as connection:
        known = await staff.actor(connection, "p.lead", BEGIN)
        (listed,) = await staff.list_staff(connection)

    assert (first.changed, second.unchanged) == (1, 1)
    assert known is not None
    assert known.certificates == after
    assert listed.certificates == {"trauma_informed_care": "2029-03-31"}


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (GOOD.replace("lead_practitioner", "Lead Person"), 3, "pattern"),
        (GOOD.replace("00:00:00Z", "00:00:00"), 5, "an instant with its offset"),
        (GOOD.replace('"2026-01-01T00:00:00Z"', "tomorrow"), 5, "an instant with its offset"),
        (GOOD.replace("organization", "organisation"), 4, "unknown field"),
        (GOOD.replace("channel: smtp", "channel: pigeon"), 6, "'smtp'"),
        (GOOD.replace("  address: lead.one@example.org\n", ""), 2, "an address"),
        (GOOD + '  valid_until: "2025-01-01T00:00:00Z"\n', 2, "valid_until lies after"),
        (GOOD + "  person: p.two\n", 8, "again"),
        (GOOD + "  certificates: {trauma_informed_care: soon}\n", 8, "date"),
        (GOOD + "  certificates: [trauma_informed_care]\n", 8, "an object"),
        (GOOD.replace("[lead_practitioner]", "&x [lead_practitioner]"), 3, "anchor"),
        (GOOD.replace("p.lead", "clock"), 2, "under these the engine itself acts"),
        ("person: p.lead\n", 1, "no list"),
        ("", 1, "empty"),
    ],
)
def test_a_wrong_staff_file_names_its_line(text: str, line: int, why: str) -> None:
    """Each thing that is wrong in a staff file is named with its line, and no address is repeated."""
    with pytest.raises(StoreRefused) as refused:
        staff.parse_staff(text, where="staff.yaml")

    assert f"line {line}" in refused.value.what
    assert why in refused.value.what
    assert ADDRESS not in str(refused.value)


def test_an_appointment_stands_once_in_a_file() -> None:
    """Two appointments of one person from one instant are refused: it would be chance which one counts."""
    with pytest.raises(StoreRefused, match="two appointments begin"):
        staff.parse_staff(GOOD + GOOD, where="staff.yaml")


def test_a_missing_staff_file_is_refused_in_words(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(StoreRefused, match="cannot be read"):
        staff.parse_staff_file(tmp_path / "none.yaml")
