"""The care of a case by need, on a real stack with a real worker: what a panel reads there, and what a program reads as JSON."""

from tests.starter.terminal import Offramp, do, opened


def test_a_panel_reads_every_gap_from_the_ledger(offramp: Offramp) -> None:
    """Two providers that wait for each other stand first, with who owes the way out; what nobody is asked about is named; `why` and `show` tell of it too."""
    case = opened(offramp)
    consent = ("--form-version", "f1", "--language", "en", "--explained-by", "lena")
    do(offramp, case, "lena", "give_consent", "--scope", "participation", *consent)
    for partner in ("health_service", "housing_office"):
        do(offramp, case, "lena", "give_consent", "--scope", f"share:{partner}", *consent, "--capacity-judged-by", "lena")  # fmt: skip
    for need in ("mental_health", "housing", "family"):
        do(offramp, case, "lena", "identify_need", "--need", need, "--note-text", "Said so himself.")
    for need, provider in (("mental_health", "health_service"), ("housing", "housing_office")):
        do(offramp, case, "lena", "request_referral", "--need", need, "--kind", need, "--provider", provider, "--agreed-text", "Yes.")  # fmt: skip
    assert "asked for 0 days, no reply yet" in offramp("case", "coordination", case).out
    for number, wants in (("1", "housing"), ("2", "mental_health")):
        do(offramp, case, "lena", "reject_referral", "--referral", number, "--needs", wants, "--reasons-text", "First things first.")  # fmt: skip

    page = offramp("case", "coordination", case)
    needs = offramp("case", "coordination", case, "--json").json["needs"]
    assert (page.code, page.out.count("PROVIDERS WAIT FOR EACH OTHER")) == (0, 2)
    assert page.out.index("PROVIDERS WAIT FOR EACH OTHER") < page.out.index("NOBODY IS ASKED")
    assert [(one["need"], one["gap"]) for one in needs][2:] == [("family", "nobody")]
    assert {one["gap"] for one in needs[:2]} == {"circle"}
    assert "circular_precondition/1" in {owed["key"] for owed in needs[0]["owed"]}
    assert "a way out of circle 1 of preconditions" in offramp("case", "show", case).out
    assert "nobody is asked" in offramp("case", "show", case).out
    assert "note:" not in page.out
