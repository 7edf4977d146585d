# What each kind of entry says to the person whom the case is about. One message a stored type of event, named after it.
#
# Arguments are made from the event's own fields (starter/statement/arguments.py): $field is the value for choosing (a code, a number, a
# day in words, "yes", "no" or "none"), $field-title what a code is called. Short sentences, no codes, nobody's name.

# Shared: what an act is called, how somebody was told.
act-kind = { $kind ->
    [step_back] going back to the step “{ $subject-title }”
    [exit_for_cause] ending your part in the program
    [refuse_advance] not moving on to “{ $subject-title }” for now
    [reduce_support] less support than before
    [measure] a restriction
   *[other] { $kind-title }
  }
how-told = { $how ->
    [in_person] in person
    [call] by telephone
    [letter] by letter
    [sent] by post or message
    [handed_over] by hand
   *[other] { $how-title }
  }

case_opened = Your case was opened. Somebody wrote down why the program can be right for you.
phase_entered = { $kind ->
    [open] You began with the step “{ $phase-title }”.
    [step_back] You went back to the step “{ $phase-title }”.
    [exit] You left the active part of the program. Now comes “{ $phase-title }”.
    [exit_for_cause] Your part in the program was ended. Now comes “{ $phase-title }”.
    [re_entry] You came back. You go on in the step “{ $phase-title }”.
   *[other] You moved on to the step “{ $phase-title }”.
  }
progress_reviewed = We looked at how things are going in “{ $phase-title }”: { $direction ->
    [forward] things are moving forward.
    [backward] things have become harder.
   *[steady] things are much as before.
  }
case_closed = Your case was closed.
case_reentered = You wanted to come back to us, and you are welcome. { $closed ->
    [yes] Your case is open again.
   *[no] Your case goes on.
  } This is your time with us number { $episode }.

milestone_claimed = Somebody in the team said that this goal is reached: “{ $milestone-title }”. It rests on { $evidence ->
    [one] one piece of evidence
   *[other] { $evidence } pieces of evidence
  }: { $evidence-title }. Another person has to check it.
milestone_verified = Another person checked this goal and confirmed it: “{ $milestone-title }”.
milestone_returned = This goal was checked and not confirmed yet: “{ $milestone-title }”. It can be shown again at any time.
milestone_contradicted = We learned something that speaks against this goal: “{ $milestone-title }”. What was confirmed before stays on record as it was.
milestone_expired = This goal was confirmed a long time ago and has to be looked at again: “{ $milestone-title }”. Nothing is taken from you.

review_requested = A panel was asked to decide whether you move on to “{ $to-title }”.
vote_cast = A member of the panel voted { $choice ->
    [approve] for
   *[reject] against
  } the move.
reviewer_recused = A member of the panel stepped back from the decision, to keep it fair.
review_decided = The panel decided on the move to “{ $to-title }”: { $outcome ->
    [approved] yes.
    [rejected] not now.
   *[other] { $outcome-title }.
  } { $approved_by ->
    [one] One member was
   *[other] { $approved_by } members were
  } for it, { $rejected_by } against it.
review_superseded = The panel does not decide on the move to “{ $to-title }” any more, because your case moved on.

check_in_kept = We were in contact, { $channel ->
    [in_person] in person
    [visit] by a visit
    [call] by telephone
    [message] by message
    [video] by video
   *[other] { $channel-title }
  }.
check_in_missed = We had planned contact with you and it did not happen. This is not held against you. We try to make sure that you are well.
check_in_excused = There was a good reason why contact did not happen. It is on record.
absence_classified = We wrote down how we understand that planned contact did not happen: { $absence ->
    [excused] there was a good reason
    [unexcused] we know of no good reason
   *[unknown] we do not know why
  }. Nothing follows from this for you.
absence_corrected = Another person corrected how we understand that planned contact did not happen: { $absence ->
    [excused] there was a good reason
    [unexcused] we know of no good reason
   *[unknown] we do not know why
  }. What was written before stays on record. Nothing follows from this for you.
