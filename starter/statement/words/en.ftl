# The words of the statement around its entries. Short sentences, no jargon, nothing that only an expert knows.

title = Your record: what is in it, and your rights
for-you = This letter is for you. It says what { $program } has on record about you. You can ask for it again at any time.
as-of = As of { $day }. Number of your case: { $case }.
contents = What you find here
now-phase = You are in the step “{ $phase }” since { $since }.
now-closed = Your case is closed since { $since }.
now-lead = The person in the team who is there for you: { $lead }.
not-opened = No case was opened for you.
help = If something is hard to understand, ask us. We explain it to you, also in another language.

term-hours = { $number ->
    [one] one hour
   *[other] { $number } hours
  }
term-days = { $number ->
    [one] one day
   *[other] { $number } days
  }
term-working-days = { $number ->
    [one] one working day
   *[other] { $number } working days
  }
term-weeks = { $number ->
    [one] one week
   *[other] { $number } weeks
  }
term-months = { $number ->
    [one] one month
   *[other] { $number } months
  }
term-years = { $number ->
    [one] one year
   *[other] { $number } years
  }
scope-with = { $scope }: { $partner }
consent-basis = You agreed to it

held-heading = What we hold about you, and why
held-what = What we hold
held-part = That you take part, in which step of the program you are, and since when.
held-contact = When we were in contact with you, and what was done for you.
held-consents = What you agreed to, and what not.
held-decisions = What was decided about you, by whom, and when.
held-texts = { $number ->
    [0] No written texts yet.
    [one] One written text, for example reasons for a decision. It is locked.
   *[other] { $number } written texts, for example reasons for decisions. They are locked.
  }
held-name = Your name does not stand in this record. It stands under a number.
held-goals = Your goals
goal-column = Goal
standing-column = How it stands
since-column = Since
standing = { $status ->
    [claimed] said to be reached, not checked yet
    [verified] confirmed
    [returned] not confirmed yet
    [contradicted] something new speaks against it
    [expired] to be looked at again
   *[other] { $status }
  }
held-why = Why we hold it
held-basis = { $basis }. On record since { $since }. We look at this again by { $review }.
held-basis-none = It is not on record yet on what ground in law we hold this. We have to put that on record.
held-consent-apart = Taking part is another matter. You take part only because you want to.
held-long = How long we keep it
keep-open = As long as your case is open. When it is closed, it is set how long we keep the record.
keep-unset = Your case is closed. It is not set yet how long we keep the record.
keep-until = Until { $until } at most. In between we check whether we still need it.
keep-hold = By law it must not be deleted before { $until }.
keep-sealed = It is locked since { $since }. The team can no longer read it.
keep-erased = On { $since } it was decided to delete it.

decided-heading = What was decided, and why
decided-lead = These are the decisions in your case, in order. You find everything else further below.
decided-texts = Where a number of a written text stands, somebody wrote down the reasons on that day. The text is locked, so that not everybody can read it. You can ask for it. Tell us the number.
decided-none = Nothing was decided yet.
texts = { $number ->
    [one] Written text no. { $texts }
   *[other] Written texts no. { $texts }
  }
times = { $text } ({ $number } times)

seen-heading = Who may see it, and who did
seen-team = Who may see your record
seen-team-text = The team that works with you, and those who decide in your case. What each of them may do stands in the rules of the program.
seen-police = No other office can look into your record, also not the police. If something is passed on, it is a decision of its own. It is listed here.
seen-consents = What you agreed that we may tell others
seen-consent = { $scope }. Since { $since }. { $until ->
    [none] No end is set.
   *[other] Ends on { $until }.
  }
seen-consents-none = You did not agree that we tell anybody anything.
seen-partners = Offices that work with us in your case
seen-partner = { $partner }, since { $since }. Working with us does not let them read your record.
seen-partners-none = No other office works with us in your case.
seen-told = What was told to others
seen-referred = That you take part, and that you need: { $need }
seen-told-none = Nothing is listed.
seen-told-whom = To whom
seen-told-what = What
seen-told-why = Why we may
seen-when = When
seen-read = Who read a written text
seen-read-none = Nobody has opened one of the written texts.
seen-read-who = Who
seen-read-text = Text no.
seen-read-for = What for
seen-looked = Who looked at your record
seen-looked-none = Nobody has looked at your record.
seen-looked-often = How often
seen-looked-last = Last on
seen-console = somebody who runs the computer itself
seen-delay = In rare cases the law lets us tell you only later that something was passed on. What we may tell you only later does not stand here yet. This sentence stands in every letter, also where there is no such thing.
seen-kin = People close to you can get help of their own from us. What they tell us, and whether they come at all, belongs to them, and stands here only if they agreed. This sentence stands in every letter, also where nobody came.

