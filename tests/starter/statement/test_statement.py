"""The statement says to the person what the record holds, as of an instant, in a page and a PDF that a screen reader can read."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from activities.store.vault import Access
from starter.audit.replay import Replayed
from starter.statement.compose import compose
from starter.statement.document import Statement
from starter.statement.html import html
from starter.statement.pdf import pdf
from tests.case.against import appealable, in_stabilization, window_end
from tests.case.examples import LEAD, SUPERVISOR, Story, note, opened, shared
from tests.case.test_disclosure import WARNING, willing
from tests.case.test_service import here
from tests.starter.picture.test_case import told
from tests.starter.stored import eventful
from tests.starter.terminal import Offramp
from tests.starter.terminal import opened as newly_opened
from workflows.program.model import Program

WHY_LATER = "note:0a0b0c0d-0000-0000-0000-000000000003"
ALONE = {"meta", "link", "br", "hr", "img"}


def stated(story: Story, language: str = "en", *, program: Program | None = None, **more: Any) -> Statement:
    """The statement of a story's case, now."""
    entries = told(story)
    return compose(
        Replayed(story.case, entries), program or story.program, at=more.pop("at", story.at), language=language, **more
    )


def text(statement: Statement) -> str:
    """The words of the page, without marks."""
    return " ".join(re.sub(r"<style>.*</style>|<[^>]+>", " ", html(statement), flags=re.DOTALL).split())


