# Die Worte der Mitteilungen; siehe en.ftl. Was hier fehlt, wird auf Englisch gesagt.

notice = Zu Fall { $case } wird etwas von Ihnen erbeten. Worum es geht: { $kind }. Was zu tun ist: { $action }.
    .subject = Fall { $case }: { $action }

remind = Zur Erinnerung, Fall { $case }: { $kind } wird bald fällig.
    .subject = Fall { $case }: bald fällig

act_now = Fall { $case }: { $kind } ist fällig und noch offen. Bitte kümmern Sie sich jetzt darum, oder halten Sie fest, warum es nicht möglich ist.
    .subject = Fall { $case }: jetzt fällig

take_up = Fall { $case }: { $kind } ist überfällig und kommt zu Ihnen. Bitte sprechen Sie mit der zuständigen Person, und halten Sie fest, was vereinbart wurde.
    .subject = Fall { $case }: überfällig, bitte aufgreifen

convene = Fall { $case }: { $kind } ist trotz Erinnerungen offen. Bitte bringen Sie zusammen, wer darüber entscheiden kann.
    .subject = Fall { $case }: bitte zusammenrufen

second_channel = Fall { $case }: { $kind }; es wurde kein Kontakt festgehalten. Bitte versuchen Sie es heute auf einem zweiten Weg.
    .subject = Fall { $case }: heute zweiten Weg versuchen

call = Fall { $case }: { $kind }; noch immer kein Kontakt. Bitte rufen Sie an, und wenden Sie sich an die Vertrauensperson, falls das vereinbart ist.
    .subject = Fall { $case }: bitte anrufen

welfare_check = Fall { $case }: { $kind }; noch immer kein Kontakt. Bitte vergewissern Sie sich, dass es der Person gut geht. Es geht um ihre Sicherheit; eine Sanktion folgt nicht.
    .subject = Fall { $case }: bitte nach dem Wohlergehen sehen

legal_hold_ended = Fall { $case }: { $kind } ist abgelaufen. Verlangt das Recht, dass die Akte länger bleibt, setzen Sie bitte mit Begründung eine neue.
    .subject = Fall { $case }: Eine Aufbewahrungssperre ist abgelaufen

record_sealed = Fall { $case }: { $kind } ist überfällig, die Akte ist für Bearbeitende gesperrt. Bitte prüfen Sie sie oder beantragen Sie die Löschung.
    .subject = Fall { $case }: gesperrt, bis Sie prüfen

ask_themself = Fall { $case }: { $kind } ist da, und niemand willigt mehr für die Person ein. Bitte sagen Sie es ihr und fragen Sie sie selbst. Die Unterstützung geht weiter.
    .subject = Fall { $case }: bitte die Person selbst fragen

sharing_stopped = Fall { $case }: { $kind } liegt nicht rechtzeitig vor; was sie erlaubte, ruht jetzt. Die Unterstützung geht weiter. Wird es noch gewünscht, fragen Sie bitte die Person.
    .subject = Fall { $case }: Weitergabe beendet

hold_ended = Fall { $case }: { $kind } ist da. Die Pause ist vorbei; was stillstand, läuft mit der verbliebenen Zeit weiter.
    .subject = Fall { $case }: Die Pause ist vorbei

review_requested = Zu Fall { $case } wurde eine Prüfung beantragt. Bitte lesen Sie die Akte und entscheiden Sie, oder erklären Sie sich für befangen. Schweigen stimmt nichts zu.
    .subject = Fall { $case }: eine Prüfung wartet auf Sie

review_decided = Über eine Prüfung zu Fall { $case } wurde entschieden. Die Entscheidung und ihre Gründe stehen im Fall.
    .subject = Fall { $case }: über eine Prüfung wurde entschieden

celebrate = Fall { $case }: Es gibt gute Nachrichten. { $kind } steht an: Bitte sagen Sie es der Person in einfachen Worten, in der Sprache und auf dem Weg, die sie gewählt hat.
    .subject = Fall { $case }: gute Nachrichten

support_stalled = Fall { $case }: { $kind } ist fällig, und keine wurde bestätigt. Die Unterstützung stockt und bleibt geschuldet. Bitte klären Sie, woran es liegt, und bringen Sie sie wieder in Gang.
    .subject = Fall { $case }: Eine Unterstützung stockt

