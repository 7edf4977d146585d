# Was jede Art von Eintrag der Person sagt, um die es geht; siehe en.ftl. Kurze Sätze, keine Kürzel, „Sie“.

act-kind = { $kind ->
    [step_back] zurück zum Abschnitt „{ $subject-title }“
    [exit_for_cause] Ihre Teilnahme am Programm beenden
    [refuse_advance] vorerst nicht weiter zu „{ $subject-title }“
    [reduce_support] weniger Unterstützung als bisher
    [measure] eine Auflage
   *[other] { $kind-title }
  }
how-told = { $how ->
    [in_person] persönlich
    [call] am Telefon
    [letter] mit einem Brief
    [sent] per Post oder Nachricht
    [handed_over] persönlich übergeben
   *[other] { $how-title }
  }

case_opened = Ihr Fall wurde eröffnet. Es wurde aufgeschrieben, warum das Programm das richtige für Sie sein kann.
phase_entered = { $kind ->
    [open] Sie haben mit dem Abschnitt „{ $phase-title }“ begonnen.
    [step_back] Sie sind in den Abschnitt „{ $phase-title }“ zurückgekehrt.
    [exit] Sie haben den aktiven Teil des Programms verlassen. Jetzt folgt „{ $phase-title }“.
    [exit_for_cause] Ihre Teilnahme am Programm wurde beendet. Jetzt folgt „{ $phase-title }“.
    [re_entry] Sie sind wieder da. Weiter geht es im Abschnitt „{ $phase-title }“.
   *[other] Sie sind im Abschnitt „{ $phase-title }“ angekommen.
  }
progress_reviewed = Wir haben angesehen, wie es im Abschnitt „{ $phase-title }“ läuft: { $direction ->
    [forward] Es geht voran.
    [backward] Es ist schwerer geworden.
   *[steady] Es ist etwa wie bisher.
  }
case_closed = Ihr Fall wurde abgeschlossen.
case_reentered = Sie wollten wieder zu uns kommen, und sind willkommen. { $closed ->
    [yes] Ihr Fall ist wieder offen.
   *[no] Ihr Fall geht weiter.
  } Das ist Ihr Abschnitt mit uns Nummer { $episode }.

milestone_claimed = Jemand aus dem Team sagt, dass dieses Ziel erreicht ist: „{ $milestone-title }“. Dafür gibt es { $evidence ->
    [one] einen Beleg
   *[other] { $evidence } Belege
  }: { $evidence-title }. Eine andere Person muss das prüfen.
milestone_verified = Eine andere Person hat dieses Ziel geprüft und bestätigt: „{ $milestone-title }“.
milestone_returned = Dieses Ziel wurde geprüft und noch nicht bestätigt: „{ $milestone-title }“. Es kann jederzeit wieder vorgelegt werden.
milestone_contradicted = Wir haben etwas erfahren, das gegen dieses Ziel spricht: „{ $milestone-title }“. Was vorher bestätigt war, bleibt so stehen.
milestone_expired = Dieses Ziel wurde vor langer Zeit bestätigt und muss neu angesehen werden: „{ $milestone-title }“. Ihnen wird nichts weggenommen.

review_requested = Eine Runde von Fachleuten und Bürgern soll entscheiden, ob Sie zu „{ $to-title }“ weitergehen.
vote_cast = Ein Mitglied der Runde hat { $choice ->
    [approve] für
   *[reject] gegen
  } den Schritt gestimmt.
reviewer_recused = Ein Mitglied der Runde hat nicht mitentschieden, damit es gerecht zugeht.
review_decided = Die Runde hat über den Schritt zu „{ $to-title }“ entschieden: { $outcome ->
    [approved] ja.
    [rejected] jetzt noch nicht.
   *[other] { $outcome-title }.
  } Dafür: { $approved_by }. Dagegen: { $rejected_by }.
review_superseded = Die Runde entscheidet nicht mehr über den Schritt zu „{ $to-title }“, weil Ihr Fall weitergegangen ist.

check_in_kept = Wir hatten Kontakt, { $channel ->
    [in_person] persönlich
    [visit] bei einem Besuch
    [call] am Telefon
    [message] mit einer Nachricht
    [video] per Video
   *[other] { $channel-title }
  }.
