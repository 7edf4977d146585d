"""What a rung asks for, in words: by the code of its action, for those that the shipped programs use."""

from __future__ import annotations

ASKED = {
    "remind": "is reminded of it",
    "act_now": "is asked to see to it now, or to record why it cannot be done",
    "second_channel": "is asked to try a second channel today",
    "call": "is asked to call, and to reach the trusted contact if that was agreed",
    "welfare_check": "is asked to make sure that the person is well; no sanction follows",
    "take_up": "is asked to take it up with whoever holds it",
    "ask_themself": "is asked to tell the person that they are of age, and to ask them for their own consent",
    "sharing_stopped": "is told that what it permitted has stopped; support goes on",
    "hold_ended": "is told that the pause is over",
    "legal_hold_ended": "is told that the legal hold is over",
    "record_sealed": "is told that the record is sealed from operators, and is asked to review it",
    "celebrate": "is asked to tell the person, as they chose, what they reached",
    "assess": "is asked to assess the person now, or to record why it cannot be done",
    "answer_concern": "is asked to do something about the concern, and to record what was done",
    "support_stalled": "is told that a support has stalled, and is asked to get it going again",
    "retention_stopped": "is told that the case is open again, and that no term of its record runs",
    "referral_returned": "is told that nobody replied to the referral, and that another provider is to be found",
    "break_circle": "is asked to bring the providers together and to record how the circle is broken",
    "safety_activated": "is told at once that a trigger of the safety plan occurred",
    "respond_now": "is asked to make the agreed response now, and to record it",
    "measure_lapsed": "is told that the measure is over, and that the person is to be told",
    "propose_or_end": "is asked to propose it with reasons, or to let it end",
    "danger_over": "is told that what was done in imminent danger is over",
    "convene": "is asked to bring together those who can decide on it",
}
"""What a rung asks for, by the code of its action; a code of a program's own stands as it is."""
