# The words of notices. Messages carry codes and references, never content of a case: what stands here may be read by
# whoever passes by a screen, so no name, no phase and no reason is ever filled in. Every message has an attribute
# .subject; a program's action without words of its own is told by "notice".

notice = Case { $case }: you are asked to act on { $kind }. What is asked: { $action }.
    .subject = Case { $case }: { $action }

remind = A reminder, case { $case }: { $kind } falls due soon.
    .subject = Case { $case }: due soon

act_now = Case { $case }: { $kind } is due and still open. Please see to it now, or record why it cannot be done.
    .subject = Case { $case }: due now

take_up = Case { $case }: { $kind } is overdue and comes to you. Please take it up with whoever holds it, and record what was agreed.
    .subject = Case { $case }: overdue, please take it up

convene = Case { $case }: { $kind } stays open although reminders went out. Please bring together those who can decide on it.
    .subject = Case { $case }: please convene

second_channel = Case { $case }: { $kind } is due and no contact was recorded. Please try a second channel today.
    .subject = Case { $case }: try a second channel today

call = Case { $case }: { $kind } is overdue and still no contact was recorded. Please call, and reach out to the trusted contact if that was agreed.
    .subject = Case { $case }: please call

welfare_check = Case { $case }: { $kind } is overdue and still no contact was recorded. Please make sure that the person is well. This is for the person's safety; no sanction follows.
    .subject = Case { $case }: please check on welfare

legal_hold_ended = Case { $case }: { $kind } has come to its end. If the law demands that the record be kept longer, place another one, with reasons.
    .subject = Case { $case }: a legal hold has ended

record_sealed = Case { $case }: { $kind } is overdue, so the record is sealed from operators. Please review it, or ask for its erasure.
    .subject = Case { $case }: sealed until you review it

ask_themself = Case { $case }: { $kind } has come, and nobody consents for the person any more. Please tell them, and ask them themself. Support goes on.
    .subject = Case { $case }: please ask the person themself

sharing_stopped = Case { $case }: { $kind } was not obtained in time, so what it permitted has stopped. Support goes on. If it is still wanted, please ask the person.
    .subject = Case { $case }: sharing has stopped

hold_ended = Case { $case }: { $kind } has come. The pause is over, and what stood still goes on with the time it had left.
    .subject = Case { $case }: the pause is over

review_requested = A review was requested for case { $case }. Please read the file and decide, or recuse yourself. Silence approves nothing.
    .subject = Case { $case }: a review awaits you

review_decided = A review of case { $case } was decided. The decision and its reasons stand in the case.
    .subject = Case { $case }: a review was decided

celebrate = Case { $case }: there is good news. { $kind } is due: please tell the person in plain words, in the language and over the channel that they chose.
    .subject = Case { $case }: good news to tell

support_stalled = Case { $case }: { $kind } is due and none was attested. The support has stalled and goes on being owed. Please find out what holds it up, and get it going again.
    .subject = Case { $case }: a support has stalled

retention_stopped = Case { $case } is open again, by { $kind }. Its record is needed, and no term of its retention runs any more.
    .subject = Case { $case }: open again, its record is kept

assess = Case { $case }: { $kind } is due and was not made. Please assess the person now, in words, or record why it cannot be done. Nothing follows from it by itself.
    .subject = Case { $case }: an assessment is due

answer_concern = Case { $case }: { $kind } is due and nobody gave one. Please find out what is needed, do it, and record what was done. No sanction follows.
    .subject = Case { $case }: a concern waits for an answer
referral_returned = Case { $case }: { $kind } did not come in time, so the referral is back with its owner. Please ask once more by phone, and find another provider; a late reply still counts.
    .subject = Case { $case }: nobody replied to a referral

break_circle = Case { $case }: { $kind } is due. Providers wait for each other, and the person gets help from none of them. Please bring them together, and record who waives which precondition.
    .subject = Case { $case }: providers wait for each other
safety_activated = Case { $case }: a trigger of the safety plan occurred, and { $kind } is owed now. Please do what was agreed, and record it.
    .subject = Case { $case }: a safety plan is set off