check_in_missed = Ein geplanter Kontakt kam nicht zustande. Das wird Ihnen nicht vorgeworfen. Wir sehen nach, ob es Ihnen gut geht.
check_in_excused = Es gab einen guten Grund, warum der Kontakt nicht zustande kam. Das ist festgehalten.
absence_classified = Wir haben festgehalten, wie wir verstehen, dass ein geplanter Kontakt nicht zustande kam: { $absence ->
    [excused] Es gab einen guten Grund.
    [unexcused] Wir kennen keinen guten Grund.
   *[unknown] Wir wissen nicht, warum.
  } Für Sie folgt daraus nichts.
absence_corrected = Eine andere Person hat berichtigt, wie wir verstehen, dass ein geplanter Kontakt nicht zustande kam: { $absence ->
    [excused] Es gab einen guten Grund.
    [unexcused] Wir kennen keinen guten Grund.
   *[unknown] Wir wissen nicht, warum.
  } Was vorher festgehalten wurde, bleibt stehen. Für Sie folgt daraus nichts.
support_level_set = Ihre Unterstützung ist jetzt: „{ $level ->
    [acute] sehr eng
    [high] eng
    [medium] mittel
    [low] locker
   *[other] { $level-title }
  }“. { $direction ->
    [more] Das ist mehr als vorher.
    [less] Das ist weniger als vorher.
   *[same] So beginnt es, oder so bleibt es.
  }
contact_paused = Wir planen keine Kontakte mehr mit Ihnen. Das wird Ihnen nicht vorgeworfen.
contact_resumed = Wir planen wieder regelmäßige Kontakte mit Ihnen.

consent_given = Sie haben zugestimmt: „{ $scope-title }“. { $until ->
    [none] Sie können das jederzeit zurücknehmen.
   *[other] Das gilt bis { $until }. Sie können es jederzeit zurücknehmen.
  }
consent_declined = Sie haben Nein gesagt: „{ $scope-title }“. Das ist Ihr Recht. Daraus folgt nichts.
consent_withdrawn = Sie haben Ihre Zustimmung zurückgenommen: „{ $scope-title }“. Es hat sofort aufgehört. Das ist Ihr Recht, und es folgt nichts Schlechtes daraus.
consent_lapsed = Ihre Zustimmung ist zu Ende: „{ $scope-title }“. { $because ->
    [partner_left] Die andere Stelle arbeitet nicht mehr mit uns.
    [came_of_age] Sie sind jetzt volljährig. Jemand hatte mit Ihnen zusammen zugestimmt, und Sie selbst haben noch nicht geantwortet.
   *[other] Wir haben Sie nicht rechtzeitig wieder gefragt.
  } Was sie erlaubte, hat aufgehört. Ihre Unterstützung geht weiter.
consent_asked = { $own ->
    [yes] Sie sind jetzt volljährig. Darum möchten wir Sie selbst fragen, ob Sie zustimmen: „{ $scope-title }“. Sie dürfen Nein sagen.
   *[no] Wir möchten Sie fragen, ob Sie zustimmen: „{ $scope-title }“. Sie dürfen Nein sagen.
  }
coming_of_age_due_recorded = Wir haben aufgeschrieben, wann Sie volljährig werden: { $due }. Von da an stimmt niemand mehr für Sie zu.
came_of_age = Sie sind volljährig seit { $since }. Niemand stimmt mehr für Sie zu. Wir fragen Sie selbst. Ihre Unterstützung geht weiter.
welfare_offer_made = Nachdem Sie aufgehört haben, haben wir Ihnen Hilfe angeboten. { $response ->
    [accepted] Sie haben sie angenommen.
    [declined] Sie haben sie abgelehnt. Das ist Ihr Recht.
   *[not_reached] Wir haben Sie nicht erreicht.
  }

lead_assigned = { $former ->
    [none] Es wurde bestimmt, wer im Team für Sie da ist: { $person }.
   *[other] Jetzt ist eine andere Person im Team für Sie da: { $person }.
  }
lead_confirmed = Wir haben nachgesehen, wie lange { $person } hier arbeitet und dafür geschult ist.
lead_left = { $person } arbeitet nicht mehr hier. Bis eine andere Person im Team für Sie da ist, ist die Leitung des Teams für Sie da.
hold_requested = Jemand möchte Ihren Fall bis { $until } ruhen lassen. Der Grund: „{ $kind-title }“.
hold_began = Ihr Fall ruht, höchstens bis { $until }. Der Grund: „{ $kind-title }“. Ihre Rechte ruhen nicht.
hold_ended = { $how ->
    [dropped] Die Pause wurde nicht genehmigt.
   *[other] Die Pause Ihres Falls ist vorbei.
  }