retention_stopped = Fall { $case } ist wieder offen: { $kind }. Die Akte wird gebraucht, und keine Aufbewahrungsfrist läuft mehr.
    .subject = Fall { $case }: wieder offen, die Akte bleibt

assess = Fall { $case }: { $kind } ist fällig und wurde nicht gemacht. Bitte schätzen Sie jetzt in Worten ein, wie es um die Person steht, oder halten Sie fest, warum das nicht geht. Daraus allein folgt nichts.
    .subject = Fall { $case }: Eine Einschätzung ist fällig

answer_concern = Fall { $case }: { $kind } ist fällig, und niemand hat sie gegeben. Bitte klären Sie, was nötig ist, tun Sie es, und halten Sie fest, was getan wurde. Es folgt keine Strafe.
    .subject = Fall { $case }: Eine Sorge wartet auf Antwort
referral_returned = Fall { $case }: { $kind } kam nicht rechtzeitig; die Vermittlung liegt wieder bei uns. Bitte fragen Sie noch einmal telefonisch nach und suchen Sie eine andere Stelle; eine späte Antwort zählt trotzdem.
    .subject = Fall { $case }: keine Antwort auf eine Vermittlung

break_circle = Fall { $case }: { $kind } ist fällig. Stellen warten aufeinander, und die Person bekommt von keiner Hilfe. Bitte bringen Sie sie zusammen und halten Sie fest, wer auf welche Bedingung verzichtet.
    .subject = Fall { $case }: Stellen warten aufeinander
safety_activated = Fall { $case }: Ein Auslöser des Sicherheitsplans ist eingetreten; jetzt geschuldet: { $kind }. Bitte tun Sie, was vereinbart ist, und halten Sie es fest.
    .subject = Fall { $case }: ein Sicherheitsplan ist ausgelöst

respond_now = Fall { $case }: { $kind } steht aus und ist nicht festgehalten. Bitte tun Sie jetzt, was vereinbart ist, oder sorgen Sie dafür, und halten Sie es fest.
    .subject = Fall { $case }: bitte jetzt handeln

measure_lapsed = Fall { $case }: { $kind } ist verstrichen, und niemand hat gehandelt; die Auflage ist beendet. Das ist der Person mitzuteilen. Ist sie weiter nötig, braucht sie eine neue Grundlage und einen neuen Vorschlag.
    .subject = Fall { $case }: eine Auflage ist ausgelaufen

propose_or_end = Fall { $case }: { $kind } steht bevor. Bitte schlagen Sie die Auflage vor, falls sie nach einer Entscheidung weiter gelten soll, oder beenden Sie sie jetzt.
    .subject = Fall { $case }: ein Eingriff wegen Gefahr endet bald

danger_over = Fall { $case }: { $kind } ist erreicht; was wegen unmittelbarer Gefahr geschah, ist beendet. Das ist der Person mitzuteilen.
    .subject = Fall { $case }: ein Eingriff wegen Gefahr ist beendet

act_decided = Über eine vorgeschlagene Maßnahme gegen den Willen der Person in Fall { $case } wurde entschieden. Die Entscheidung steht im Fall; bevor irgendetwas geschieht, wird sie der Person zugestellt.
    .subject = Fall { $case }: über einen Vorschlag wurde entschieden

objection_filed = Fall { $case }: Die Person erhebt Einwand gegen eine Ablehnung ({ $kind }), obwohl alle Bedingungen erfüllt waren. Bitte entscheiden Sie mit Begründung, sofern Sie bisher nicht beteiligt waren.
    .subject = Fall { $case }: ein Einwand wartet auf Sie
appeal_filed = In Fall { $case } wurde Widerspruch eingelegt; bis zur Entscheidung geschieht nichts. Bitte lesen Sie die Akte und entscheiden Sie, falls Sie bisher nicht beteiligt waren.
    .subject = Fall { $case }: ein Widerspruch wartet auf Sie

