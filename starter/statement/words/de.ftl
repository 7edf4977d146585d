# Die Worte der Auskunft um ihre Einträge herum; siehe en.ftl.

title = Ihre Akte: was darin steht, und Ihre Rechte
for-you = Dieser Brief ist für Sie. Er sagt, was bei { $program } über Sie gespeichert ist. Sie können ihn jederzeit wieder verlangen.
as-of = Stand: { $day }. Nummer Ihres Falls: { $case }.
contents = Das finden Sie hier
now-phase = Sie sind im Abschnitt „{ $phase }“, seit { $since }.
now-closed = Ihr Fall ist abgeschlossen, seit { $since }.
now-lead = Im Team für Sie da ist: { $lead }.
not-opened = Für Sie wurde kein Fall eröffnet.
help = Wenn etwas schwer zu verstehen ist, fragen Sie uns. Wir erklären es Ihnen, auch in einer anderen Sprache.

term-hours = { $number ->
    [one] eine Stunde
   *[other] { $number } Stunden
  }
term-days = { $number ->
    [one] einen Tag
   *[other] { $number } Tage
  }
term-working-days = { $number ->
    [one] einen Arbeitstag
   *[other] { $number } Arbeitstage
  }
term-weeks = { $number ->
    [one] eine Woche
   *[other] { $number } Wochen
  }
term-months = { $number ->
    [one] einen Monat
   *[other] { $number } Monate
  }
term-years = { $number ->
    [one] ein Jahr
   *[other] { $number } Jahre
  }
scope-with = { $scope }: { $partner }
consent-basis = Sie haben zugestimmt

held-heading = Was wir über Sie gespeichert haben, und warum
held-what = Was wir gespeichert haben
held-part = Dass Sie teilnehmen, in welchem Abschnitt des Programms Sie sind, und seit wann.
held-contact = Wann wir Kontakt mit Ihnen hatten, und was für Sie getan wurde.
held-consents = Wozu Sie Ja gesagt haben, und wozu Nein.
held-decisions = Was über Sie entschieden wurde, von wem, und wann.
held-texts = { $number ->
    [0] Noch keine geschriebenen Texte.
    [one] Einen geschriebenen Text, zum Beispiel Gründe für eine Entscheidung. Er ist verschlossen.
   *[other] { $number } geschriebene Texte, zum Beispiel Gründe für Entscheidungen. Sie sind verschlossen.
  }
held-name = Ihr Name steht nicht in dieser Akte. Sie steht unter einer Nummer.
held-goals = Ihre Ziele
goal-column = Ziel
standing-column = Wie es steht
since-column = Seit
standing = { $status ->
    [claimed] soll erreicht sein, noch nicht geprüft
    [verified] bestätigt
    [returned] noch nicht bestätigt
    [contradicted] etwas Neues spricht dagegen
    [expired] wird neu angesehen
   *[other] { $status }
  }
held-why = Warum wir es gespeichert haben
held-basis = { $basis }. So festgehalten seit { $since }. Bis { $review } sehen wir uns das wieder an.
held-basis-none = Es ist noch nicht festgehalten, warum wir das nach dem Gesetz speichern dürfen. Das müssen wir nachholen.
held-consent-apart = Ihre Teilnahme ist etwas anderes. Sie nehmen nur teil, weil Sie es wollen.
held-long = Wie lange wir es behalten
keep-open = Solange Ihr Fall offen ist. Wenn er abgeschlossen ist, wird festgelegt, wie lange wir die Akte behalten.
keep-unset = Ihr Fall ist abgeschlossen. Es ist noch nicht festgelegt, wie lange wir die Akte behalten.
keep-until = Höchstens bis { $until }. Zwischendurch prüfen wir, ob wir sie noch brauchen.
keep-hold = Nach dem Gesetz darf sie vor dem { $until } nicht gelöscht werden.
keep-sealed = Sie ist seit { $since } gesperrt. Das Team kann sie nicht mehr lesen.
keep-erased = Am { $since } wurde entschieden, sie zu löschen.