lawful_basis_recorded = Wir haben aufgeschrieben, warum wir diese Akte nach dem Gesetz führen dürfen: „{ $basis-title }“. Bis { $review_by } sehen wir uns das wieder an.
partner_joined = Diese Stelle arbeitet jetzt in Ihrem Fall mit uns: „{ $partner-title }“. Sie darf Ihre Akte nicht lesen.
partner_left = Diese Stelle arbeitet nicht mehr in Ihrem Fall mit uns: „{ $partner-title }“.

disclosure_requested = Jemand aus dem Team wollte „{ $partner-title }“ etwas über Sie sagen: { $fields-title }. Wozu: „{ $purpose-title }“. Damit wurde noch nichts weitergesagt.
disclosure_made = Wir haben „{ $partner-title }“ das über Sie gesagt, und sonst nichts: { $fields-title }. Wozu: „{ $purpose-title }“. Warum wir das dürfen: „{ $basis-title }“.
disclosure_declined = Es wurde entschieden, das nicht weiterzugeben. Es wurde nichts gesagt.
disclosure_stopped = { $because ->
    [no_consent] Es wurde nichts weitergegeben, weil Sie nicht oder nicht mehr zustimmen.
   *[other] Es wurde nichts weitergegeben, weil Ihr Fall abgeschlossen ist.
  }
disclosure_told = Wir haben Ihnen gesagt, dass etwas über Sie weitergegeben wurde ({ how-told }).
disclosure_corrected = Etwas, das wir über Sie weitergegeben haben, war falsch oder hat sich geändert. Wir haben es richtiggestellt: { $fields-title }.
recipient_told = Wir haben der Stelle, die es bekommen hatte, Bescheid gegeben: { $about ->
    [correction] Es wurde richtiggestellt.
    [erasure] Es wurde gelöscht.
   *[other] Es hat sich geändert.
  }

access_requested = Sie wollten sehen, was wir über Sie gespeichert haben.
access_answered = Wir haben Ihnen geantwortet. { $answer ->
    [given] Sie haben bekommen, was wir gespeichert haben.
    [given_in_part] Sie haben einen Teil bekommen. Die Gründe für den Rest sind aufgeschrieben.
    [nothing_held] Wir haben nichts über Sie gespeichert.
   *[other] { $answer-title }.
  }
copy_given = Sie haben Ihre eigene Kopie bekommen ({ how-told }).
legal_hold_placed = Nach dem Gesetz darf diese Akte vor dem { $until } nicht gelöscht werden. Die Gründe sind aufgeschrieben.
legal_hold_lifted = Die Sperre, dass diese Akte nicht gelöscht werden darf, wurde aufgehoben.
legal_hold_expired = Die Sperre, dass diese Akte nicht gelöscht werden darf, ist abgelaufen.
record_classified = Es wurde aufgeschrieben, wie Ihr Fall zu Ende ging: „{ $outcome-title }“.
retention_class_set = Es wurde festgelegt, wie lange wir diese Akte behalten: höchstens bis { $keep_until }.
retention_reviewed = Wir haben geprüft, ob wir diese Akte noch brauchen. Wir brauchen sie, und die Gründe sind aufgeschrieben.
retention_stopped = Ihr Fall ist wieder offen. Darum gilt der Tag nicht mehr, an dem diese Akte gelöscht werden sollte.
record_sealed = Wir haben nicht rechtzeitig geprüft, ob wir diese Akte noch brauchen. Darum wurde sie gesperrt. Das Team kann sie nicht mehr lesen.
erasure_requested = Jemand möchte, dass diese Akte gelöscht wird. Eine zweite Person muss entscheiden.
erasure_approved = Eine zweite Person hat zugestimmt, dass diese Akte gelöscht wird.
erasure_declined = Es wurde entschieden, diese Akte jetzt nicht zu löschen. Die Gründe sind aufgeschrieben.

adverse_act_proposed = Jemand aus dem Team hat etwas vorgeschlagen, das Sie vielleicht nicht wollen: { act-kind }. Damit ist noch nichts geschehen. Zuerst erfahren Sie davon, und Sie können sagen, was Sie denken.
hearing_opened = Bis { $until } können Sie sagen, was Sie von dem Vorschlag halten.
representation_recorded = Was Sie zu dem Vorschlag sagen, wurde festgehalten.
adverse_vote_cast = Eine Person, die über den Vorschlag entscheidet, hat { $choice ->
    [uphold] dafür
   *[drop] dagegen
  } gestimmt.