class Page(HTMLParser):
    """A page as a screen reader finds it: elements with their attributes, and that each is closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.under_way: list[str] = []
        self.feed(source)
        assert self.under_way == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.found.append((tag, dict(attrs)))
        self.under_way += [] if tag in ALONE else [tag]

    def handle_endtag(self, tag: str) -> None:
        """An element ends where the last one began."""
        assert self.under_way.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        """The attributes of every element of these tags."""
        return [attributes for tag, attributes in self.found if tag in tags]


def test_a_screen_reader_finds_its_way() -> None:
    """The page has a language, landmarks, headings in order, tables with headers, dates for machines, and nothing that runs or loads."""
    page = Page(html(stated(eventful(), "de")))
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch("h[1-6]", tag)]

    assert page.all("html") == [{"lang": "de"}]
    assert [len(page.all(tag)) for tag in ("h1", "main", "header", "nav")] == [1, 1, 1, 1]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) == len(page.all("thead")) >= 2
    assert {one.get("scope") for one in page.all("th")} == {"col", "row"}
    assert page.all("time")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", one["datetime"] or "") for one in page.all("time"))
    assert page.all("script", "link", "img", "iframe", "form") == []
    anchors = {one["id"] for one in page.all("h2")}
    assert {(one["href"] or "")[1:] for one in page.all("a")} <= anchors
    assert {one["aria-labelledby"] for one in page.all("section", "nav")} <= anchors


def test_a_planted_script_is_text() -> None:
    """A title of the program that holds markup is shown as text, in the page and in the PDF."""
    story = eventful()
    planted = "<script>alert(1)</script> #panic() *x*"
    first = story.program.phases["intake"].model_copy(update={"title": planted})
    program = story.program.model_copy(update={"phases": {**story.program.phases, "intake": first}})
    statement = stated(story, program=program)

    assert "<script" not in html(statement)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; #panic() *x*" in html(statement)
    assert "#panic()" in "".join(page.extract_text() for page in PdfReader(BytesIO(pdf(statement))).pages)


def test_the_pdf_is_tagged_titled_and_in_its_language() -> None:
    """The PDF has a structure for screen readers, a title, a language, and declares PDF/UA-1; and it says what the page says."""
    statement = stated(eventful(), "de")
    made = pdf(statement)
    reader = PdfReader(BytesIO(made))
    root: Any = reader.trailer["/Root"]

    assert root["/Lang"] == "de"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == statement.title
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    printed = "".join("".join(page.extract_text().split()) for page in reader.pages)
    for section in statement.sections:
        assert "".join(section.heading.split()) in printed
    assert made == pdf(statement)


def test_both_languages_tell_the_same() -> None:
    """A statement in the one language has as many sections, blocks and points as in the other."""
    shape = {
        language: [[(one.kind, len(getattr(one, "lines", getattr(one, "rows", ())))) for one in section.blocks] for section in stated(eventful(), language).sections]
        for language in ("en", "de")
    }  # fmt: skip
    assert shape["en"] == shape["de"]


def test_a_refusal_appears_and_what_is_left_out_is_counted() -> None:
    """A refused command is told to the person, and internal reminders are counted with the reason why they are not listed."""
    story = eventful()
    internal = sum(
        one.type.startswith(("notice_", "obligation_"))  # type: ignore[attr-defined]  # every stored event has one
        for entry in story.told
        for one in entry.events
    )
    shown = text(stated(story))

    assert "to record a goal as reached. It was refused, and nothing happened." in shown
    assert f"{internal} internal reminders are not listed, because" in shown
    assert "nicht erlauben: ein Ziel als erreicht eintragen" in text(stated(story, "de"))


def test_as_of_an_earlier_day_nothing_later_is_told() -> None:
    """As things stood before a withdrawal the consent can be withdrawn; afterwards it cannot, and the withdrawal is on record."""
    story = opened()
    before = story.fork()
    story.later(days=2)
    story.do(LEAD, "withdraw_consent", scope="participation")

    assert "You can take back each of these now" in text(stated(before))
    assert "You took back your agreement" not in text(stated(before))
    assert "At the moment there is nothing that you agreed to." in text(stated(story))
    assert "You took back your agreement" in text(stated(story))
    read = [Access(f"note:{1:08d}-0", "omar", "review_decision", (before.at + timedelta(days=1)).isoformat())]
    assert "Nobody has opened" in text(stated(before, accesses=read))
    assert "omar 00000001 the decision of a review 6 January 2026" in text(stated(story, accesses=read))


def test_an_appeal_is_named_with_the_day_until_which_it_is_possible() -> None:
    """Whoever was told of a decision against their wish reads until when they can appeal; afterwards it is offered no more."""
    story = in_stabilization()
    appealable(story)
    day = story.program.calendar.local(window_end(story)).date()

    assert f"You can appeal until {day.day} {day:%B %Y}." in text(stated(story))
    story.until(window_end(story))
    assert "You can appeal until" not in text(stated(story))


def test_what_happened_several_times_on_a_day_is_counted() -> None:
    """Four votes alike on one day are told as four."""
    assert "A member of the panel voted for the move. (4 times)" in text(stated(in_stabilization()))


def test_who_was_told_what_stands_in_the_statement() -> None:
    """A disclosure names the office, what it was told and why that was allowed."""
    story = willing()
    shared(story)

    assert "Municipal housing office How the person wishes to be reached and What the person needs to live safely You agreed to it" in text(stated(story))  # fmt: skip


def test_what_may_be_told_only_later_is_not_given_away_before() -> None:
    """A disclosure of which the person may be told only later leaves no trace until then, not even that its reasons were read; then it stands there."""
    story = opened()
    plain = stated(story)
    later = story.at + timedelta(days=5)
    delayed = {**WARNING, "tell_from": later.isoformat(), "delay_reasons": WHY_LATER}
    story.do(LEAD, "request_disclosure", **delayed)
    story.do(SUPERVISOR, "approve_disclosure", disclosure=1, reasons=note(4))
    read = [Access(WHY_LATER, "omar", "review", story.at.isoformat())]
    hidden = stated(story, accesses=read)

    kept = {section.key: section for section in plain.sections if section.key != "left"}
    assert {section.key: section for section in hidden.sections if section.key in kept} == kept
    told_now = text(stated(story, at=later, accesses=read))
    assert "We told “Police” this about you" in told_now
    assert "omar 0a0b0c0d" in told_now


def test_why_they_are_here_is_the_first_that_the_person_is_told() -> None:
    """That the person is to be told why they are here stands in the statement, in both languages; what is told later leaves no trace until its day."""
    said = "We tell you why you are here with us"
    story, waits = here(referral=note(3)), here()
    assert said in text(stated(story))
    assert "Wir sagen Ihnen in Ihrer Sprache, warum Sie hier bei uns sind" in text(stated(story, "de"))
    later = waits.at + timedelta(days=14)
    waits = here(referral=WHY_LATER, tell_from=later.isoformat(), delay_reasons=WHY_LATER)
    read = [Access(WHY_LATER, "omar", "review", waits.at.isoformat())]
    assert said not in text(stated(waits, accesses=read))
    assert WHY_LATER[5:13] not in text(stated(waits, accesses=read))
    assert said in text(stated(waits, at=later, accesses=read))
    waits.do(LEAD, "record_service", notice=0, how="in_person", language="en", proof=note(4))
    assert "We told you (in person): why you are here with us." in text(stated(waits, accesses=read))


def test_the_command_writes_page_and_pdf(offramp: Offramp, tmp_path: Path) -> None:
    """The command line makes both files of a case in the ledger, or shows the page; and as of a day before the case nothing is told."""
    case = newly_opened(offramp)
    done = offramp("case", "statement", case, "--lang", "de", "--html", str(tmp_path / "s.html"), "--pdf", str(tmp_path / "new" / "s.pdf"))  # fmt: skip

    assert done == (0, "", "")
    assert "Ihr Fall wurde eröffnet." in (tmp_path / "s.html").read_text("utf-8")
    assert (tmp_path / "new" / "s.pdf").read_bytes().startswith(b"%PDF-")
    assert "Your case was opened." in offramp("case", "statement", case).out
    assert "No case was opened for you." in offramp("case", "statement", case, "--as-of", "2020-01-01").out