next-heading = What comes next
next-lead = These are things that we owe you or have to decide. You do not have to do any of them. If we are late, it never counts against you.
next-none = Nothing is open.
next-by = By
next-what = What
next-late = late, was due on { $day }
next-paused = on pause
next-check_in = We get in touch with you.
next-consent_request = We ask you whether you agree to something{ $subject ->
    [none] {""}
   *[other] : “{ $subject }”
  }. You are free to say no.
next-consent_renewal = We ask you again whether you still agree: “{ $subject }”.
next-sharing_renewal = We ask you again whether you still agree: “{ $subject }”. Without your yes it stops.
next-own_consent = You are of age now. We ask you yourself whether you agree: “{ $subject }”. You are free to say no.
next-coming_of_age = You come of age. From then on nobody else agrees to anything for you.
next-coming_of_age_date = We put on record when you come of age. From then on nobody else agrees to anything for you.
next-welfare_offer = We make you an offer of help.
next-milestone_verification = We check a goal: “{ $subject }”.
next-milestone_renewal = We look at a goal again: “{ $subject }”.
next-review_decision = The panel decides whether you move on.
next-progress_review = We look with you at how things are going.
next-phase_overstay = We look at how long this step takes, and why.
next-notice_service = We tell you of something important, in your language.
next-notice_opening = We tell you why you are here with us, in your language.
next-tell_of_disclosure = We tell you that something about you was passed on.
next-disclosure_decision = Somebody decides whether something about you is passed on.
next-tell_recipient = We tell another office that something has changed or was deleted.
next-access_request = We answer your request to see what we hold.
next-legal_hold = The rule ends that your record must not be deleted.
next-retention_review = We check whether we still need your record.
next-erasure_decision = Somebody decides whether your record is deleted.
next-lawful_basis_review = We put on record on what ground in law we hold this, or look at it again.
next-hold_approval = Somebody decides whether your case is paused.
next-objection_decision = Your objection is decided.
next-hold_end = The pause of your case ends.
next-adverse_decision = It is decided on the proposal that you may not want.
next-appeal_decision = Your appeal is decided.
next-adverse_effect = The decision against your wish is carried out or given up.
next-measure_expiry = The restriction or agreement ends, if it is not decided anew.
next-measure_review = We check whether the restriction is still needed.
next-danger_end = What was done because of an immediate danger ends.
next-extension_decision = Somebody decides whether there is more time for something.
next-assessment_baseline = We look with you, for the first time, at how things are for you.
next-assessment_renewal = We look with you again at how things are for you.
next-reassessment = Something happened, and we look with you at how things are for you.
next-concern_response = Somebody was worried, and we answer that.
next-concern_closure = Somebody judges whether a worry is over.
next-tell_provider = We tell a place that we had asked to help you that your record was deleted.
next-need_answer = We find out with you who can help with something that you need.
next-referral_reply = A place that we asked to help you answers us.
next-referral_progress = The help of a place that wants to help you begins.
next-referral_outcome = A place that helps you tells us what came of it.
next-referral_alternative = We find another place that can help you.
next-circular_precondition = The chair of the panel finds a way out where places wait for each other before they help you.
next-learning_review = The team looks at what it can learn after something went hard for you. It is not about fault.
next-learning_action = The team does something differently that it decided on.
next-follow_up = We ask you how you are. You are free to say no.
next-family_goal_review = We look at what you and somebody close to you want to reach together.
next-relative_consent_renewal = We ask somebody close to you whether they still agree to talk with us about you.
next-relative_support_offer = We offer help to somebody close to you.
next-relative_session = Somebody close to you has a meeting for themselves.
next-safety_plan = We write a safety plan with you.
next-safety_plan_review = We look at the safety plan again.
next-safety_response = Whoever agreed to help in a danger helps now.
next-other = We see to this: { $what }.