adverse_act_decided = Der Vorschlag wurde { $outcome ->
    [upheld] angenommen. Er gilt noch nicht. Sie können Widerspruch einlegen.
   *[dropped] abgelehnt. Es wird nicht dazu kommen.
  }
adverse_act_lapsed = Der Vorschlag ist erledigt, und es geschieht nichts. { $because ->
    [nobody_decided] Niemand hat rechtzeitig darüber entschieden.
    [ended_by_court] Ein Gericht hat ihn beendet.
   *[other] Ihr Fall ist weitergegangen.
  }
appeal_window_opened = Ab jetzt konnten Sie Widerspruch einlegen, bis { $until }.
appeal_filed = Ihr Widerspruch ist angekommen. Bis darüber entschieden ist, geschieht nichts.
appeal_vote_cast = Eine Person, die über Ihren Widerspruch entscheidet, hat { $choice ->
    [allow] für Sie
   *[dismiss] gegen den Widerspruch
  } gestimmt.
appeal_decided = { $outcome ->
    [allowed] Ihr Widerspruch hatte Erfolg. Die Entscheidung gegen Ihren Willen gilt nicht.
   *[dismissed] Ihr Widerspruch wurde abgelehnt, von Menschen, die vorher nicht beteiligt waren. Die Gründe sind aufgeschrieben.
  }
objection_filed = Ihr Einwand gegen die Entscheidung der Runde ist angekommen. Andere Menschen entscheiden darüber.
objection_vote_cast = Eine Person, die über Ihren Einwand entscheidet, hat { $choice ->
    [allow] für Sie
   *[dismiss] gegen den Einwand
  } gestimmt.
objection_decided = { $outcome ->
    [allowed] Ihr Einwand hatte Erfolg. Andere Menschen entscheiden noch einmal über Ihren nächsten Schritt.
   *[dismissed] Ihr Einwand wurde abgelehnt, von Menschen, die vorher nicht beteiligt waren. Die Gründe sind aufgeschrieben.
  }
objection_route_closed = Es gibt nichts mehr einzuwenden: Ihr Fall ist weitergegangen, oder die Runde wird neu gefragt.
dismissal_served = Ihnen wurde gesagt, dass Ihr Widerspruch abgelehnt wurde.
adverse_act_took_effect = Diese Entscheidung gegen Ihren Willen gilt jetzt: { act-kind }. { $refused_until ->
    [none] {""}
   *[other] Sie gilt bis { $refused_until }.
  }
upheld_act_lapsed = Die Entscheidung gegen Ihren Willen ist erledigt, und es geschieht nichts. { $because ->
    [nobody_carried_it_out] Niemand hat sie rechtzeitig ausgeführt.
    [appeal_allowed] Ihr Widerspruch hatte Erfolg.
    [ended_by_court] Ein Gericht hat sie beendet.
   *[other] Ihr Fall ist weitergegangen.
  }
measure_proposed = Eine Auflage wurde vorgeschlagen: „{ $kind-title }“, für { $lasts }. Die Grundlage im Gesetz: „{ $legal_basis-title }“. Damit hat sich für Sie noch nichts geändert.
measure_began = { $mode ->
    [voluntary] Sie haben zugestimmt: „{ $kind-title }“. Das hat begonnen und endet spätestens am { $until }. Sie können es jederzeit beenden.
   *[mandated] Eine Auflage hat begonnen: „{ $kind-title }“. Sie endet spätestens am { $until }.
  }
renewal_proposed = Es wurde vorgeschlagen, dass die Auflage länger gilt, für { $lasts }. Damit hat sich für Sie noch nichts geändert.
measure_renewed = Die Auflage gilt länger. Sie endet spätestens am { $until }.
measure_reviewed = Wir haben geprüft, ob die Auflage noch nötig ist. Sie ist es, und die Gründe sind aufgeschrieben.
measure_ended = Die Auflage oder Vereinbarung „{ $content-title }“ ist zu Ende. { $how ->
    [lapsed] Ihre Zeit ist abgelaufen.
    [withdrawn] Sie haben sie beendet. Das ist Ihr Recht.
    [court_order] Ein Gericht hat sie beendet.
    [case_closed] Ihr Fall wurde abgeschlossen.
   *[ended] Wir haben sie beendet.
  }
danger_asked = Jemand hat eine unmittelbare Gefahr gesehen und das gewollt: „{ $kind-title }“. Eine zweite Person musste zustimmen, bevor etwas geschehen durfte.
danger_confirmed = Wegen einer unmittelbaren Gefahr haben zwei Menschen das entschieden: „{ $content-title }“. Es endet spätestens am { $until }.
danger_ended = { $in_force ->
    [yes] Was wegen einer unmittelbaren Gefahr getan wurde, ist zu Ende: „{ $content-title }“.
   *[no] Was jemand wegen einer unmittelbaren Gefahr wollte, wurde nicht getan: „{ $content-title }“.
  }