support_level_set = Your support was set to “{ $level ->
    [acute] very close
    [high] close
    [medium] medium
    [low] light
   *[other] { $level-title }
  }”. { $direction ->
    [more] This is more than before.
    [less] This is less than before.
   *[same] This is where you began, or as before.
  }
contact_paused = We stopped planning contact with you. This is not held against you.
contact_resumed = We plan regular contact with you again.

consent_given = You agreed to this: “{ $scope-title }”. { $until ->
    [none] You can take it back at any time.
   *[other] It holds until { $until }. You can take it back at any time.
  }
consent_declined = You said no to this: “{ $scope-title }”. This is your right. Nothing follows from it.
consent_withdrawn = You took back your agreement to this: “{ $scope-title }”. It stopped at once. This is your right, and nothing bad follows from it.
consent_lapsed = Your agreement to this has ended: “{ $scope-title }”. { $because ->
    [partner_left] The other office no longer works with us.
    [came_of_age] You are of age now. Somebody had agreed to it together with you, and you yourself did not answer yet.
   *[other] We did not ask you again in time.
  } What it allowed has stopped. Your support goes on.
consent_asked = { $own ->
    [yes] You are of age now. So we want to ask you yourself whether you agree to this: “{ $scope-title }”. You are free to say no.
   *[no] We want to ask you whether you agree to this: “{ $scope-title }”. You are free to say no.
  }
coming_of_age_due_recorded = We wrote down when you come of age: { $due }. From then on nobody else agrees to anything for you.
came_of_age = You are of age since { $since }. Nobody else agrees to anything for you any more. We ask you yourself. Your support goes on.
welfare_offer_made = After you stopped, we made you an offer of help. { $response ->
    [accepted] You accepted it.
    [declined] You declined it. That is your right.
   *[not_reached] We did not reach you.
  }

lead_assigned = { $former ->
    [none] The person in the team who is there for you was named: { $person }.
   *[other] Another person in the team is there for you now: { $person }.
  }
lead_confirmed = We looked up how long { $person } works here and is trained for it.
lead_left = { $person } no longer works here. Until another person in the team is there for you, those who lead the team are.
hold_requested = Somebody asked to pause your case until { $until }. The reason: “{ $kind-title }”.
hold_began = Your case was paused until { $until } at most. The reason: “{ $kind-title }”. Your rights are not paused.
hold_ended = { $how ->
    [dropped] The pause that was asked for was not approved.
   *[other] The pause of your case is over.
  }
lawful_basis_recorded = We wrote down why the law lets us keep this record: “{ $basis-title }”. We look at this again by { $review_by }.
partner_joined = This office began to work with us in your case: “{ $partner-title }”. It does not get to read your record.
partner_left = This office no longer works with us in your case: “{ $partner-title }”.

disclosure_requested = Somebody in the team asked to tell “{ $partner-title }” something about you: { $fields-title }. What for: “{ $purpose-title }”. At this point nothing was told.
disclosure_made = We told “{ $partner-title }” this about you, and nothing else: { $fields-title }. What for: “{ $purpose-title }”. Why we may: “{ $basis-title }”.
disclosure_declined = It was decided not to pass this on. Nothing was told.
disclosure_stopped = { $because ->
    [no_consent] Nothing was passed on, because you do not agree to it or no longer do.
   *[other] Nothing was passed on, because your case is closed.
  }
disclosure_told = We told you that something about you was passed on ({ how-told }).
disclosure_corrected = Something that we had passed on about you was wrong or has changed. We put it right: { $fields-title }.
recipient_told = We told the office that had received it of the { $about ->
    [correction] correction
    [erasure] deletion
   *[other] change
  }.

access_requested = You asked to see what we hold about you.
access_answered = We answered your request. { $answer ->
    [given] You were given what we hold.
    [given_in_part] You were given a part of what we hold. The reasons for the rest are written down.
    [nothing_held] We hold nothing about you.
   *[other] { $answer-title }.
  }
