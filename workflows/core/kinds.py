"""The small types that every other module is written in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, core_schema

CLOCK = "clock"
"""The actor of a command that a timer sends: time is one more operator and uses the same door."""
ENGINE = "engine"
"""The actor of a command by which an effect reports back (a delivery, or its final failure)."""
SYSTEM_ACTORS = frozenset({CLOCK, ENGINE})
CONSOLE = "console"
"""The reader of a case who named nobody: whoever holds the credentials of the machine. It sends no command."""
RESERVED = SYSTEM_ACTORS | {CONSOLE}
"""Ids that no person may have."""


_set = object.__setattr__


class Frozen(BaseModel):
    """A value: immutable, and unknown fields are refused, never dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Itself: nothing here changes, and pydantic, which copies each default for each owner, would copy the forty rooms of every new case."""
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002 - a value is as deep as it is
        """A copy with changes, at a third of the usual cost: folding a stream copies a few values an entry, and no value here has private or extra fields.

        Which fields were given stays as it was told of the first: only what somebody sent is ever asked that, and it is not changed.
        """
        copied = object.__new__(type(self))
        _set(copied, "__dict__", {**self.__dict__, **(update or {})})
        _set(copied, "__pydantic_fields_set__", self.__pydantic_fields_set__)
        _set(copied, "__pydantic_extra__", None)
        _set(copied, "__pydantic_private__", None)
        return copied


class Command(Frozen):
    """What somebody asks for, in the imperative. Each subclass fixes `type`, the stored name, which never changes."""

    def people(self) -> tuple[str, ...]:
        """The persons named in the command besides the actor; the recorder looks each of them up in the staff directory."""
        return ()


class Event(Frozen):
    """What was decided, in the past tense, with the stem of its command. Fields are only ever added, with a default."""


EARLIEST_YEAR, LATEST_YEAR = 1900, 2999
"""Years of the instants that people write."""
_WRITTEN = re.compile(r"(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}([Tt ]|$)")
_EARLIEST, _LATEST = (
    datetime(MINYEAR + 1, 1, 1, tzinfo=UTC),
    datetime(MAXYEAR - 1, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
)


def _as_written(value: object) -> object:
    # A number, or a text of digits alone, would be taken for seconds since 1970: 20260105 for a day of that year.
    # Behind 2999 a term that begins there, and a ladder behind it, could end where there is no calendar any more.
    if not isinstance(value, datetime) and not (isinstance(value, str) and _WRITTEN.match(value)):
        msg = "an instant with its offset, like 2026-01-05T09:00:00Z, in a year from 1900 to 2999"
        raise ValueError(msg)
    return value


def _in_utc(value: datetime) -> datetime:
    if not MINYEAR < value.year < MAXYEAR:
        # In another time zone it would lie outside the calendar, and turning it would raise something else than a ValueError.
        msg = "an instant lies between the years 2 and 9998"
        raise ValueError(msg)
    return value.astimezone(UTC)


class _InUtc:
    """Turns an aware instant to UTC; in JSON, one that ends in Z needs no call of Python (a stored stream holds dozens an entry)."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        turned = core_schema.no_info_before_validator_function(
            _as_written, core_schema.no_info_after_validator_function(_in_utc, handler(_source))
        )
        plain = core_schema.datetime_schema(tz_constraint=0, ge=_EARLIEST, le=_LATEST, strict=True)
        # In JSON a text is told from a number by the parser itself, and what was written before is read as it was.
        other = core_schema.no_info_after_validator_function(
            _in_utc, core_schema.datetime_schema(tz_constraint="aware", strict=True)
        )
        as_stored = core_schema.union_schema([plain, other], mode="left_to_right")
        return core_schema.json_or_python_schema(json_schema=as_stored, python_schema=turned)


Instant = Annotated[AwareDatetime, _InUtc]
"""An instant in UTC. A value without an offset is refused: a local time alone does not say when."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A word of the program's or the engine's vocabulary; never free text."""
PersonId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
"""A member of staff by the pseudonymous id of the staff directory; never a name or an address."""
StreamId = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}/[0-9a-f-]{36}$")]
"""A stream of the ledger and the Temporal workflow id of the same aggregate, e.g. `case/<uuid>`."""
CommandId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$")]
"""Chosen by the sender, once per intention: a repetition with the same id is answered as the first time."""
NoteRef = Annotated[str, StringConstraints(pattern=r"^note:[0-9a-f-]{36}$")]
"""A reference to text sealed in the vault. Commands and events carry the reference, never the text."""
VersionTag = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$")]
"""A published version of a program, e.g. `2026.1`."""
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""


NO_EXPIRY = date.max
"""Last valid day of a certificate that does not expire."""


class Actor(Frozen):
    """Who acts, as the staff directory knew them at the instant of the command: no claim of a role is believed.

    `certificates`: what they are certified in, each with its last valid day; `until`: when they will no longer hold these roles, as far as is known.
    """

    person: PersonId
    roles: tuple[Code, ...] = ()
    organization: Code | None = None
    certificates: dict[Code, date] = {}
    until: Instant | None = None

    def holds(self, roles: tuple[str, ...]) -> bool:
        """Whether the person holds at least one of `roles`."""
        return any(role in roles for role in self.roles)