participant_notice_served = Wir haben Ihnen gesagt ({ how-told }): { $about ->
    [referral] Warum Sie hier bei uns sind.
    [act_proposed] Es gibt einen Vorschlag, den Sie vielleicht nicht wollen.
    [act_upheld] Der Vorschlag wurde angenommen, und Sie können Widerspruch einlegen.
    [act_dropped] Der Vorschlag wurde abgelehnt.
    [act_lapsed] Der Vorschlag oder die Entscheidung ist erledigt.
    [act_took_effect] Die Entscheidung gilt jetzt.
    [appeal_allowed] Ihr Widerspruch hatte Erfolg.
    [appeal_dismissed] Ihr Widerspruch wurde abgelehnt.
    [review_approved] Die Runde stimmt Ihrem nächsten Schritt zu.
    [review_rejected] Die Runde stimmt Ihrem nächsten Schritt nicht zu, und warum.
    [objection_allowed] Ihr Einwand hatte Erfolg.
    [objection_dismissed] Ihr Einwand wurde abgelehnt.
    [outcome] So endete Ihr Fall.
    [reopened] Ihr Fall ist wieder offen. Der Tag, an dem die Akte gelöscht werden sollte, gilt nicht mehr.
    [more_time] Etwas dauert länger, und warum.
    [came_of_age] Sie sind volljährig, und niemand stimmt mehr für Sie zu.
    [measure_began] Etwas, dem Sie zugestimmt haben, hat begonnen.
    [measure_ended] Die Auflage oder Vereinbarung ist zu Ende.
    [danger_confirmed] Das wurde wegen einer unmittelbaren Gefahr getan.
    [danger_ended] Was wegen einer unmittelbaren Gefahr getan wurde, ist zu Ende.
   *[other] Es gibt etwas Neues in Ihrem Fall.
  }

extension_requested = Jemand möchte dafür mehr Zeit, bis { $until }: { $clock-title }. Es ändert sich nichts, bevor eine zweite Person entschieden hat.
extension_approved = Dafür gibt es mehr Zeit: { $clock-title }. Fällig war es am { $was }. Jetzt ist es am { $due } fällig.
extension_declined = Dafür gibt es nicht mehr Zeit: { $clock-title }. Der Tag bleibt, wie er war.
extension_overtaken = Über mehr Zeit dafür muss niemand mehr entscheiden: { $clock-title }.

silence_fell = Bis { $due } hat hier niemand gehandelt: { $kind-title }. Das zählt nie gegen Sie.
command_refused = Jemand wollte in Ihrem Fall etwas tun, das die Regeln nicht erlauben{ $command ->
    [claim_milestone] : ein Ziel als erreicht eintragen
    [verify_milestone] : ein Ziel bestätigen
    [request_review] : die Runde um eine Entscheidung bitten
    [approve_review] : über einen Schritt abstimmen
    [reject_review] : über einen Schritt abstimmen
    [propose_adverse_act] : etwas vorschlagen, das Sie vielleicht nicht wollen
    [decide_adverse_act] : über einen Vorschlag abstimmen
    [carry_out_adverse_act] : eine Entscheidung ausführen
    [propose_measure] : eine Auflage vorschlagen
    [renew_measure] : eine Auflage verlängern
    [request_disclosure] : etwas über Sie weitergeben
    [approve_disclosure] : etwas über Sie weitergeben
    [act_in_danger] : wegen einer unmittelbaren Gefahr handeln
    [request_erasure] : die Akte löschen
    [approve_erasure] : die Akte löschen
    [give_consent] : festhalten, dass Sie zustimmen
   *[other] {""}
  }. Es wurde abgelehnt, und es ist nichts geschehen. Sie können uns fragen, warum.

handover_offered = Die Person im Team, die für Sie da ist, möchte an eine andere Person übergeben: { $person }. Bis diese Person Ja sagt, ändert sich nichts.
handover_accepted = { $person } hat Ja dazu gesagt, für Sie da zu sein.
handover_declined = { $person } konnte nicht übernehmen. Für Sie ändert sich nichts.
handover_withdrawn = Das Team plant nicht mehr, dass eine andere Person übernimmt. Für Sie ändert sich nichts.
absence_began = { $person } ist bis { $until } nicht da. Bis dahin ist { $deputy } für Sie da.
absence_ended = { $person } ist zurück und wieder für Sie da.

