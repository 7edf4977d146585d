"""Verify a bundle or a proof anywhere: `python -m starter.audit.verify FILE --log-key KEY`.

No database, no engine, no network: the standard library and `cryptography` are all that is used. It says what is proved, and what cannot be.
Exit codes: 0 everything that the file claims is proved; 1 something is not what it claims to be; 2 wrong usage, or no such file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from activities.store.cosigning import TRUSTS_NOBODY, Trusted, WitnessVerifier, trusted_in
from activities.store.refused import StoreRefused
from activities.store.signing import Verifier
from starter.audit.bundle import BadBundle, Bundle
from starter.audit.proved import prove_bundle, prove_proof
from starter.audit.proved_runs import Findings
from starter.audit.receipts import Receipt, kept_note, parse_receipts
from workflows.core.trust import Group, Policy, WitnessLine

_MOST_PROOF = 1024 * 1024


class Asked(NamedTuple):
    """What an auditor brings along: the log's public key and the witnesses that they trust, receipts, and checkpoints that they kept."""

    log: Verifier | None
    trusted: Trusted
    receipts: tuple[Receipt, ...]
    kept: tuple[str, ...]


def verify_file(path: Path, asked: Asked) -> Findings:
    """What a bundle, or a proof that `offramp audit prove` wrote, proves, and what not; never raises for what it finds.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        begin = file.read(_MOST_PROOF)
    return (_bundle(path, asked) if begin.startswith(b"PK") else _proof(begin, asked)).plainly()


def _bundle(path: Path, asked: Asked) -> Findings:
    try:
        bundle = Bundle.read(path)
    except BadBundle as bad:
        return Findings().broken(f"the bundle: {bad}")
    return prove_bundle(bundle, log=asked.log, trusted=asked.trusted, receipts=asked.receipts, kept=asked.kept)


def _proof(read: bytes, asked: Asked) -> Findings:
    text = read.decode(errors="replace")
    return prove_proof(text, log=asked.log, trusted=asked.trusted, receipts=asked.receipts, kept=asked.kept)


def everyone(keys: Sequence[WitnessVerifier]) -> Trusted:
    """The policy that each of these witnesses must have cosigned."""
    if not keys:
        return TRUSTS_NOBODY
    named = {key.name: key for key in keys}
    lines = tuple(WitnessLine(name, str(key), "") for name, key in named.items())
    return Trusted(Policy((), lines, {"all of them": Group(len(lines), tuple(named))}, "all of them"), (), named)


def asked_by(
    *, log_key: str | None, policy: Path | None, witnesses: Sequence[str], receipts: Sequence[str], kept: Sequence[Path]
) -> Asked:
    """What was asked for, read.

    Raises:
        StoreRefused: a key, the policy or a receipt cannot be read.
        OSError: a checkpoint cannot be read.
    """
    trusted = trusted_in(policy) if policy is not None else everyone([WitnessVerifier.parse(one) for one in witnesses])
    held = parse_receipts(receipts)
    if held is None:
        raise StoreRefused(
            "a receipt reads POSITION:HASH, for example 17:02d59121", "Give at least 8 digits of the hash."
        )
    log = Verifier.parse(log_key) if log_key is not None else next(iter(trusted.logs), None)
    return Asked(log, trusted, tuple(held), tuple(map(kept_note, kept)))


def report(found: Findings) -> str:
    """What was found, for people: what is broken first."""
    lines = [*(f"BROKEN: {one}." for one in found.faults), *(f"Proved: {one}." for one in found.proved)]
    lines += [f"Not proved: {one}." for one in found.unproved]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser("python -m starter.audit.verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("file", type=Path, help="a bundle (offramp audit export) or a proof (offramp audit prove -o)")
    parser.add_argument(
        "--log-key", help="the log's public key, as you got it from whoever publishes it, not from the file"
    )
    parser.add_argument("--witness", action="append", default=[], help="the public key of a witness that must have cosigned; may be repeated")  # fmt: skip
    parser.add_argument("--policy", type=Path, help="in place of both: a file in the form of C2SP tlog-policy")
    parser.add_argument("--receipt", action="append", default=[], metavar="POSITION:HASH", help="a receipt that you hold; may be repeated")  # fmt: skip
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, help="a checkpoint that you kept; may be repeated")  # fmt: skip
    given = parser.parse_args(arguments)
    try:
        asked = asked_by(
            log_key=given.log_key, policy=given.policy, witnesses=given.witness, receipts=given.receipt, kept=given.checkpoint,
        )  # fmt: skip
        found = verify_file(given.file, asked)
    except (StoreRefused, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(report(found))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
