"""The staff file: a YAML list of appointments, read as strictly as a program's definition.

```yaml
- person: nadia.k            # a pseudonymous id; never a name
  roles: [lead_practitioner]
  organization: outreach_north
  valid_from: "2026-01-01T00:00:00Z"
  valid_until: null          # or an instant: ended, never deleted
  language: en
  channel: smtp              # inbox, smtp or webhook
  address: nadia@example.org # sealed before it is stored
  certificates:              # code of the definition: last valid day; null: it does not expire
    trauma_informed_care: 2027-03-31
```
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

from activities.store.refused import StoreRefused
from workflows.core.kinds import NO_EXPIRY, RESERVED, Code, Frozen, Instant, PersonId
from workflows.program.load import DefinitionError, Outline, outline, text_of

Channel = Literal["inbox", "smtp", "webhook"]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


def _last_day(day: object) -> object:
    # A number, or a text of digits alone, would be taken for seconds since 1970.
    if day is not None and not isinstance(day, date) and not (isinstance(day, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day)):  # fmt: skip
        msg = "a date like 2027-03-31, or null where it does not expire"
        raise ValueError(msg)
    return NO_EXPIRY if day is None else day


LastDay = Annotated[date, BeforeValidator(_last_day)]
"""The last day on which a certificate is valid; null where it does not expire."""
_SHOWN_PROBLEMS = 20
_CURE = "Correct the file and import it again; nothing of it was imported."


class StaffRecord(Frozen):
    """An appointment: a person's roles and organization from `valid_from` (inclusive) until `valid_until` (exclusive; None: open)."""

    person: PersonId
    roles: Annotated[tuple[Code, ...], Field(min_length=1, max_length=64)]
    organization: Code | None = None
    valid_from: Instant
    valid_until: Instant | None = None
    language: Language = "en"
    channel: Channel = "inbox"
    address: Annotated[str | None, Field(min_length=3, max_length=1000, repr=False)] = None
    certificates: Annotated[dict[Code, LastDay], Field(max_length=64)] = {}

    @model_validator(mode="after")
    def _whole(self) -> StaffRecord:
        if self.person in RESERVED:
            msg = f"another id than {' or '.join(sorted(RESERVED))}: under these the engine itself acts, and no person may be taken for it"
            raise ValueError(msg)
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            msg = "valid_until lies after valid_from: an appointment lasts"
            raise ValueError(msg)
        if self.channel != "inbox" and self.address is None:
            msg = f"an address, which the channel {self.channel} needs"
            raise ValueError(msg)
        if len(set(self.roles)) != len(self.roles):
            msg = "each role once"
            raise ValueError(msg)
        return self


def parse_staff_file(path: Path) -> list[StaffRecord]:
    """The appointments in the file at `path`.

    Raises:
        StoreRefused: the file cannot be read, or something in it is wrong: each problem with its line, and never with an address.
    """
    try:
        with path.open("rb") as stream:
            text = text_of(stream)
    except OSError as error:
        raise StoreRefused(
            f"{path} cannot be read: {error.strerror}", "Name the file of the staff directory."
        ) from error
    except UnicodeDecodeError as error:
        raise StoreRefused(f"{path} is not UTF-8 text", "Save it as UTF-8.") from error
    return parse_staff(text, where=str(path))


def parse_staff(text: str, *, where: str) -> list[StaffRecord]:
    """The appointments in `text`, which came from `where`.

    Raises:
        StoreRefused: as `parse_staff_file`.
    """
    try:
        read = outline(text)
    except DefinitionError as error:
        raise _refused(where, [problem.discreet for problem in error.problems]) from error
    if not isinstance(read.value, list) or not read.value:
        raise _refused(where, ["line 1: found no list; write each appointment as an item that begins with '- person:'"])
    records: list[StaffRecord] = []
    problems: list[str] = []
    for index, item in enumerate(read.value):
        try:
            records.append(StaffRecord.model_validate(item))
        except ValidationError as error:
            problems += [
                _problem(detail, read, index) for detail in error.errors(include_url=False, include_input=False)
            ]
    problems += _repeated(records) if not problems else []
    if problems:
        raise _refused(where, problems)
    return records


def _problem(detail: ErrorDetails, read: Outline, index: int) -> str:
    # What stands where a field's name should may be anything, also a person's: it is not repeated.
    known = detail["loc"][:-1] if detail["type"] == "extra_forbidden" else detail["loc"]
    place = (index, *detail["loc"])
    line = next((read.lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in read.lines), 1)
    name = ".".join(str(part) for part in known) or "appointment"
    match detail["type"]:
        case "missing":
            allowed = "it is missing"
        case "extra_forbidden":
            allowed = f"unknown field; known are {', '.join(StaffRecord.model_fields)}"
        case "timezone_aware" | "datetime_from_date_parsing" | "datetime_parsing" | "timezone_naive":
            allowed = 'an instant with its offset is needed, for example "2026-01-01T00:00:00Z"'
        case "dict_type" | "model_type":
            allowed = "needed: an object, a field a line"
        case "tuple_type":
            allowed = "needed: a list"
        case "value_error":
            allowed = f"needed: {detail.get('ctx', {}).get('error', detail['msg'])}"
        case _:
            allowed = detail["msg"][:1].lower() + detail["msg"][1:]
    return f"line {line}, {name}: {allowed}"


def _repeated(records: list[StaffRecord]) -> list[str]:
    seen: set[tuple[str, Instant]] = set()
    problems: list[str] = []
    for record in records:
        if (record.person, record.valid_from) in seen:
            problems.append(f"{record.person}: two appointments begin at {record.valid_from.isoformat()}; keep one")
        seen.add((record.person, record.valid_from))
    return problems


def _refused(where: str, problems: list[str]) -> StoreRefused:
    shown = problems[:_SHOWN_PROBLEMS]
    more = [f"and {len(problems) - len(shown)} more"] if len(problems) > len(shown) else []
    return StoreRefused("\n  ".join([f"{where} is no staff file:", *shown, *more]), _CURE)