possible_link_found = Vielleicht waren Sie schon einmal bei uns, unter einem anderen Fall. Ein Mensch sieht sich das an. Für Sie ändert sich nichts.
link_confirmed = Ein Mensch hat sich vergewissert: Sie waren schon einmal bei uns. Ihre Hilfe kann jetzt im Ganzen gesehen werden.
link_rejected = Ein Mensch hat sich vergewissert: Der andere Fall ist nicht Ihrer.
need_identified = Wir haben aufgeschrieben, was Sie brauchen: „{ $need-title }“.
need_closed = Was Sie brauchen, „{ $need-title }“, ist nicht mehr offen: { $how ->
    [addressed] Sie haben dabei Hilfe bekommen.
    [not_wanted] Sie wünschen dabei keine Hilfe mehr.
   *[other] Darum kümmert sich jemand anderes.
  }
support_planned = Ihnen wurde Hilfe zugesagt: „{ $kind-title }“, { $sessions ->
    [one] { $sessions } Treffen
   *[other] { $sessions } Treffen
  }, ab { $starts }. Sie haben zugestimmt.
support_begun = Die zugesagte Hilfe Nummer { $support } hat begonnen.
session_attested = Am { $observed_at } gab es ein Treffen: Treffen { $session } der Hilfe Nummer { $support }.
support_stalled = Die Hilfe Nummer { $support } ging nicht weiter wie zugesagt. Das ist nicht Ihre Schuld. Wir kümmern uns darum, und die Hilfe bleibt Ihnen.
support_completed = Die Hilfe Nummer { $support } wurde wie zugesagt gegeben.
support_ended = Die Hilfe Nummer { $support } ist beendet: { $successor ->
    [none] Jemand hat das entschieden und aufgeschrieben, warum. Sie können uns danach fragen.
   *[other] Die Hilfe Nummer { $successor } geht an ihrer Stelle weiter.
  }
referral_requested = Mit Ihrem Einverständnis haben wir diese Stelle um Hilfe für Sie gebeten: { $provider-title }, „{ $kind-title }“. Sie muss uns antworten (Vermittlung { $referral }).
referral_accepted = Die Stelle, die wir gefragt haben, will Ihnen helfen (Vermittlung { $referral }). Wir achten darauf, dass es losgeht.
referral_rejected = Die Stelle, die wir gefragt haben, hilft Ihnen jetzt nicht (Vermittlung { $referral }). { $needs ->
    [none] Das ist nicht Ihre Schuld.
   *[other] Sie möchte, dass vorher etwas anderes geklärt ist: „{ $needs-title }“. Das ist nicht Ihre Schuld.
  } Wir suchen einen anderen Weg.
referral_begun = Die Hilfe der Stelle, die wir gefragt haben, hat begonnen (Vermittlung { $referral }).
referral_completed = Die Stelle, die wir gefragt haben, sagt, dass Sie ihre Hilfe bekommen haben (Vermittlung { $referral }).
referral_failed = Die Hilfe, um die wir gebeten hatten, kam nicht zustande (Vermittlung { $referral }). Wir suchen einen anderen Weg.
referral_cancelled = Wir haben die Bitte an die Stelle, die wir gefragt hatten, zurückgenommen (Vermittlung { $referral }).
referral_returned = { $because ->
    [silence] Die Stelle, die wir gefragt haben, hat uns nicht rechtzeitig geantwortet (Vermittlung { $referral }). Das ist nicht Ihre Schuld. Wir suchen einen anderen Weg.
   *[other] Sie möchten nicht mehr, dass wir dieser Stelle etwas sagen. Darum haben wir die Bitte zurückgenommen (Vermittlung { $referral }). Wir suchen einen anderen Weg.
  }
