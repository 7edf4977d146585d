"""Effects whole: from the order of a notice to the person, on a real Postgres, and the report that comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import PoolTimeout
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.channels.message import Channel, ChannelDown, ChannelRefused, Message
from activities.checkins import CheckIns
from activities.deliver import Deliverer, open_channels
from activities.escalations import Escalations
from activities.reviews import Reviews
from activities.store.inbox import read_inbox
from activities.store.keys import KeyRing, ProgramKey
from activities.store.pool import Pool, open_pool
from activities.store.staff import import_staff
from activities.store.staff_file import StaffRecord
from tests.activities.examples import AT, BASE_LINK, CANARY, STREAM, order, settings
from tests.activities.ordering_workflow import Ordering
from tests.conftest import Database
from workflows.core.notice import Delivery, NoticeOrder

KEYRING = KeyRing(ProgramKey(b"k" * 32))


class Outlet:
    """A channel that answers as it is told, for each person, and keeps what it was given."""

    def __init__(self, **answers: Exception) -> None:
        self.answers = answers
        self.given: list[Message] = []

    async def deliver(self, message: Message) -> str:
        """Answer."""
        self.given.append(message)
        if (error := self.answers.get(message.person)) is not None:
            raise error
        return message.token


class Recovering(Outlet):
    """An outlet whose every answer holds once."""

    async def deliver(self, message: Message) -> str:
        """Answer, and be well from then on."""
        try:
            return await super().deliver(message)
        finally:
            self.answers.pop(message.person, None)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    """A pool on a database of the test's own, with two supervisors, a chair, and somebody who has left."""
    opened = await open_pool(database.dsn_app, size=2)
    try:
        async with opened.connection() as connection:
            await import_staff(connection, KEYRING, [*STAFF])
        yield opened
    finally:
        await opened.close()


def person(name: str, role: str, **values: object) -> StaffRecord:
    given = {"person": name, "roles": (role,), "valid_from": AT - timedelta(days=400), **values}
    return StaffRecord.model_validate(given)


STAFF = [
    person("ada", "supervisor", channel="smtp", address=f"ada-{CANARY}@staff.example"),
    person("ben", "supervisor", channel="smtp", address=f"ben-{CANARY}@staff.example", language="de"),
    person("cleo", "panel_chair"),
    person("dan", "supervisor", valid_until=AT - timedelta(days=1)),
    person("eve", "program_director", channel="webhook", address="eve-handle"),
]


def deliverer(pool: Pool, **channels: Channel) -> Deliverer:
    return Deliverer(pool=pool, keyring=KEYRING, channels=channels, link_base_url=BASE_LINK)


async def attempt(
    given: Deliverer, asked: NoticeOrder, *, reached: dict[str, str] | None = None
) -> tuple[Delivery, list[object]]:
    environment = ActivityEnvironment()
    beats: list[object] = []
    environment.on_heartbeat = lambda *details: beats.append(dict(details[0]))
    if reached is not None:
        environment.info = ActivityEnvironment.default_info().__class__(**{
            **vars(ActivityEnvironment.default_info()),
            "heartbeat_details": [reached],
            "attempt": 2,
        })
    return await environment.run(Escalations(given).escalate, asked), beats


async def failure(given: Deliverer, asked: NoticeOrder) -> ApplicationError:
    with pytest.raises(ApplicationError) as caught:
        await attempt(given, asked)
    return caught.value


async def test_everybody_who_holds_the_role_is_told_in_their_language(pool: Pool) -> None:
    """Each holder of the role at the case's own time gets the notice; who has left does not."""
    mail = Outlet()
    delivery, _ = await attempt(deliverer(pool, smtp=mail), order())

    assert [(m.person, m.language, m.address) for m in mail.given] == [
        ("ada", "en", f"ada-{CANARY}@staff.example"),
        ("ben", "de", f"ben-{CANARY}@staff.example"),
    ]
    assert delivery == Delivery(
        key="7/1", outcome="delivered", channel="smtp", proof=" ".join(f"smtp:{m.token}" for m in mail.given)
    )


async def test_a_named_person_is_told_alone(pool: Pool) -> None:
    """A notice to one person reaches nobody else who holds the role."""
    mail = Outlet()
    await attempt(deliverer(pool, smtp=mail), order(person="ben"))

    assert [m.person for m in mail.given] == ["ben"]


async def test_the_inbox_holds_one_message_however_often_it_is_tried(pool: Pool) -> None:
    """A second run of an effect changes nothing in the inbox and reports the same proof."""
    given = Deliverer(
        pool=pool, keyring=KEYRING, channels=open_channels(settings(Path("/nowhere")), pool), link_base_url=None
    )
    first, _ = await attempt(given, order(role="panel_chair"))
    second, _ = await attempt(given, order(role="panel_chair"))
    async with pool.connection() as connection:
        waiting = await read_inbox(connection, "cleo")

    assert first == second
    assert [(m.stream, m.key, m.template, m.params, m.link) for m in waiting] == [
        (STREAM, "7/1", "take_up", {"kind": "check_in", "about": "check_in/3", "level": "2"}, "")
    ]