copy_given = You received your own copy ({ how-told }).
legal_hold_placed = By law this record must not be deleted before { $until }. The reasons are written down.
legal_hold_lifted = The rule that this record must not be deleted was lifted.
legal_hold_expired = The rule that this record must not be deleted has come to its end.
record_classified = How your case ended was written down: “{ $outcome-title }”.
retention_class_set = It was set how long we keep this record: until { $keep_until } at most.
retention_reviewed = We looked at whether we still need this record. We do, and the reasons are written down.
retention_stopped = Your case is open again. So the day on which this record was to be deleted no longer counts.
record_sealed = We did not look in time at whether we still need this record. So it was locked. The team can no longer read it.
erasure_requested = Somebody asked that this record be deleted. A second person has to decide.
erasure_approved = A second person agreed that this record is deleted.
erasure_declined = It was decided not to delete this record now. The reasons are written down.

adverse_act_proposed = Somebody in the team made a proposal that you may not want: { act-kind }. Nothing happened by this. First you are told, and you can say what you think.
hearing_opened = You can say what you think about the proposal until { $until }.
representation_recorded = What you have to say about the proposal was put on record.
adverse_vote_cast = A person who decides on the proposal voted { $choice ->
    [uphold] for
   *[drop] against
  } it.
adverse_act_decided = The proposal was { $outcome ->
    [upheld] accepted. It does not take effect yet. You can appeal.
   *[dropped] turned down. It will not happen.
  }
adverse_act_lapsed = The proposal is over, and nothing happens. { $because ->
    [nobody_decided] Nobody decided on it in time.
    [ended_by_court] A court ended it.
   *[other] Your case has moved on.
  }
appeal_window_opened = You could appeal against the decision from now on, until { $until }.
appeal_filed = Your appeal was received. Until it is decided nothing happens.
appeal_vote_cast = A person who decides on your appeal voted to { $choice ->
    [allow] agree with you
   *[dismiss] turn it down
  }.
appeal_decided = { $outcome ->
    [allowed] Your appeal was successful. The decision against your wish does not take effect.
   *[dismissed] Your appeal was turned down by people who took no part before. The reasons are written down.
  }
objection_filed = Your objection to the panel's decision was received. Other people decide on it.
objection_vote_cast = A person who decides on your objection voted to { $choice ->
    [allow] agree with you
   *[dismiss] turn it down
  }.
objection_decided = { $outcome ->
    [allowed] Your objection was successful. Other people decide about your next step again.
   *[dismissed] Your objection was turned down by people who took no part before. The reasons are written down.
  }
objection_route_closed = There is nothing left to object to: your case has moved on, or the panel is asked again.
dismissal_served = You were told that your appeal was turned down.
adverse_act_took_effect = This decision against your wish took effect: { act-kind }. { $refused_until ->
    [none] {""}
   *[other] It holds until { $refused_until }.
  }
upheld_act_lapsed = The decision against your wish is over, and nothing happens. { $because ->
    [nobody_carried_it_out] Nobody carried it out in time.
    [appeal_allowed] Your appeal was successful.
    [ended_by_court] A court ended it.
   *[other] Your case has moved on.
  }
measure_proposed = A restriction was proposed: “{ $kind-title }”, for { $lasts }. The ground in law: “{ $legal_basis-title }”. Nothing has changed for you by this.
measure_began = { $mode ->
    [voluntary] You agreed to this: “{ $kind-title }”. It began, and ends on { $until } at the latest. You can stop it at any time.
   *[mandated] A restriction began: “{ $kind-title }”. It ends on { $until } at the latest.
  }
renewal_proposed = It was proposed that the restriction lasts longer, for { $lasts }. Nothing has changed for you by this.
measure_renewed = The restriction lasts longer. It ends on { $until } at the latest.
measure_reviewed = We looked at whether the restriction is still needed. It is, and the reasons are written down.
measure_ended = The restriction or agreement “{ $content-title }” is over. { $how ->
    [lapsed] Its time ran out.
    [withdrawn] You stopped it. That is your right.
    [court_order] A court ended it.
    [case_closed] Your case was closed.
   *[ended] We ended it.
  }