decided-heading = Was entschieden wurde, und warum
decided-lead = Das sind die Entscheidungen in Ihrem Fall, der Reihe nach. Alles andere finden Sie weiter unten.
decided-texts = Wo die Nummer eines Textes steht, hat jemand an dem Tag die Gründe aufgeschrieben. Der Text ist verschlossen, damit ihn nicht jeder lesen kann. Sie können nach ihm fragen. Nennen Sie uns die Nummer.
decided-none = Es wurde noch nichts entschieden.
texts = { $number ->
    [one] Text Nr. { $texts }
   *[other] Texte Nr. { $texts }
  }
times = { $text } ({ $number }-mal)

seen-heading = Wer es sehen darf, und wer es gesehen hat
seen-team = Wer Ihre Akte sehen darf
seen-team-text = Das Team, das mit Ihnen arbeitet, und die Menschen, die in Ihrem Fall entscheiden. Was jeder von ihnen darf, steht in den Regeln des Programms.
seen-police = Keine andere Stelle kann in Ihre Akte sehen, auch nicht die Polizei. Wenn etwas weitergegeben wird, ist das jedes Mal eine eigene Entscheidung. Sie steht hier.
seen-consents = Was wir mit Ihrer Zustimmung anderen sagen dürfen
seen-consent = { $scope }. Seit { $since }. { $until ->
    [none] Ein Ende ist nicht festgelegt.
   *[other] Endet am { $until }.
  }
seen-consents-none = Sie haben nicht zugestimmt, dass wir jemandem etwas sagen.
seen-partners = Stellen, die in Ihrem Fall mit uns arbeiten
seen-partner = { $partner }, seit { $since }. Ihre Akte darf die Stelle deshalb nicht lesen.
seen-partners-none = Keine andere Stelle arbeitet in Ihrem Fall mit uns.
seen-told = Was anderen gesagt wurde
seen-referred = Dass Sie teilnehmen, und was Sie brauchen: { $need }
seen-told-none = Hier steht nichts.
seen-told-whom = Wem
seen-told-what = Was
seen-told-why = Warum wir das dürfen
seen-when = Wann
seen-read = Wer einen geschriebenen Text gelesen hat
seen-read-none = Niemand hat einen der geschriebenen Texte geöffnet.
seen-read-who = Wer
seen-read-text = Text Nr.
seen-read-for = Wozu
seen-looked = Wer in Ihre Akte gesehen hat
seen-looked-none = Niemand hat in Ihre Akte gesehen.
seen-looked-often = Wie oft
seen-looked-last = Zuletzt am
seen-console = jemand, der den Computer selbst betreibt
seen-delay = In seltenen Fällen dürfen wir Ihnen nach dem Gesetz erst später sagen, dass etwas weitergegeben wurde. Was wir Ihnen erst später sagen dürfen, steht hier noch nicht. Dieser Satz steht in jedem Brief, auch wenn es so etwas gar nicht gibt.
seen-kin = Menschen, die Ihnen nahestehen, können bei uns selbst Hilfe bekommen. Was sie uns sagen, und ob sie überhaupt kommen, gehört ihnen und steht hier nur, wenn sie zugestimmt haben. Dieser Satz steht in jedem Brief, auch wenn niemand gekommen ist.

next-heading = Was als Nächstes kommt
next-lead = Das sind Dinge, die wir Ihnen schulden oder entscheiden müssen. Sie müssen nichts davon tun. Wenn wir zu spät sind, zählt das nie gegen Sie.
next-none = Es ist nichts offen.
next-by = Bis
next-what = Was
next-late = verspätet, fällig war { $day }
next-paused = ruht gerade
next-check_in = Wir melden uns bei Ihnen.
next-consent_request = Wir fragen Sie, ob Sie zustimmen{ $subject ->
    [none] {""}
   *[other] : „{ $subject }“
  }. Sie dürfen Nein sagen.
