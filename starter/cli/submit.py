"""Sending a command: from options to a receipt. Texts are sealed first, and only references to them travel."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple, get_args
from uuid import NAMESPACE_URL, uuid4, uuid5

import click
from pydantic import ValidationError

from activities.store.find import find_answer
from starter.audit.words import Words
from starter.cli import texts
from starter.cli.fields import Given
from starter.cli.lookup import find_case, parse_instant, program_of_stream, zone_of
from starter.cli.session import DONE, Session, Store
from starter.cli.show import say_json, say_minutes
from starter.cli.texts import NO_NOTE, Text
from workflows.core.kinds import Code, NoteRef, PersonId, VersionTag

if TYPE_CHECKING:
    from activities.store.names import Identity
    from workflows.core.kinds import Command
    from workflows.core.receipt import Receipt
    from workflows.program.model import Program


def _pattern(kind: Any) -> str:
    return str(get_args(kind)[1].pattern)


_FORMS = {
    _pattern(PersonId): "not the id of a person: lower-case letters, digits and ._- (never a name)",
    _pattern(Code): "not a code: lower-case letters, digits and _, beginning with a letter",
    _pattern(VersionTag): "not a version: letters, digits, . and -, at most 32",
    _pattern(NoteRef): "not a reference to a note: note: and the id that was given when it was sealed",
}
"""What a value is not that does not fit its pattern."""


class Sending(NamedTuple):
    """Where a command goes, who sends it, and under which id; `opening` where the case is to begin with it."""

    stream: str
    actor: str
    command_id: str
    opening: bool


class Draft:
    """A command while it is put together: its plain values, and the texts that are still to be sealed."""

    def __init__(self, model: type[Command], fields: list[Given], values: dict[str, Any]) -> None:
        self._model = model
        self._fields = {field.name: field for field in fields}
        self._given: dict[str, Any] = {}
        self._texts: list[Text] = []
        self._identity: Identity | None = None
        for field in fields:
            self._take(field, values)

    def add(self, **values: Any) -> None:
        """Fields that no option gave."""
        self._given.update(values)

    def identify(self, identity: Identity) -> None:
        """Whose case is opened: the names are sealed with the texts, and only a reference to them travels."""
        self._identity = identity
        self.add(identity=NO_NOTE)

    def _take(self, field: Given, values: dict[str, Any]) -> None:
        if field.shape == "note":
            reference, text = texts.note(field, values)
            if text is not None:
                self._texts.append(Text(field.name, None, text))
                reference = NO_NOTE
            self._given[field.name] = reference
        elif field.shape == "notes":
            references, written = texts.notes(field, values)
            self._texts += [Text(field.name, code, text) for code, text in written.items()]
            self._given[field.name] = {**references, **dict.fromkeys(written, NO_NOTE)}
        elif field.shape == "evidence":
            pieces = texts.evidence(values)
            self._given[field.name] = [self._piece(field.name, number, piece) for number, piece in enumerate(pieces)]
        else:
            self._given[field.name] = values.get(field.name)

    def _piece(self, field: str, number: int, piece: dict[str, str]) -> dict[str, str]:
        if "note_text" not in piece:
            return piece
        self._texts.append(Text(field, number, piece["note_text"]))
        return {name: value for name, value in piece.items() if name != "note_text"} | {"note": NO_NOTE}

    def checked(self, zone: tzinfo) -> dict[str, Any]:
        """The command as JSON, with instants read on the clock of `zone`, and a placeholder for each text.

        Raises:
            click.UsageError: a value is not of the form that its field takes.
        """
        given = {name: value for name, value in self._given.items() if value is not None}
        for name, field in self._fields.items():
            if field.shape == "instant" and name in given:
                given[name] = parse_instant(given[name], zone, option=field.option)
            elif field.shape == "evidence":
                given[name] = [_dated(piece, zone) for piece in given[name]]
        try:
            return self._model.model_validate(given).model_dump(mode="json", exclude_none=True)
        except ValidationError as error:
            raise click.UsageError(self._told(error)) from error

    def _told(self, error: ValidationError) -> str:
        first = error.errors(include_input=False, include_url=False)[0]
        where = [str(part) for part in first["loc"]]
        field = self._fields.get(where[0]) if where else None
        option = field.option if field is not None else ".".join(where)
        inside = f" ({'.'.join(where[1:])})" if len(where) > 1 else ""
        pattern = first.get("ctx", {}).get("pattern")
        what = _FORMS.get(str(pattern)) or f"{first['msg'][:1].lower()}{first['msg'][1:]}"
        return f"{option}{inside}: {what}."

    async def sealed(self, store: Store, command: dict[str, Any], sending: Sending) -> dict[str, Any]:
        """The command with each text sealed and its reference in its place.

        Raises:
            StoreRefused: a text cannot be kept.
        """
        from activities.store.linking import Sealing, seal_identity
        from activities.store.vault import seal_note

        async with store.connection.transaction():
            for text in self._texts:
                reference = await seal_note(
                    store.connection,
                    store.keyring,
                    stream=sending.stream,
                    text=text.text,
                    author=sending.actor,
                    command_id=sending.command_id,
                )
                if text.piece is None:
                    command[text.field] = reference
                elif isinstance(text.piece, str):
                    command[text.field][text.piece] = reference
                else:
                    command[text.field][text.piece]["note"] = reference
            if self._identity is not None:
                whose = Sealing(sending.stream, sending.actor, sending.command_id)
                command["identity"] = await seal_identity(store.connection, store.keyring, self._identity, whose)
        return command


def _dated(piece: dict[str, str], zone: tzinfo) -> dict[str, Any]:
    return (
        {**piece, "observed_at": parse_instant(piece["observed_at"], zone, option="observed_at in --evidence")}
        if "observed_at" in piece
        else dict(piece)
    )


async def send(session: Session, named: str, draft: Draft) -> int:
    """Send a command to a case and tell of its answer.

    Raises:
        RefusedAnswer: the answer is no.
        LedgerUnavailable: no answer was to be had.
    """
    actor, command_id = session.actor(), session.command_id or str(uuid4())
    async with session.store() as store:
        stream = await find_case(store.connection, named)
        program = await program_of_stream(store.connection, stream)
        sending = Sending(stream, actor, command_id, opening=False)
        await _send(session, store, draft, sending=sending, program=program)
    return DONE


async def open_case(session: Session, draft: Draft, *, program: str, version: str | None) -> int:
    """Open a case and tell of its answer; errors as for `send`."""
    actor, command_id = session.actor(), session.command_id or str(uuid4())
    # From the command's id, so that whoever repeats it means the same case.
    stream = f"case/{uuid5(NAMESPACE_URL, f'offramp:open:{actor}:{command_id}')}"
    async with session.store() as store:
        definition = await published(store, program, version)
        draft.add(program=definition.program, version=definition.version)
        sending = Sending(stream, actor, command_id, opening=True)
        await _send(session, store, draft, sending=sending, program=definition)
    return DONE


async def _send(session: Session, store: Store, draft: Draft, *, sending: Sending, program: Program | None) -> None:
    command = draft.checked(zone_of(program))
    repeats = await _repeats(store, sending, str(command["type"]), Words(program))
    if repeats is None:
        # An id that has its answer is answered without looking at what is sent now: nothing is sealed for it.
        command = await draft.sealed(store, command, sending)
    receipt = await _submit(session, sending, command)
    await _tell(session, store, receipt, program, sending=sending, repeats=repeats)


async def _repeats(store: Store, sending: Sending, kind: str, words: Words) -> str | None:
    """Whether the command id has its answer already, for the `same` command or for an `other` one; if so, that is said, on stderr."""
    known = await find_answer(store.connection, sending.stream, sending.command_id)
    if known is None:
        return None
    before = f"{known.type} by {known.actor} on {words.when(known.at)}"
    if (known.type, known.actor) == (kind, sending.actor):
        click.echo(f"This command id was answered before ({before}); the same answer again:", err=True)
        return "same"
    click.echo(
        f"This command id belongs to another command ({before}). What follows is the answer to that one; what was sent now was not looked at. "
        "Leave --command-id out to send it.",
        err=True,
    )
    return "other"


async def published(store: Store, code: str, version: str | None) -> Program:
    """A published program; without a version, the one published last.

    Raises:
        StoreRefused: there is no such version.
        click.UsageError: nothing of that name is published.
    """
    from activities.store import programs

    if version is None:
        known = await programs.list_published(store.connection)
        versions = [listed.version for listed in sorted(known, key=lambda one: one.published_at) if listed.code == code]
        if not versions:
            names = ", ".join(sorted({listed.code for listed in known})) or "none"
            raise click.UsageError(f"No program '{code}' is published; published are: {names}.")
        version = versions[-1]
    return await programs.get(store.connection, code, version)


async def _submit(session: Session, sending: Sending, command: dict[str, Any]) -> Receipt:
    from starter.client import Client

    stream, actor, command_id, opening = sending
    async with Client.connect(session.settings()) as client:
        session.under_way = command_id
        if opening:
            receipt = await client.open_case(actor=actor, command=command, stream=stream, command_id=command_id)
        else:
            receipt = await client.submit(stream, actor=actor, command=command, command_id=command_id)
    session.under_way = None
    return receipt


async def _tell(
    session: Session, store: Store, receipt: Receipt, program: Program | None, *, sending: Sending, repeats: str | None
) -> None:
    """Show what was recorded, and the receipt."""
    from activities.store.fold import open_entry
    from activities.store.ledger import read_batches
    from activities.store.refused import StoreRefused
    from activities.store.vault import log_reading
    from starter.audit.minutes import minutes

    if repeats is not None:
        # What one's own command came to stands under its own entry; an answer from before is read like any other content.
        await log_reading(store.connection, stream=receipt.stream, reader=sending.actor, purpose="repeated_answer")
    lines: list[str] = []
    async for batch in read_batches(store.connection, receipt.stream, after=receipt.position - 1, size=1):
        try:
            key = await store.keyring.stream_key(store.connection, receipt.stream)
            lines = minutes(batch[0], open_entry(batch[0], key), program)
        except StoreRefused as unreadable:
            # It was recorded: whoever sent it is not told that it was refused.
            lines = [f"It is recorded, and cannot be read back: {unreadable.what}. {unreadable.cure}"]
        break
    if session.as_json:
        told = {
            "outcome": "accepted",
            "receipt": {**receipt.model_dump(), "stands": "RECORDED"},
            "command_id": sending.command_id,
            "repeated": repeats,
        }
        say_json({**told, "minutes": lines})
        return
    say_minutes(lines)
    click.echo(f"Receipt: {receipt.stream} position {receipt.position} {receipt.hash} RECORDED")