danger_asked = Somebody saw an immediate danger and asked for this: “{ $kind-title }”. A second person had to agree before anything could happen.
danger_confirmed = Because of an immediate danger, two people decided on this: “{ $content-title }”. It ends on { $until } at the latest.
danger_ended = { $in_force ->
    [yes] What was done because of an immediate danger is over: “{ $content-title }”.
   *[no] What was asked for because of an immediate danger was not done: “{ $content-title }”.
  }
participant_notice_served = We told you ({ how-told }): { $about ->
    [referral] why you are here with us.
    [act_proposed] that there is a proposal you may not want.
    [act_upheld] that the proposal was accepted, and that you can appeal.
    [act_dropped] that the proposal was turned down.
    [act_lapsed] that the proposal or decision is over.
    [act_took_effect] that the decision took effect.
    [appeal_allowed] that your appeal was successful.
    [appeal_dismissed] that your appeal was turned down.
    [review_approved] that the panel agreed to your next step.
    [review_rejected] that the panel did not agree to your next step, and why.
    [objection_allowed] that your objection was successful.
    [objection_dismissed] that your objection was turned down.
    [outcome] how your case ended.
    [reopened] that your case is open again, and that the day on which your record was to be deleted no longer counts.
    [more_time] that something takes longer, and why.
    [came_of_age] that you are of age, and that nobody else agrees to anything for you any more.
    [measure_began] that something you agreed to began.
    [measure_ended] that the restriction or agreement is over.
    [danger_confirmed] what was done because of an immediate danger.
    [danger_ended] that what was done because of an immediate danger is over.
   *[other] about something in your case.
  }

extension_requested = Somebody asked for more time, until { $until }, for this: { $clock-title }. Nothing changes before a second person has decided.
extension_approved = There is more time for this: { $clock-title }. It was to be done by { $was }. Now it is to be done by { $due }.
extension_declined = There is no more time for this: { $clock-title }. The date stays as it was.
extension_overtaken = Nobody has to decide any more on more time for this: { $clock-title }.

silence_fell = The date for this was { $due }, and nobody had acted by then: { $kind-title }. This never counts against you.
command_refused = Somebody wanted to do something in your case that the rules do not allow{ $command ->
    [claim_milestone] : to record a goal as reached
    [verify_milestone] : to confirm a goal
    [request_review] : to ask a panel for a decision
    [approve_review] : to vote on a move
    [reject_review] : to vote on a move
    [propose_adverse_act] : to propose something that you may not want
    [decide_adverse_act] : to vote on a proposal
    [carry_out_adverse_act] : to carry out a decision
    [propose_measure] : to propose a restriction
    [renew_measure] : to make a restriction last longer
    [request_disclosure] : to pass something on about you
    [approve_disclosure] : to pass something on about you
    [act_in_danger] : to act because of an immediate danger
    [request_erasure] : to delete the record
    [approve_erasure] : to delete the record
    [give_consent] : to record that you agree to something
   *[other] {""}
  }. It was refused, and nothing happened. You can ask us why.

handover_offered = The person in the team who is there for you wants another person to take over: { $person }. Until that person says yes, nothing changes.
handover_accepted = { $person } said yes to being there for you.
handover_declined = { $person } could not take over. Nothing changes for you.
handover_withdrawn = The team no longer plans that another person takes over. Nothing changes for you.
absence_began = { $person } is away until { $until }. Until then { $deputy } is there for you.
absence_ended = { $person } is back and is there for you again.

possible_link_found = You may have been with us before, under another case. A person looks at this. Nothing changes for you.
link_confirmed = A person made sure: you were with us before. Your help can now be seen together.
link_rejected = A person made sure: the other case is not yours.
need_identified = We wrote down what you need: “{ $need-title }”.
need_closed = What you need, “{ $need-title }”, is no longer open: { $how ->
    [addressed] you got help with it.
    [not_wanted] you no longer want help with it.
   *[other] it is taken care of elsewhere.
  }