next-consent_renewal = Wir fragen Sie wieder, ob Sie noch zustimmen: „{ $subject }“.
next-sharing_renewal = Wir fragen Sie wieder, ob Sie noch zustimmen: „{ $subject }“. Ohne Ihr Ja hört es auf.
next-own_consent = Sie sind jetzt volljährig. Wir fragen Sie selbst, ob Sie zustimmen: „{ $subject }“. Sie dürfen Nein sagen.
next-coming_of_age = Sie werden volljährig. Von da an stimmt niemand mehr für Sie zu.
next-coming_of_age_date = Wir schreiben auf, wann Sie volljährig werden. Von da an stimmt niemand mehr für Sie zu.
next-welfare_offer = Wir bieten Ihnen Hilfe an.
next-milestone_verification = Wir prüfen ein Ziel: „{ $subject }“.
next-milestone_renewal = Wir sehen uns ein Ziel neu an: „{ $subject }“.
next-review_decision = Die Runde entscheidet, ob Sie weitergehen.
next-progress_review = Wir sehen mit Ihnen an, wie es läuft.
next-phase_overstay = Wir sehen an, wie lange dieser Abschnitt dauert, und warum.
next-notice_service = Wir sagen Ihnen etwas Wichtiges, in Ihrer Sprache.
next-notice_opening = Wir sagen Ihnen in Ihrer Sprache, warum Sie hier bei uns sind.
next-tell_of_disclosure = Wir sagen Ihnen, dass etwas über Sie weitergegeben wurde.
next-disclosure_decision = Jemand entscheidet, ob etwas über Sie weitergegeben wird.
next-tell_recipient = Wir sagen einer anderen Stelle, dass sich etwas geändert hat oder gelöscht wurde.
next-access_request = Wir antworten auf Ihre Frage, was wir gespeichert haben.
next-legal_hold = Die Sperre endet, dass Ihre Akte nicht gelöscht werden darf.
next-retention_review = Wir prüfen, ob wir Ihre Akte noch brauchen.
next-erasure_decision = Jemand entscheidet, ob Ihre Akte gelöscht wird.
next-lawful_basis_review = Wir halten fest, warum wir das nach dem Gesetz speichern dürfen, oder sehen es uns neu an.
next-hold_approval = Jemand entscheidet, ob Ihr Fall ruht.
next-objection_decision = Über Ihren Einwand wird entschieden.
next-hold_end = Die Pause Ihres Falls endet.
next-adverse_decision = Über den Vorschlag, den Sie vielleicht nicht wollen, wird entschieden.
next-appeal_decision = Über Ihren Widerspruch wird entschieden.
next-adverse_effect = Die Entscheidung gegen Ihren Willen wird ausgeführt oder aufgegeben.
next-measure_expiry = Die Auflage oder Vereinbarung endet, wenn nicht neu entschieden wird.
next-measure_review = Wir prüfen, ob die Auflage noch nötig ist.
next-danger_end = Was wegen einer unmittelbaren Gefahr getan wurde, endet.
next-extension_decision = Jemand entscheidet, ob es für etwas mehr Zeit gibt.
next-assessment_baseline = Wir sehen mit Ihnen zum ersten Mal an, wie es um Sie steht.
next-assessment_renewal = Wir sehen mit Ihnen wieder an, wie es um Sie steht.
next-reassessment = Es ist etwas geschehen, und wir sehen mit Ihnen an, wie es um Sie steht.
next-concern_response = Jemand hat sich Sorgen gemacht, und wir antworten darauf.
next-concern_closure = Jemand befindet, ob eine Sorge vorbei ist.
next-tell_provider = Wir sagen einer Stelle, die wir um Hilfe für Sie gebeten hatten, dass Ihre Akte gelöscht wurde.
next-need_answer = Wir finden mit Ihnen heraus, wer bei etwas helfen kann, das Sie brauchen.
next-referral_reply = Eine Stelle, die wir um Hilfe für Sie gebeten haben, antwortet uns.
next-referral_progress = Die Hilfe einer Stelle, die Ihnen helfen will, beginnt.
next-referral_outcome = Eine Stelle, die Ihnen hilft, sagt uns, was daraus geworden ist.
next-referral_alternative = Wir finden eine andere Stelle, die Ihnen helfen kann.
next-circular_precondition = Wer die Runde leitet, findet einen Ausweg, wo Stellen aufeinander warten, bevor sie Ihnen helfen.
next-learning_review = Das Team sieht an, was es lernen kann, nachdem etwas schwer war. Es geht nicht um Schuld.
next-learning_action = Das Team macht etwas anders, wie es beschlossen hat.
next-follow_up = Wir fragen Sie, wie es Ihnen geht. Sie dürfen Nein sagen.
next-family_goal_review = Wir sehen an, was Sie und jemand, der Ihnen nahesteht, zusammen erreichen wollen.
next-relative_consent_renewal = Wir fragen jemanden, der Ihnen nahesteht, ob er oder sie noch mit uns über Sie sprechen will.
next-relative_support_offer = Wir bieten jemandem, der Ihnen nahesteht, Hilfe an.
next-relative_session = Jemand, der Ihnen nahesteht, hat ein eigenes Treffen.
next-safety_plan = Wir schreiben mit Ihnen einen Sicherheitsplan.
next-safety_plan_review = Wir sehen den Sicherheitsplan wieder an.
next-safety_response = Wer in einer Gefahr Hilfe zugesagt hat, hilft jetzt.
next-other = Wir kümmern uns um: { $what }.