provider_told = Wir haben dieser Stelle, die wir um Hilfe für Sie gebeten hatten, gesagt, dass Ihre Akte gelöscht wurde: { $provider-title }.
alternative_ruled_out = Jemand hat eine andere Stelle gesucht, die bei „{ $need-title }“ helfen kann, keine gefunden und aufgeschrieben, warum. Was Sie brauchen, bleibt offen. Sie können uns danach fragen.
circular_precondition_found = Mehrere Stellen warten aufeinander, bevor sie Ihnen helfen: { $needs-title }. Das ist nicht Ihre Schuld. Wer die Runde leitet, muss einen Ausweg finden.
circle_broken = Wer die Runde leitet, hat aufgeschrieben, wie die Stellen, die aufeinander gewartet haben, Ihnen doch helfen können.
entitlement_granted = Sie bekommen, was Ihnen zusteht: „{ $entitlement-title }“. Niemand darf es Ihnen wieder nehmen.
referrer_feedback_recorded = { $outcome ->
    [heard] Wir haben gefragt, wie die Stelle, die Sie zu uns geschickt hat, es jetzt sieht. Das steht in Ihrer Akte und entscheidet nichts.
    [not_reached] Wir wollten die Stelle, die Sie zu uns geschickt hat, fragen, wie sie es jetzt sieht, und haben sie nicht erreicht.
   *[other] Wir haben aufgeschrieben, dass Sie von sich aus gekommen sind.
  }
celebration_set = { $wanted ->
    [yes] Sie möchten von uns hören, wenn Sie etwas erreicht haben. Wir sagen es Ihnen so, wie Sie es gewählt haben.
   *[no] Sie möchten nicht von uns hören, wenn Sie etwas erreicht haben.
  }
celebration_owed = Sie haben etwas erreicht: „{ $subject-title }“. Wir sagen es Ihnen so, wie Sie es gewählt haben.
celebration_recorded = Wir haben Ihnen gesagt, dass Sie „{ $subject-title }“ erreicht haben.
assessment_recorded = Jemand im Team hat in Worten und ohne Punkte aufgeschrieben, wie es um Sie steht. Die Einschätzung: „{ $judgement-title }“. { $direction ->
    [easing] Die Sorgen werden kleiner.
    [growing] Die Sorgen werden größer.
    [steady] Die Sorgen sind wie vorher.
   *[other] Es ist nicht klar, wohin sich die Sorgen bewegen.
  } Daraus allein folgt nichts. Sie können es lesen.
assessment_corrected = Was darüber aufgeschrieben war, wie es um Sie steht, Nummer { $assessment }, wurde mit Gründen berichtigt. Die Einschätzung ist jetzt: „{ $judgement-title }“. Was vorher dort stand, bleibt auch erhalten.
reassessment_owed = Es ist etwas geschehen. Darum sehen wir mit Ihnen neu an, wie es um Sie steht. Mehr folgt daraus nicht.
concern_raised = Jemand hat sich Sorgen gemacht: „{ $kind-title }“. Darauf schulden wir eine Antwort. Es wird Ihnen nicht angelastet.
concern_answered = Wegen der Sorge Nummer { $concern } wurde etwas getan. Sie können uns fragen, was.
concern_closed = Eine andere Person als die, die für Sie da ist, hat befunden, dass diese Sorge vorbei ist: „{ $kind-title }“.
follow_ups_began = Der letzte Abschnitt des Programms liegt hinter Ihnen. Wir fragen Sie noch { $terms } Mal, wie es Ihnen geht. Sie dürfen Nein sagen.
follow_up_attempted = Wir haben versucht, Sie zu erreichen, um zu fragen, wie es Ihnen geht: { $channel ->
    [in_person] persönlich
    [visit] mit einem Besuch
    [call] am Telefon
    [message] mit einer Nachricht
    [letter] mit einem Brief
   *[other] { $channel-title }
  }. Wir schreiben nur auf, wie und wann, und nie, wo Sie sind.
follow_up_recorded = Wir haben am { $observed_at } darüber gesprochen, wie es Ihnen geht. Was Sie gesagt haben, steht in Ihrer Akte.{ $late_contact ->
    [yes] {""} Sie sind von sich aus gekommen. Das können Sie immer.
   *[no] {""}
  }
follow_up_declined = Sie wollten nicht, dass wir fragen, wie es Ihnen geht. Das ist Ihr Recht. Sie können trotzdem jederzeit zu uns kommen.
follow_up_unreached = Wir haben { $attempts } Mal versucht, Sie zu erreichen, und es ist nicht gelungen. Jemand anderes hat geprüft, ob wir es genug versucht haben. Es wird Ihnen nicht vorgehalten, und Sie können jederzeit zu uns kommen.
follow_ups_ended = Was wir Sie nach dem letzten Abschnitt noch fragen wollten, ist nicht mehr nötig: Ihr Fall ist weitergegangen.
related_person_added = Jemand, der Ihnen nahesteht, steht in Ihrer Akte: { $kind-title }. Wer es ist, steht verschlossen.
related_person_removed = Jemand, der Ihnen nahesteht, gehört nicht mehr zu Ihrer Akte.
relative_consent_given = Jemand, der Ihnen nahesteht, hat zugestimmt: { $scope ->
    [contact] mit uns über Sie zu sprechen. Sie können dazu jederzeit Nein sagen
    [support] selbst Hilfe zu bekommen
   *[mention] dass Sie hier lesen dürfen, welche Hilfe die Person selbst bekommt
  }.