support_planned = You were promised help: “{ $kind-title }”, { $sessions ->
    [one] { $sessions } meeting
   *[other] { $sessions } meetings
  }, from { $starts }. You agreed to it.
support_begun = The help that you were promised, number { $support }, has begun.
session_attested = A meeting took place on { $observed_at }: meeting { $session } of help number { $support }.
support_stalled = Help number { $support } has not gone on as promised. That is not your fault. We are looking into it, and the help stays yours.
support_completed = Help number { $support } was given as promised.
support_ended = Help number { $support } ended: { $successor ->
    [none] somebody decided so, and wrote down why. You can ask us why.
   *[other] help number { $successor } goes on in its place.
  }
referral_requested = With your agreement we asked { $provider-title } to help you: “{ $kind-title }”. They must answer us (referral { $referral }).
referral_accepted = The place that we asked wants to help you (referral { $referral }). We see to it that it begins.
referral_rejected = The place that we asked does not help you now (referral { $referral }). { $needs ->
    [none] That is not your fault.
   *[other] They want something else to be settled first: “{ $needs-title }”. That is not your fault.
  } We look for another way.
referral_begun = The help of the place that we asked has begun (referral { $referral }).
referral_completed = The place that we asked says that you got its help (referral { $referral }).
referral_failed = The help that we had asked for did not come about (referral { $referral }). We look for another way.
referral_cancelled = We took back the request to the place that we had asked (referral { $referral }).
referral_returned = { $because ->
    [silence] The place that we asked did not answer us in time (referral { $referral }). That is not your fault. We look for another way.
   *[other] You no longer want us to share with the place that we asked, so we took the request back (referral { $referral }). We look for another way.
  }
provider_told = We told { $provider-title }, which we had asked to help you, that your record was deleted.
alternative_ruled_out = Somebody looked for another place that can help with “{ $need-title }” and found none, and wrote down why. What you need stays open. You can ask us why.
circular_precondition_found = Several places wait for each other before they help you: { $needs-title }. That is not your fault. The chair of the panel must find a way out.
circle_broken = The chair of the panel wrote down how the places that waited for each other can help you after all.
entitlement_granted = You get what you are entitled to: “{ $entitlement-title }”. Nobody may take it back.
referrer_feedback_recorded = { $outcome ->
    [heard] We asked whoever had referred you how they see things now. What they said is in your record, and decides nothing.
    [not_reached] We tried to ask whoever had referred you how they see things now, and did not reach them.
   *[other] We wrote down that you came on your own.
  }
celebration_set = { $wanted ->
    [yes] You want to hear from us when you have reached something. We tell you in the way that you chose.
   *[no] You do not want to hear from us when you have reached something.
  }
celebration_owed = You have reached something: “{ $subject-title }”. We will tell you in the way that you chose.
celebration_recorded = We told you that you have reached “{ $subject-title }”.
assessment_recorded = Somebody in the team wrote down, in words and without any score, how things are for you. Their judgement: “{ $judgement-title }”. { $direction ->
    [easing] Worries are getting smaller.
    [growing] Worries are getting bigger.
    [steady] Worries are as before.
   *[other] It is not clear which way worries move.
  } This decides nothing by itself. You can ask to read it.
assessment_corrected = What was written down about how things are for you, number { $assessment }, was corrected, with reasons. The judgement is now: “{ $judgement-title }”. What stood there before stays on record too.
reassessment_owed = Something happened, so we will look with you at how things are for you. Nothing else follows from it.
concern_raised = Somebody was worried: “{ $kind-title }”. We owe an answer to that. It is not held against you.
concern_answered = Something was done about worry number { $concern }. You can ask us what.
concern_closed = Another person than the one who is there for you judged that this worry is over: “{ $kind-title }”.
follow_ups_began = You are past the program’s last step. { $terms ->
    [one] We ask you once more
   *[other] We ask you { $terms } more times
  } how you are. You are free to say no.