can-heading = Was Sie tun können
can-free = Ihre Rechte zu nutzen hat nie schlechte Folgen für Sie. Sie müssen keinen Grund nennen. Sie dürfen jemanden mitbringen, dem Sie vertrauen.
can-withdraw = Ihre Zustimmung zurücknehmen
can-withdraw-how = Sagen Sie es irgendjemandem im Team. Es hört sofort auf. Jedes davon können Sie jetzt zurücknehmen:
can-withdraw-one = { $scope }. Zugestimmt haben Sie am { $since }. { $until ->
    [none] {""}
   *[other] Es endet von selbst am { $until }.
  }
can-withdraw-none = Im Moment gibt es nichts, dem Sie zugestimmt haben.
can-answer = Ja oder Nein sagen
can-answer-one = Wir fragen Sie: { $scope }. Sie dürfen Nein sagen.
can-heard = Sagen, was Sie denken, bevor entschieden wird
can-heard-one = Es gibt einen Vorschlag: { $what }. { $until ->
    [none] Zuerst sagen wir Ihnen davon. Dann haben Sie Zeit, zu sagen, was Sie denken.
   *[other] Bis { $until } können Sie sagen, was Sie denken.
  }
can-appeal = Widerspruch einlegen
can-appeal-upheld = Das wurde entschieden: { $what }. Es ist nicht geschehen. Zuerst müssen wir es Ihnen sagen. Ab dann haben Sie Zeit für einen Widerspruch.
can-appeal-served = Das wurde entschieden: { $what }. Es ist nicht geschehen. { $until ->
    [none] Sie können Widerspruch einlegen.
   *[other] Bis { $until } können Sie Widerspruch einlegen. Solange Ihr Widerspruch offen ist, geschieht es nicht.
  }