respond_now = Case { $case }: { $kind } is owed and not on record. Please make the agreed response now, or see to it that somebody does, and record it.
    .subject = Case { $case }: respond now

measure_lapsed = Case { $case }: { $kind } passed and nobody acted, so the measure is over. The person is to be told. If it is still needed, it takes a new basis and a new proposal.
    .subject = Case { $case }: a measure has lapsed

propose_or_end = Case { $case }: { $kind } comes soon. Please propose the measure if it is to go on after a decision, or end it now.
    .subject = Case { $case }: an act in danger ends soon

danger_over = Case { $case }: { $kind } has come; what was done in imminent danger is over. The person is to be told.
    .subject = Case { $case }: an act in danger is over

act_decided = A proposed act in case { $case } was decided. The decision stands in the case; the person is told of it before anything else happens.
    .subject = Case { $case }: a proposed act was decided

objection_filed = Case { $case }: the person objects to { $kind } that rejected the move although every condition was met. Please decide, with reasons, as somebody who took no part before.
    .subject = Case { $case }: an objection awaits you
appeal_filed = An appeal was filed in case { $case }, and nothing is done meanwhile. Please read the file and decide if you took no part before.
    .subject = Case { $case }: an appeal awaits you

where = To see it, type: offramp case show { $stream }
where-with-link = To see it, open { $link } or type: offramp case show { $stream }
footer = This message was sent by Offramp and cannot be answered.

kind-check_in = a check-in
kind-milestone_verification = the verification of a milestone
kind-milestone_renewal = the renewal of a milestone
kind-review_decision = the decision of a review
kind-progress_review = a review of progress
kind-phase_overstay = the usual time in a phase
kind-consent_request = a request for consent
kind-welfare_offer = An offer of support
kind-disclosure_decision = a decision on a disclosure
kind-tell_of_disclosure = telling the person of a disclosure
kind-tell_recipient = telling a recipient of a change
kind-access_request = an answer to a request for access
kind-legal_hold = a legal hold
kind-retention_review = a review whether the record is still necessary
kind-erasure_decision = a decision on an erasure
kind-consent_renewal = a fresh consent
kind-sharing_renewal = a fresh consent to sharing
kind-own_consent = a consent of the person alone, who came of age
kind-coming_of_age = a coming of age
kind-coming_of_age_date = the day of a coming of age, to be put on record
kind-lawful_basis_review = a look at the lawful basis
kind-possible_link = an answer to a possible link with another case
kind-hold_approval = a decision on a pause of the case
kind-extension_decision = a decision on a request for more time
kind-hold_end = the end of a pause
kind-notice_delivery = a notice that could not be delivered
kind-notice_service = a notice to be served on the person
kind-adverse_decision = the decision on a proposed act
kind-appeal_decision = the decision on an appeal
kind-objection_decision = the decision on an objection to a review
kind-adverse_effect = an upheld act that waits to be carried out or given up
kind-measure_expiry = the end of a measure
kind-measure_review = the review of a measure
kind-assessment_baseline = the first assessment
kind-assessment_renewal = the next assessment
kind-reassessment = a fresh look after an incident
kind-concern_response = an answer to a concern
kind-concern_closure = a judgement whether a concern is over
kind-celebration = telling the person what they reached
kind-tell_provider = telling a provider of the erasure
kind-need_answer = an answer to a need of the person
kind-referral_reply = a reply to a referral
kind-referral_progress = the beginning of what was referred
kind-referral_outcome = the result of a referral
kind-referral_alternative = another provider for a referral that came back
kind-circular_precondition = a way out of a circle of preconditions
kind-support_start = the beginning of a support
kind-support_session = a session of a support
kind-learning_review = the learning review of a setback
kind-learning_action = an action of a learning review
kind-follow_up = a follow-up after the exit
kind-reentry = the person's return
kind-relative_consent_renewal = a fresh consent of a related person
kind-family_goal_review = a look at a family goal
kind-relative_support_offer = an offer of support to a related person
kind-relative_session = a session with a related person
kind-safety_plan = the safety plan
kind-safety_plan_review = a review of the safety plan
kind-safety_response = the response agreed in the safety plan
kind-danger_end = the end of an act in imminent danger
kind-adverse_act = a proposed act
kind-review = a review