follow_up_attempted = We tried to reach you to ask how you are, { $channel ->
    [in_person] in person
    [visit] by a visit
    [call] by telephone
    [message] by message
    [letter] by letter
   *[other] { $channel-title }
  }. We write down only how and when, and never where you are.
follow_up_recorded = We talked about how you are, on { $observed_at }. What you said is in your record.{ $late_contact ->
    [yes] {""} You came by yourself. You can always do that.
   *[no] {""}
  }
follow_up_declined = You did not want us to ask how you are. That is your right. You can come to us at any time all the same.
follow_up_unreached = We tried { $attempts } times to reach you and did not. Somebody else looked at whether we had tried enough. It is not held against you, and you can come to us at any time.
follow_ups_ended = What we still wanted to ask you after the program’s last step is not needed any more: your case has moved on.
related_person_added = Somebody close to you is in your record: { $kind-title }. Who it is stands sealed.
related_person_removed = Somebody close to you is no longer part of your record.
relative_consent_given = Somebody close to you agreed to { $scope ->
    [contact] talk with us about you. You can say no to that at any time
    [support] get help for themselves
   *[mention] your reading here what help they get for themselves
  }.
relative_consent_withdrawn = Somebody close to you does not want { $scope ->
    [contact] to talk with us about you
    [support] help for themselves
   *[mention] you to read what help they get for themselves
  } any more. That is their right, and says nothing about you.
relative_consent_lapsed = Somebody close to you had agreed to talk with us about you. The time for that is over, and we do not talk with them any more.
relative_contacted = We talked with somebody close to you, as you and they had agreed, { $about ->
    [welfare] to know that you are well
   *[family_work] about getting on with each other
  }.
family_goal_agreed = You and somebody close to you agreed on something that you want to reach together: goal { $goal }.
family_goal_reviewed = You and somebody close to you looked at goal { $goal } again. { $outcome ->
    [goes_on] You go on with it.
    [met] You have reached it.
   *[set_aside] You leave it for now. That is nobody’s fault.
  }
relative_support_requested = Somebody close to you asked us for help for themselves.
relative_support_offered = We offered somebody close to you help for themselves: “{ $kind-title }”. { $answer ->
    [accepted] They took it.
   *[declined] They did not want it.
  }
relative_session_attested = Somebody close to you had a meeting for themselves on { $observed_at }.
relative_support_ended = The help for somebody close to you has ended.

safety_planned = Something for safety was agreed, number { $entry }: “{ $threat-title }”. It is for { $layer ->
    [person] you
    [family] your family
    [neighborhood] people near you
   *[other] people in the team
  }. It is yours whatever happens, and no reward for anything.
safety_entry_retired = What was agreed for safety under number { $entry } no longer holds. { $successor ->
    [none] Somebody decided so, and wrote down why. You can ask us why.
   *[other] Number { $successor } holds in its place.
  }
safety_activated = Something happened that the safety plan speaks of: “{ $threat-title }”. Whoever agreed to help has to do so now.
safety_response_recorded = What was agreed for safety was done.
safety_plan_reviewed = We looked at the safety plan again.
protection_recorded = { $outcome ->
    [reached] We reached “{ $service-title }”.
   *[other] We asked “{ $service-title }” for help, and were refused. That is not your fault. We look for another way.
  }
safety_review_called = We look at the safety plan again soon, because something went hard for you.
setback_recorded = Something went hard for you on { $observed_at }: “{ $kind-title }”. You broke no rule, and nothing is taken from you. What you were promised goes on.
learning_recorded = The team looked at what it can learn from what went hard for you. { $actions ->
    [0] It decided on nothing new.
    [one] It will do one thing differently.
   *[other] It will do { $actions } things differently.
  }
learning_action_closed = { $how ->
    [done] The team did something that it had decided to do differently.
   *[other] The team could not do something that it had decided on. Why is written down.
  }
