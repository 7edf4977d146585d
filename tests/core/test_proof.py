"""Proofs and policies read as C2SP writes them, and nothing else is taken for one."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.core.checkpoint import BadNote, Note, cosignature_parts, parse_note
from workflows.core.proof import (
    BadProof,
    ConsistencyProof,
    InclusionProof,
    parse_consistency,
    parse_inclusion,
)
from workflows.core.trust import NOBODY, BadPolicy, parse_policy

# The example of C2SP tlog-cosignature.
COSIGNED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)
POLICY = """
# Two offices, of which both must have cosigned.
log log.example+1+A https://log.example
witness ombud\tombud.example+2+B https://ombud.example/
witness court court.example+3+C
witness press press.example+4+D
group outside any court press
group both all ombud outside
quorum both
"""


def test_the_example_of_a_cosigned_checkpoint_reads_and_writes_as_it_stands() -> None:
    """C2SP's own example is read, its witness's time is the one it says, and it is written as it was."""
    note = parse_note(COSIGNED)

    assert str(note) == COSIGNED
    assert cosignature_parts(note.signatures[1].signed)[0] == 1679315147


def test_a_further_signature_of_the_same_key_takes_the_place_of_the_former() -> None:
    """A note holds one signature of each key: the last one that was given."""
    note = parse_note(COSIGNED)
    again = note.signatures[1]._replace(signed=b"another")

    assert note.signed_by(again).signatures == (note.signatures[0], again)
    assert Note(note.text, ()).signed_by(*note.signatures) == note


@given(st.integers(0, 10**17), HASHES, st.binary(max_size=60))
def test_a_proof_reads_as_it_was_written(number: int, path: tuple[bytes, ...], extra: bytes) -> None:
    """Proofs of inclusion and of consistency survive their text."""
    inclusion = InclusionProof(number, path, COSIGNED, extra)
    consistency = ConsistencyProof(number, path, COSIGNED)

    assert parse_inclusion(str(inclusion)) == inclusion
    assert parse_consistency(str(consistency)) == consistency


@pytest.mark.parametrize(
    "text",
    ["", "old 1\n", "old 01\n\nx", "old -1\n\nx", "old 1\nAAAA\n\nx", "old ²\n\nx", f"old 1\n{chr(10).join(['A' * 43 + '='] * 64)}\n\nx", "old \n\nx"],
)  # fmt: skip
def test_what_is_no_proof_of_consistency_is_told(text: str) -> None:
    """Whatever is not in the form of C2SP tlog-witness is refused, with the reason."""
    with pytest.raises(BadProof, match=r"proof|line"):
        parse_consistency(text)


@pytest.mark.parametrize(
    "text",
    ["c2sp.org/tlog-proof@v2\nindex 1\n\nx", "c2sp.org/tlog-proof@v1\n\nx", "c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\nx", "c2sp.org/tlog-proof@v1\nindex x\n\nx", "x" * 200_000],
)  # fmt: skip
def test_what_is_no_proof_of_inclusion_is_told(text: str) -> None:
    """Whatever is not in the form of C2SP tlog-proof is refused, with the reason."""
    with pytest.raises(BadProof, match=r"proof|line"):
        parse_inclusion(text)


@given(st.text(max_size=200))
def test_no_text_breaks_a_parser(text: str) -> None:
    """Whatever is sent is read or refused: a parser of notes, proofs or policies never fails otherwise."""
    for parse in (parse_inclusion, parse_consistency, parse_note, parse_policy):
        with suppress(BadProof, BadNote, BadPolicy):
            parse(text)


@pytest.mark.parametrize(
    ("cosigned", "met"),
    [({"ombud", "court"}, True), ({"ombud", "press"}, True), ({"court", "press"}, False), ({"ombud"}, False), (set(), False)],
)  # fmt: skip
def test_a_quorum_is_met_by_those_whom_it_demands(cosigned: set[str], met: bool) -> None:
    """Groups within groups count as the policy says: all of them, any, or so many."""
    policy = parse_policy(POLICY)

    assert policy.met(cosigned) is met
    assert [one.url for one in policy.witnesses] == ["https://ombud.example/", "", ""]
    assert policy.logs == ("log.example+1+A",)


def test_where_no_quorum_is_demanded_nothing_is_witnessed() -> None:
    """Without a quorum nobody bears witness, whoever signed: the word would promise what nobody checks."""
    policy = parse_policy("witness a a+1+A\nquorum none\n")

    assert not policy.met({"a"})
    assert not NOBODY.met({"a"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "one line"),
        ("quorum a", "line 1: a does not stand above"),
        ("witness a k+1+A\nwitness a l+2+B\nquorum a", "line 2: the name a is taken"),
        ("witness a k+1+A\nwitness b m+2+A\nquorum a", "line 2: this key"),
        ("witness a k+1+A\ngroup g 2 a\nquorum g", "line 2: a group takes"),
        ("witness a k+1+A\ngroup g any a\ngroup h any a\nquorum h", "line 3: a is in a group already"),
        ("witness a k+1+A\nquorum a\nquorum a", "line 3: there is a quorum already"),
        ("oracle a", "line 1: a line reads"),
        ("witness none k+1+A\nquorum none", "line 1: the name none"),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_told_with_its_line(text: str, told: str) -> None:
    """A policy that could be read in two ways is refused, and the line is named."""
    with pytest.raises(BadPolicy, match=told):
        parse_policy(text)