can-heading = What you can do
can-free = Using your rights never has a bad effect on you. You need not give a reason. You can bring somebody whom you trust.
can-withdraw = Take back what you agreed to
can-withdraw-how = Tell anybody in the team. It stops at once. You can take back each of these now:
can-withdraw-one = { $scope }. You agreed on { $since }. { $until ->
    [none] {""}
   *[other] It ends by itself on { $until }.
  }
can-withdraw-none = At the moment there is nothing that you agreed to.
can-answer = Say yes or no
can-answer-one = We ask you about this: { $scope }. You are free to say no.
can-heard = Say what you think, before it is decided
can-heard-one = There is a proposal: { $what }. { $until ->
    [none] First we tell you of it. Then you have time to say what you think.
   *[other] You can say what you think until { $until }.
  }
can-appeal = Appeal
can-appeal-upheld = This was decided: { $what }. It has not happened. First we have to tell you of it. From then on you have time to appeal.
can-appeal-served = This was decided: { $what }. It has not happened. { $until ->
    [none] You can appeal.
   *[other] You can appeal until { $until }. As long as your appeal is open, it does not happen.
  }
can-appeal-appealed = You appealed against this: { $what }. Until your appeal is decided, it does not happen.
can-appeal-dismissed = Your appeal was turned down: { $what }. You can still go to a court.
can-appeal-rejected = You had done everything that is needed for this step, and the panel did not agree to it: { $what }. You can object. Then other people look at it.
can-appeal-objected = You objected, because the panel did not agree to this step: { $what }. Other people decide on that.
can-appeal-none = At the moment there is no decision that you could appeal against. If there ever is one, we tell you of it in your language, with the day until which you can appeal. Nothing happens before that day.
can-object = Object to a restriction
can-object-voluntary = You agreed to this: { $what }. You can stop it at any time. Else it ends on { $until }.
can-object-mandated = This restriction holds: { $what }. It ends on { $until } at the latest. You can tell us at any time that it is no longer needed, or go to a court.
can-object-proposed = This restriction is only proposed: { $what }. It does not hold.
can-object-danger = This was done because of an immediate danger: { $what }. It ends on { $until } at the latest. You can go to a court now.
can-object-none = At the moment no restriction holds.
can-see = See what we hold
can-see-open = You asked to see what we hold. We have to answer by { $due }.
can-see-ask = You can ask to see what we hold, and for your own copy. We have one month to answer.
can-see-copy = You got a copy on { $since }.
can-correct = Have something put right or deleted
can-correct-text = If something is wrong, tell us. We write down what you say. When your case is closed, you can ask that the record be deleted. Two people decide on it.
can-correct-hold = By law it must not be deleted before { $until }.
can-complain = Complain
can-complain-text = You can complain to the ombudsperson. The ombudsperson does not belong to the team and is there for complaints. Anybody in the team has to tell you how to get there. You can also complain to the office for data protection in your country, or go to a court.
can-advocate = This person can help you with all this, and is on your side: { $advocate }.

record-heading = Everything else that is on record
record-lead = In order, month by month.
record-none = There is nothing else.

left-heading = What is not listed, and why
left-none = Everything is listed.
exempt-reminders = { $number ->
    [one] One internal reminder is not listed, because it only tells those who work for you what they have to do. What is still open stands under “What comes next”.
   *[other] { $number } internal reminders are not listed, because they only tell those who work for you what they have to do. What is still open stands under “What comes next”.
  }
exempt-clocks = { $number ->
    [one] One entry about a date that stood still or moved is not listed, because the pause or the extra time itself is listed.
   *[other] { $number } entries about dates that stood still or moved are not listed, because the pause or the extra time itself is listed.
  }
exempt-follows = { $number ->
    [one] One entry is not listed, because it only repeats for our planning what another entry says that is listed.
   *[other] { $number } entries are not listed, because they only repeat for our planning what another entry says that is listed.
  }
exempt-engine = { $number ->
    [one] One entry is not listed, because it only says that the computer kept its own working notes about this record.
   *[other] { $number } entries are not listed, because they only say that the computer kept its own working notes about this record.
  }
page = Page