relative_consent_withdrawn = Jemand, der Ihnen nahesteht, möchte { $scope ->
    [contact] nicht mehr mit uns über Sie sprechen
    [support] selbst keine Hilfe mehr
   *[mention] nicht mehr, dass Sie lesen, welche Hilfe die Person selbst bekommt
  }. Das ist das Recht dieser Person und sagt nichts über Sie.
relative_consent_lapsed = Jemand, der Ihnen nahesteht, hatte zugestimmt, mit uns über Sie zu sprechen. Die Zeit dafür ist um, und wir sprechen nicht mehr mit dieser Person.
relative_contacted = Wir haben mit jemandem gesprochen, der Ihnen nahesteht, so wie Sie und diese Person es wollten, { $about ->
    [welfare] um zu wissen, dass es Ihnen gut geht
   *[family_work] damit Sie besser miteinander auskommen
  }.
family_goal_agreed = Sie und jemand, der Ihnen nahesteht, haben vereinbart, was Sie zusammen erreichen wollen: Ziel { $goal }.
family_goal_reviewed = Sie und jemand, der Ihnen nahesteht, haben Ziel { $goal } noch einmal angesehen. { $outcome ->
    [goes_on] Sie machen damit weiter.
    [met] Sie haben es erreicht.
   *[set_aside] Sie lassen es erst einmal. Daran ist niemand schuld.
  }
relative_support_requested = Jemand, der Ihnen nahesteht, hat uns um Hilfe für sich selbst gebeten.
relative_support_offered = Wir haben jemandem, der Ihnen nahesteht, Hilfe für sich selbst angeboten: „{ $kind-title }“. { $answer ->
    [accepted] Die Person hat sie angenommen.
   *[declined] Die Person wollte sie nicht.
  }
relative_session_attested = Jemand, der Ihnen nahesteht, hatte am { $observed_at } ein eigenes Treffen.
relative_support_ended = Die Hilfe für jemanden, der Ihnen nahesteht, ist beendet.

safety_planned = Für die Sicherheit wurde etwas vereinbart, Nummer { $entry }: „{ $threat-title }“. Es gilt { $layer ->
    [person] für Sie
    [family] für Ihre Familie
    [neighborhood] für Menschen in Ihrer Nähe
   *[other] für Menschen im Team
  }. Es gilt, was auch geschieht, und ist keine Belohnung.
safety_entry_retired = Was unter Nummer { $entry } für die Sicherheit vereinbart war, gilt nicht mehr. { $successor ->
    [none] Jemand hat das entschieden und die Gründe aufgeschrieben. Sie können uns danach fragen.
   *[other] Dafür gilt Nummer { $successor }.
  }
safety_activated = Es ist etwas geschehen, wovon der Sicherheitsplan spricht: „{ $threat-title }“. Wer Hilfe zugesagt hat, muss jetzt helfen.
safety_response_recorded = Was für die Sicherheit vereinbart war, wurde getan.
safety_plan_reviewed = Wir haben den Sicherheitsplan wieder angesehen.
protection_recorded = { $outcome ->
    [reached] Diese Hilfe wurde erreicht: „{ $service-title }“.
   *[other] Wir haben hier um Hilfe gebeten: „{ $service-title }“. Wir bekamen keine. Das ist nicht Ihre Schuld. Wir suchen einen anderen Weg.
  }
safety_review_called = Wir sehen den Sicherheitsplan bald wieder an, weil etwas für Sie schwer war.
setback_recorded = Am { $observed_at } war etwas für Sie schwer: „{ $kind-title }“. Sie haben keine Regel gebrochen, und Ihnen wird nichts genommen. Was zugesagt ist, geht weiter.
learning_recorded = Das Team hat angesehen, was es aus dem lernen kann, was für Sie schwer war. { $actions ->
    [0] Es hat nichts Neues beschlossen.
    [one] Es macht eine Sache anders.
   *[other] Es macht { $actions } Dinge anders.
  }
learning_action_closed = { $how ->
    [done] Das Team hat getan, was es anders machen wollte.
   *[other] Etwas, was das Team beschlossen hatte, war nicht möglich. Die Gründe sind aufgeschrieben.
  }