async def test_a_role_that_nobody_holds_is_a_final_failure(pool: Pool) -> None:
    """The workflow hears at once that nobody was there to be told, so that the gap becomes visible."""
    error = await failure(deliverer(pool), order(role="chaplain"))

    assert (error.type, error.non_retryable) == ("NoRecipient", True)


async def test_a_channel_that_is_down_is_tried_again(pool: Pool) -> None:
    """One person who could not be reached yet keeps the notice open, after everybody else was told."""
    mail = Outlet(ada=ChannelDown("smtp_timeout"))
    error = await failure(deliverer(pool, smtp=mail), order())

    assert (error.type, error.non_retryable) == ("ChannelDown", False)
    assert [m.person for m in mail.given] == ["ada", "ben"]


async def test_a_later_attempt_leaves_out_whom_an_earlier_one_reached(pool: Pool) -> None:
    """Who was told is not told again because somebody else could not be reached."""
    mail = Outlet()
    delivery, beats = await attempt(deliverer(pool, smtp=mail), order(), reached={"ben": "earlier"})

    assert [m.person for m in mail.given] == ["ada"]
    assert delivery.proof == f"smtp:{mail.given[0].token} smtp:earlier"
    assert beats == [{"ben": "earlier", "ada": mail.given[0].token}]


async def test_temporal_carries_over_whom_an_attempt_reached(pool: Pool, temporal_address: str) -> None:
    """On a real server, a retry goes on where the attempt before it failed: nobody gets the same mail twice."""
    mail = Recovering(ada=ChannelDown("smtp_timeout"))
    client = await Client.connect(temporal_address, data_converter=pydantic_data_converter)
    escalations = Escalations(deliverer(pool, smtp=mail))
    queue = f"ordering-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[Ordering], activities=[escalations.escalate]):
        delivery = await client.execute_workflow(Ordering.run, order(), id=queue, task_queue=queue)

    assert [m.person for m in mail.given] == ["ada", "ben", "ada"]
    assert delivery.proof == f"smtp:{mail.given[0].token} smtp:{mail.given[1].token}"


async def test_one_refusal_does_not_undo_that_others_were_told(pool: Pool) -> None:
    """A notice to a role counts as delivered with at least one proof; the proof names only whom it reached."""
    mail = Outlet(ada=ChannelRefused("smtp_recipient_550"))
    delivery, _ = await attempt(deliverer(pool, smtp=mail), order())

    assert delivery.proof == f"smtp:{mail.given[1].token}"


async def test_a_refusal_for_everybody_is_final(pool: Pool) -> None:
    """A notice that no channel will ever take fails for good, and says so by a code."""
    refused = ChannelRefused("smtp_recipient_550")
    error = await failure(deliverer(pool, smtp=Outlet(ada=refused, ben=refused)), order())

    assert (error.type, error.non_retryable) == ("ChannelRefused", True)


async def test_a_channel_that_nobody_configured_is_down(pool: Pool) -> None:
    """A person whose channel is not set up is not given up: an operator can set it up meanwhile."""
    error = await failure(deliverer(pool), order(role="program_director"))

    assert error.type == "ChannelDown"
    assert "not_configured" in error.message


async def test_a_database_that_is_away_is_told_by_its_type_alone(database: Database) -> None:
    """A database error, whose text may quote a row, never reaches Temporal."""
    opened = await open_pool(database.dsn_app, size=1)
    await opened.close()
    error = await failure(deliverer(opened), order())

    assert (error.type, error.message, error.__suppress_context__) == (
        "StoreUnavailable",
        "the database cannot be reached",
        True,
    )
    assert issubclass(PoolTimeout, psycopg.Error)


@pytest.mark.parametrize("kind", [ChannelDown, ChannelRefused])
async def test_no_failure_tells_an_address(pool: Pool, kind: type[ChannelDown | ChannelRefused]) -> None:
    """What an effect reports, well or ill, carries no address and no words of a message."""
    down = kind("smtp_timeout")
    error = await failure(deliverer(pool, smtp=Outlet(ada=down, ben=down)), order())

    assert CANARY not in f"{error} {error.__cause__} {error.details}"
    assert CANARY not in repr(Outlet().given) + repr(order())


async def test_many_proofs_are_told_by_one_digest(pool: Pool) -> None:
    """A role held by more people than a report has room for is proven by their number and a digest over all proofs."""
    crowd = [
        person(f"p{number:02}", "council", channel="smtp", address=f"p{number}@staff.example") for number in range(12)
    ]
    async with pool.connection() as connection:
        await import_staff(connection, KEYRING, crowd)
    delivery, _ = await attempt(deliverer(pool, smtp=Outlet()), order(role="council"))

    assert delivery.proof.startswith("12 deliveries sha256:")


async def test_a_message_representation_hides_the_address(pool: Pool) -> None:
    """A message that is printed or logged by mistake does not show where it goes."""
    mail = Outlet()
    await attempt(deliverer(pool, smtp=mail), order())

    assert mail.given
    assert CANARY not in repr(mail.given)


def test_the_effects_are_named() -> None:
    """The names under which workflows order effects are stored in histories and never change."""
    methods = (CheckIns.remind, Escalations.escalate, Reviews.notify)

    assert [activity._Definition.must_from_callable(method).name for method in methods] == [
        "remind_of_check_in",
        "escalate",
        "notify_review",
    ]