where = Zum Ansehen eingeben: offramp case show { $stream }
where-with-link = Zum Ansehen { $link } öffnen, oder eingeben: offramp case show { $stream }
footer = Diese Nachricht wurde von Offramp gesendet und kann nicht beantwortet werden.

kind-check_in = Kontakt
kind-milestone_verification = Bestätigung eines Meilensteins
kind-milestone_renewal = Erneuerung eines Meilensteins
kind-review_decision = Entscheidung einer Prüfung
kind-progress_review = Prüfung des Fortschritts
kind-phase_overstay = übliche Dauer einer Phase
kind-consent_request = Bitte um Einwilligung
kind-welfare_offer = Angebot von Unterstützung
kind-disclosure_decision = Entscheidung über eine Weitergabe
kind-tell_of_disclosure = Unterrichtung der Person über eine Weitergabe
kind-tell_recipient = Unterrichtung einer empfangenden Stelle
kind-access_request = Antwort auf ein Auskunftsersuchen
kind-legal_hold = Aufbewahrungssperre
kind-retention_review = Prüfung, ob die Akte noch nötig ist
kind-erasure_decision = Entscheidung über eine Löschung
kind-consent_renewal = Erneuerung einer Einwilligung
kind-sharing_renewal = Erneuerung einer Einwilligung in eine Weitergabe
kind-own_consent = Einwilligung der Person allein, die volljährig wurde
kind-coming_of_age = Eintritt der Volljährigkeit
kind-coming_of_age_date = Tag der Volljährigkeit, der noch fehlt
kind-lawful_basis_review = Prüfung der Rechtsgrundlage
kind-possible_link = Antwort auf eine mögliche Verbindung mit einem anderen Fall
kind-hold_approval = Entscheidung über eine Pause des Falls
kind-extension_decision = Entscheidung über einen Antrag auf mehr Zeit
kind-hold_end = Ende einer Pause
kind-notice_delivery = nicht zugestellte Mitteilung
kind-notice_service = Mitteilung, die der Person zuzustellen ist
kind-adverse_decision = Entscheidung über einen Vorschlag gegen den Willen der Person
kind-appeal_decision = Entscheidung über einen Widerspruch
kind-objection_decision = Entscheidung über einen Einwand gegen eine Prüfung
kind-adverse_effect = beschlossener Eingriff, der noch auszuführen oder aufzugeben ist
kind-measure_expiry = Ende einer Auflage
kind-measure_review = Überprüfung einer Auflage
kind-assessment_baseline = erste Einschätzung
kind-assessment_renewal = nächste Einschätzung
kind-reassessment = neue Einschätzung nach einem Vorfall
kind-concern_response = Antwort auf eine Sorge
kind-concern_closure = Befund, ob eine Sorge vorbei ist
kind-celebration = Mitteilung an die Person, was sie erreicht hat
kind-tell_provider = Unterrichtung einer angefragten Stelle über die Löschung
kind-need_answer = Antwort auf etwas, das die Person braucht
kind-referral_reply = Antwort auf eine Vermittlung
kind-referral_progress = Beginn des Vermittelten
kind-referral_outcome = Ergebnis einer Vermittlung
kind-referral_alternative = andere Stelle für eine Vermittlung, die zurückkam
kind-circular_precondition = Ausweg aus einem Kreis von Bedingungen
kind-support_start = Beginn einer Unterstützung
kind-support_session = Sitzung einer Unterstützung
kind-learning_review = Rückschau auf einen Rückschlag
kind-learning_action = Vorhaben aus einer Rückschau
kind-follow_up = Nachgespräch nach dem Ausstieg
kind-reentry = Rückkehr der Person
kind-relative_consent_renewal = neue Zustimmung einer nahestehenden Person
kind-family_goal_review = Blick auf ein Familienziel
kind-relative_support_offer = Hilfsangebot an eine nahestehende Person
kind-relative_session = Treffen mit einer nahestehenden Person
kind-safety_plan = Sicherheitsplan
kind-safety_plan_review = Durchsicht des Sicherheitsplans
kind-safety_response = im Sicherheitsplan vereinbarte Hilfe
kind-danger_end = Ende eines Eingriffs wegen unmittelbarer Gefahr
kind-adverse_act = vorgeschlagener Eingriff
kind-review = Prüfung