can-appeal-appealed = Sie haben Widerspruch eingelegt: { $what }. Bis darüber entschieden ist, geschieht es nicht.
can-appeal-dismissed = Ihr Widerspruch wurde abgelehnt: { $what }. Sie können noch zu einem Gericht gehen.
can-appeal-rejected = Sie hatten alles getan, was für diesen Schritt nötig ist, und die Runde hat nicht zugestimmt: { $what }. Sie können Einwand erheben. Dann sehen andere Menschen es sich an.
can-appeal-objected = Sie haben Einwand erhoben, weil die Runde diesem Schritt nicht zugestimmt hat: { $what }. Andere Menschen entscheiden darüber.
can-appeal-none = Im Moment gibt es keine Entscheidung, gegen die Sie Widerspruch einlegen könnten. Wenn es eine gibt, sagen wir es Ihnen in Ihrer Sprache, mit dem Tag, bis zu dem Sie Widerspruch einlegen können. Vor diesem Tag geschieht nichts.
can-object = Sich gegen eine Auflage wehren
can-object-voluntary = Dem haben Sie zugestimmt: { $what }. Sie können es jederzeit beenden. Sonst endet es am { $until }.
can-object-mandated = Diese Auflage gilt: { $what }. Sie endet spätestens am { $until }. Sie können uns jederzeit sagen, dass sie nicht mehr nötig ist, oder zu einem Gericht gehen.
can-object-proposed = Diese Auflage ist nur vorgeschlagen: { $what }. Sie gilt nicht.
can-object-danger = Das wurde wegen einer unmittelbaren Gefahr getan: { $what }. Es endet spätestens am { $until }. Sie können jetzt zu einem Gericht gehen.
can-object-none = Im Moment gilt keine Auflage.
can-see = Sehen, was wir gespeichert haben
can-see-open = Sie wollten sehen, was wir gespeichert haben. Wir müssen bis { $due } antworten.
can-see-ask = Sie können fragen, was wir gespeichert haben, und eine eigene Kopie bekommen. Wir haben einen Monat Zeit für die Antwort.
can-see-copy = Am { $since } haben Sie eine Kopie bekommen.
can-correct = Etwas richtigstellen oder löschen lassen
can-correct-text = Wenn etwas falsch ist, sagen Sie es uns. Wir schreiben auf, was Sie sagen. Wenn Ihr Fall abgeschlossen ist, können Sie verlangen, dass die Akte gelöscht wird. Zwei Menschen entscheiden darüber.
can-correct-hold = Nach dem Gesetz darf sie vor dem { $until } nicht gelöscht werden.
can-complain = Sich beschweren
can-complain-text = Sie können sich bei der Ombudsperson beschweren. Sie gehört nicht zum Team und ist für Beschwerden da. Jeder im Team muss Ihnen sagen, wie Sie sie erreichen. Sie können sich auch bei der Behörde für Datenschutz beschweren oder zu einem Gericht gehen.
can-advocate = Diese Person kann Ihnen bei all dem helfen und steht auf Ihrer Seite: { $advocate }.

record-heading = Was sonst noch festgehalten ist
record-lead = Der Reihe nach, Monat für Monat.
record-none = Sonst ist nichts festgehalten.

left-heading = Was hier nicht steht, und warum
left-none = Alles steht hier.
exempt-reminders = { $number ->
    [one] Eine interne Erinnerung steht hier nicht. Sie sagt nur denen, die für Sie arbeiten, was sie zu tun haben. Was noch offen ist, steht unter „Was als Nächstes kommt“.
   *[other] { $number } interne Erinnerungen stehen hier nicht. Sie sagen nur denen, die für Sie arbeiten, was sie zu tun haben. Was noch offen ist, steht unter „Was als Nächstes kommt“.
  }
exempt-clocks = { $number ->
    [one] Ein Eintrag über einen Termin, der ruhte oder verschoben wurde, steht hier nicht. Die Pause oder die längere Zeit selbst steht hier.
   *[other] { $number } Einträge über Termine, die ruhten oder verschoben wurden, stehen hier nicht. Die Pause oder die längere Zeit selbst steht hier.
  }
exempt-follows = { $number ->
    [one] Ein Eintrag steht hier nicht. Er wiederholt nur für unsere Planung, was ein anderer Eintrag sagt, der hier steht.
   *[other] { $number } Einträge stehen hier nicht. Sie wiederholen nur für unsere Planung, was ein anderer Eintrag sagt, der hier steht.
  }
exempt-engine = { $number ->
    [one] Ein Eintrag steht hier nicht. Er sagt nur, dass der Computer seine eigenen Arbeitsnotizen zu diesen Unterlagen aufbewahrt.
   *[other] { $number } Einträge stehen hier nicht. Sie sagen nur, dass der Computer seine eigenen Arbeitsnotizen zu diesen Unterlagen aufbewahrt.
  }
page = Seite
