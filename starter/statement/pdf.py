"""The statement as a tagged PDF (PDF/UA-1), set by Typst; the text travels as data and is never read as markup."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import typst

from starter.statement.document import Statement


def pdf(statement: Statement) -> bytes:
    """The file; the same statement gives the same pages."""
    data = json.dumps(asdict(statement), default=str, ensure_ascii=False)
    made = typst.compile(
        (Path(__file__).parent / "statement.typ").read_bytes(),
        sys_inputs={"statement": data},
        format="pdf",
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no single file")
    return made
