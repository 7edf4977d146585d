"""Many cases that went through the door, each with fifty planted words wherever somebody can write: names, notes, evidence, refusals, disclosures."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from activities.store.linking import Sealing, seal_identity
from activities.store.names import Identity
from activities.store.vault import seal_note
from starter.client import RefusedAnswer
from tests.door import commands
from tests.door.rig import STAFF, Door, until
from tests.privacy.scan import ERASED_CODE, ERASED_WORD, LIVING_CODE, LIVING_WORD
from workflows import wire
from workflows.core.receipt import Receipt

WORDS = 50
PIECES = 8
AT_ONCE = 4
CASES_OF_A_LEAD = 10
_DOMAINS = ("housing", "livelihood", "health", "family", "belonging", "safety", "meaning")
_SHARED = (("housing_office", "housing_officer", "housing_2026"), ("health_service", "clinician", "health_2026"))


@dataclass
class Planted:
    """A case: its number, whether it is to be erased, its stream, what was planted in it, and the receipts of its commands."""

    number: int
    gone: bool
    stream: str = field(default_factory=wire.new_case_stream)
    words: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)

    @property
    def lead(self) -> str:
        """Who leads it."""
        return f"lead{self.number // CASES_OF_A_LEAD}"

    def word(self) -> str:
        """The next word that nobody else writes."""
        self.words.append(f"{ERASED_WORD if self.gone else LIVING_WORD}c{self.number:03d}n{len(self.words):02d}")
        return self.words[-1]

    def code(self) -> str:
        """The same in a place where only codes may stand."""
        self.codes.append(f"{ERASED_CODE if self.gone else LIVING_CODE}c{self.number:03d}n{len(self.codes):02d}")
        return self.codes[-1]


def people(cases: int) -> str:
    """The staff of the door's proofs, and as many leads as these cases need."""
    certified = "{trauma_informed_care: null, cultural_humility: null, nonviolent_communication: null}"
    leads = range(cases // CASES_OF_A_LEAD + 1)
    return STAFF + "".join(
        f'- {{person: lead{n}, roles: [lead_practitioner], organization: city, valid_from: "2020-01-01T00:00:00Z", certificates: {certified}}}\n'
        for n in leads
    )


async def each(cases: Iterable[Planted], do: Callable[[Planted], Awaitable[None]]) -> None:
    """Do it for each of the cases, some at once."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(case: Planted) -> None:
        async with turn:
            await do(case)

    await asyncio.gather(*(one(case) for case in cases))


class Life:
    """What is done in one case, every text of it sealed as the command line seals it."""

    def __init__(self, door: Door, case: Planted) -> None:
        self._door, self.case = door, case

    async def note(self, author: str) -> str:
        """A text with the next word in it, sealed; the reference to it."""
        word = self.case.word()
        text = f"{word}: made up, about nobody, by nobody ({word})"
        async with self._door.pool.connection() as connection, connection.transaction():
            return await seal_note(connection, self._door.keyring, stream=self.case.stream, text=text, author=author)

    async def do(self, actor: str, named: str, /, **fields: Any) -> None:
        """Send a command that is accepted."""
        command = {"type": named, **fields}
        receipt = await self._door.surely(
            self.case.stream, actor=actor, command=command, command_id=f"{named}/{len(self.case.receipts)}"
        )
        self.case.receipts.append(receipt)

    async def refused(self, actor: str, named: str, /, **fields: Any) -> None:
        """Send a command that is answered with no; the refusal is an entry, and its text is sealed all the same."""
        try:
            await self._door.client.submit(self.case.stream, actor=actor, command={"type": named, **fields})
        except RefusedAnswer as answer:
            self.case.receipts.append(answer.receipt)
            return
        raise AssertionError(f"{named} was accepted")

    async def open(self) -> None:
        """Open the case of somebody with two names, of whom a referral tells."""
        case, door = self.case, self._door
        async with door.pool.connection() as connection, connection.transaction():
            whose = Sealing(case.stream, "omar")
            born = date(1930 + case.number % 70, 1 + case.number % 12, 1 + case.number % 28)
            names = (f"{_made_up(case.number)} {case.word()}", f"{_made_up(case.number + 5000)} {case.word()}")
            identity = await seal_identity(connection, door.keyring, Identity(names, born), whose)
        command = {
            **commands.open_case(lead=case.lead), "eligibility": await self.note("omar"), "identity": identity, "referral": await self.note("omar"),
        }  # fmt: skip
        case.receipts.append(await door.client.open_case(actor="omar", stream=case.stream, command=command))

    async def lived(self) -> None:
        """Everything from the opening to the closure by a panel."""
        lead = self.case.lead
        await self.open()
        # Names that all hold the same word are sometimes alike; whoever opened the case may not answer that.
        for link in (await self._door.client.state(self.case.stream)).link.open:
            await self.do("dora", "reject_link", link=link, reasons=commands.note())
        await self.do("omar", "record_lawful_basis", basis="public_task", reasons=await self.note("omar"))
        for scope in ("participation", *(f"share:{partner}" for partner, _, _ in _SHARED)):
            capacity = {} if scope == "participation" else {"capacity_judged_by": lead}
            await self.do(
                lead, "give_consent", scope=scope, form_version="f1", language="en", explained_by=lead, note=await self.note(lead), **capacity
            )  # fmt: skip
        await self._shared()
        await self._proved()
        await self._refusals()
        domains = {domain: await self.note(lead) for domain in _DOMAINS}
        await self.do(lead, "record_assessment", **{**commands.assess(), "domains": domains})
        while len(self.case.words) < WORDS - 6:
            await self.do(lead, "keep_check_in", channel="call", note=await self.note(lead))
        reasons, view = await self.note("omar"), await self.note("omar")
        await self.do("omar", "request_review", to="closed", reasons=reasons, participant_view=view)
        for person in ("petra", "mara", "milo", "caro"):
            await self.do(person, "approve_review", review=1, reasons=await self.note(person))

    async def _shared(self) -> None:
        lead = self.case.lead
        for number, (partner, recipient, agreement) in enumerate(_SHARED, start=1):
            await self.do(
                lead, "request_disclosure", partner=partner, recipient=recipient, purpose="referral", fields=["contact_route"],
                agreement=agreement, reasons=await self.note(lead),
            )  # fmt: skip
            await self.do("omar", "approve_disclosure", disclosure=number, reasons=await self.note("omar"))
            await self.do(lead, "record_told", disclosure=number, how="in_person", language="de", proof=await self.note(lead))  # fmt: skip

    async def _proved(self) -> None:
        lead, seen = self.case.lead, (datetime.now(UTC) - timedelta(days=1)).isoformat()
        pieces = [
            {"kind": kind, "source": self.case.code(), "observed_at": seen, "note": await self.note(lead)}
            for kind in ("practitioner_assessment", "participant_view") * (PIECES // 2)
        ]
        await self.do(lead, "claim_milestone", milestone="needs_profile", evidence=pieces)
        await self.do("omar", "verify_milestone", milestone="needs_profile", reasons=await self.note("omar"))

    async def _refusals(self) -> None:
        lead = self.case.lead
        await self.refused(lead, "verify_milestone", milestone="needs_profile", reasons=await self.note(lead))
        await self.refused(lead, "raise_concern", kind=self.case.code(), reported_by="family", note=await self.note(lead))  # fmt: skip
        await self.refused("petra", "approve_review", review=7, reasons=await self.note("petra"))
        await self.refused("nobody", "keep_check_in", channel=self.case.code(), note=await self.note("nobody"))
        await self.refused(lead, "request_review", to=self.case.code(), reasons=await self.note(lead), participant_view=await self.note(lead))  # fmt: skip

    async def decided(self) -> None:
        """Everything up to the decision of two people that the record be erased."""
        owed = (await self._door.client.state(self.case.stream)).service.owed
        for notice in list(owed):
            await self.do(self.case.lead, "record_service", notice=notice, how="in_person", language="de", proof=commands.note())  # fmt: skip
        await self.do("dario", "record_copy_given", how="sent", proof=commands.note())
        await self.do("dario", "request_erasure", reasons=commands.note())
        await self.do("dora", "approve_erasure", reasons=commands.note())

    async def told(self, *disclosures: int) -> None:
        """These recipients know that the record is erased; the person is served whatever is still owed."""
        for number in disclosures:
            await self.do(self.case.lead, "record_recipient_told", disclosure=number, about="erasure", proof=commands.note())  # fmt: skip

    async def over(self) -> None:
        """The case owes nothing and has ended."""

        async def done() -> bool:
            return (await self._door.folded(self.case.stream)).finished

        await until(done)


def _made_up(number: int) -> str:
    """Four parts of a name for nobody, unlike those of any other number: whoever seems to be known already could not be let go without an answer."""
    chosen = random.Random(number * 7919 + 13)
    letters = ("bdfgklmnprstvz", "aeiou")
    return " ".join(
        "".join(chosen.choice(one) for _ in range(length) for one in letters).capitalize() for length in (3, 4, 5, 4)
    )
