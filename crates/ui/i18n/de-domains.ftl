# Die Worte zu Konten, Personen, Einstellungen, Suche und Abgleich.

### Ohne Konto

or = oder
try-it = Ohne Konto ausprobieren
try-it-hint = Alles bleibt auf diesem Gerät. Meldest du dich später an, kommt es mit.
open-local = Den Kalender auf diesem Gerät öffnen
first-calendar = Kalender
no-account = Ohne Konto
no-account-hint = Du arbeitest ohne Konto. Alles ist auf diesem Gerät, und nur hier.
sign-in-to-sync = Zum Abgleich anmelden
sign-in-to-sync-hint = Mit einem Konto ist dein Kalender auf allen deinen Geräten. Du wirst gefragt, was aus dem wird, was du hier angelegt hast.
on-this-device = Auf diesem Gerät
on-this-device-short = Lokal
erase-local = Diesen Kalender löschen
erase-local-title = Diesen Kalender löschen?
erase-local-hint = Alles, was du hier ohne Konto angelegt hast, wird gelöscht. Das lässt sich nicht rückgängig machen.
adopt-title = Deinen Kalender mitnehmen?
adopt-events =
    { $events ->
        [one] Du hast auf diesem Gerät ohne Konto einen Termin angelegt. Er kann Teil von { $email } werden.
       *[other] Du hast auf diesem Gerät ohne Konto { $events } Termine angelegt. Sie können Teil von { $email } werden.
    }
adopt-others =
    { $others ->
        [one] Du hast auf diesem Gerät ohne Konto etwas angelegt oder geändert. Es kann Teil von { $email } werden.
       *[other] Du hast auf diesem Gerät ohne Konto { $others } Dinge angelegt oder geändert. Sie können Teil von { $email } werden.
    }
adopt-both =
    Du hast auf diesem Gerät ohne Konto { $events ->
        [one] einen Termin
       *[other] { $events } Termine
    } angelegt und { $others ->
        [one] etwas anderes
       *[other] { $others } andere Dinge
    } geändert. All das kann Teil von { $email } werden.
adopt-hint = Getrennt gehalten bleibt es auf diesem Gerät und ist wieder da, wenn niemand angemeldet ist.
adopt-yes = Mitnehmen
adopt-no = Getrennt halten
switch-account = Konto wechseln
switch-hint = { $email } bleibt auf diesem Gerät, mit allem, was noch nicht gesendet ist. Melde dich jederzeit wieder an. Soll dieses Gerät geleert werden, melde dich stattdessen ab.
switched-from = { $email } bleibt auf diesem Gerät. Melde dich wieder an, um es zu öffnen, oder mit einem anderen Konto.
signed-out-not-emptied = Du bist abgemeldet, aber dieses Gerät ließ sich noch nicht leeren: { $why }. Beim nächsten Start wird es wieder versucht.
notice-not-signed-out = Du bist noch angemeldet: { $why }
notice-category-deleted = Kategorie gelöscht
notice-persona-deleted = Persona gelöscht

### Einstellungen

settings-sections = Bereiche der Einstellungen
settings-profile = Profil
settings-clock = Sprache und Zeit
settings-hours = Arbeitszeiten
settings-data = Daten
unsaved = nicht gespeichert
all-saved = Alles ist gespeichert.
close-again = Das Getippte ist nicht gespeichert. Noch einmal schließen verwirft es.
display-name = Name für andere
display-name-hint = Wer Termine mit dir teilt, sieht diesen Namen und das Bild, sonst nichts aus deinem Profil.
first-name = Vorname
last-name = Nachname
job-title = Position
organization = Organisation
picture = Bild (Adresse)
picture-bad = Gib eine Adresse an, die mit https:// beginnt.
hours-hint = Die Stunden außerhalb davon sind im Kalender abgedunkelt.
hours-from = { $day } von
hours-to = { $day } bis
hours-add = Stunden hinzufügen
hours-add-named = Stunden am { $day } hinzufügen
hours-remove = Diese Stunden am { $day } entfernen
hours-wrong = Gib Zeiten wie 9:00 und 17:30 an, das Ende nach dem Anfang.
calendars-hint = Neue Termine kommen in den Standardkalender, wenn du keinen anderen wählst.
categories = Kategorien
categories-hint = Kategorien ordnen nur deine eigene Sicht; andere sehen sie nicht.
category = Kategorie
category-none = Keine
category-new = Neue Kategorie
category-edit = Kategorie bearbeiten
category-make-default = Neue Termine bekommen diese Kategorie
categories-change = Kategorien ändern
personas = Personas
personas-hint = Eine Persona kümmert sich für dich um Termine, nach eigenen Anweisungen.
persona = Persona
persona-any = Beliebige
persona-new = Neue Persona
persona-edit = Persona bearbeiten
persona-prompt = Anweisung an die Persona
move-up = { $name } nach oben
move-down = { $name } nach unten
delete-named = { $name } löschen
fate = Was wird aus den Terminen?
fate-move = Sie wechseln zu
fate-stay-calendar = Sie bleiben, im Standardkalender
fate-stay-category = Sie bleiben, ohne Kategorie
fate-stay-persona = Sie bleiben, und niemand kümmert sich darum
fate-delete = Meine eigenen werden auch gelöscht
fate-hint = Das lässt sich rückgängig machen. Termine, die nicht auf diesem Gerät sind, gelten als im Standardkalender, oder als ohne Kategorie oder Persona.
held = Auf diesem Gerät
held-all = Alle Termine, die es gibt.
held-span = { $from } bis { $to }
held-none = Noch wurde nichts geholt.
fetching = Sie werden geholt…
fetch-offline = Sie kommen, sobald der Server erreichbar ist.
fetch-cannot = Sie können nicht geholt werden: { $why }.
calendars-none = Noch kein Kalender. Leg einen an und gib Terminen eine Farbe.
categories-none = Noch keine Kategorie: Konzentration, Familie, Reisen…
personas-none = Noch keine Persona. Leg eine an und sag ihr, worum sie sich kümmert.
search-none = Kein Termin gefunden.
fetch-all = Alle Termine holen
waits = Noch nicht gesendet
waits-none = Nichts wartet.
event = Termin
role = Rolle
invitation = Einladung

### Die eigene Sicht auf einen Termin

own-view = Nur für dich
defend = Zeit verteidigen
defend-flexible = Flexibel
defend-normal = Normal
defend-high = Hoch
defend-hard = Fest geblockt
reminders = Erinnerungen
reminders-calendar = Wie der Kalender
reminder-start = Zum Beginn
reminder-before = { $length } vorher
ai-managed = Eine Persona kümmert sich darum
ai-instructions = Was die Persona wissen soll

### Personen

people = Personen
people-after-save = Speichere den Termin, dann kannst du dazu einladen.
people-need-account = Melde dich an, um Termine mit anderen zu teilen.
people-of-series = Wer die ganze Serie teilt, teilt auch dieses Vorkommen.
people-not-yours = Mit wem dieser Termin geteilt wird, entscheidet der Besitzer.
somebody = Jemand
your-answer = Deine Antwort
following = Änderungen verfolgen
role-viewer = Betrachter
role-contributor = Mitwirkender
role-delegate = Vertretung
role-owner = Besitzer
role-of = Rolle von { $name }
remove-named = { $name } entfernen
rsvp = Deine Antwort
rsvp-none = noch keine Antwort
rsvp-yes = Ja
rsvp-maybe = Vielleicht
rsvp-no = Nein
invite = Einladen
invite-email = Per E-Mail einladen
invite-role = Angebotene Rolle
invite-hint = Betrachter sehen, Mitwirkende ändern den Inhalt, Vertretungen laden auch ein und löschen. Höchstens zwanzig Einladungen je Stunde.
invite-waiting = wartet auf Annahme
invite-withdraw = Einladung an { $email } zurücknehmen
invitations = Einladungen
invited-as = Du bist zu einem Termin eingeladen, als { $role }.
invited-by = { $name } lädt dich ein, als { $role }.
invited-role = Du bist eingeladen, als { $role }.
accept = Annehmen
decline = Ablehnen
leave-event = Termin verlassen
open-details = Einzelheiten öffnen
may-view = Du kannst diesen Termin ansehen. Du darfst antworten und Änderungen verfolgen, aber nichts ändern. Was nur für dich gilt, stellst du selbst ein.
may-contribute = Du kannst den Inhalt dieses Termins ändern. Wer ihn teilt und ob er privat ist, entscheidet der Besitzer.

### Suche und Befehle

search = Suchen oder anlegen
palette = Suche, Befehle, neue Termine
palette-hint = Suchen, oder „Mittag mit Ana Di. 13 Uhr 45m“
quick-add = Neuer Termin: { $title }
search-more = Die ersten hundert.
searched = Durchsucht: { $spans }.
searched-all = Alles wurde durchsucht.
redo = Wiederholen

### Ausgabe

export = Alle meine Daten
export-hint = Eine JSON-Datei mit allem von dir, was auf diesem Gerät ist, auch dem noch nicht Gesendeten.
export-button = Als JSON exportieren
exported = Unter deinen Downloads gespeichert.
exported-to = Gespeichert als { $place }.
exported-part = Sie enthält, was auf diesem Gerät ist; hole zuerst alle Termine, um alles zu haben.
export-failed = Nicht gespeichert: { $why }

### Die Seite zum Abgleich

sync-page = Alles zum Abgleich
sync-room = Belegter Platz
sync-room-of = { $used } von { $most }
details = Einzelheiten
edit = Bearbeiten
stuck-hint = Das hat der Server nicht angenommen. Es bleibt hier, bis du entscheidest; alles andere geht weiter.
stuck-not-there = Der Server hat es nicht, oder zeigt es dir nicht mehr.
field-length = Dauer
field-deleted = Gelöscht
check = Dasselbe wie auf dem Server?
check-hint = Es sollte nie etwas abweichen. Almanac sieht von Zeit zu Zeit selbst nach und bringt es in Ordnung.
check-now = Jetzt vergleichen
check-never = Noch nicht verglichen.
check-busy = Wird verglichen…
check-offline = Es wird verglichen, sobald der Server erreichbar ist.
check-unsent = Es wird verglichen, sobald alles gesendet ist.
check-same = { $time }: dasselbe wie auf dem Server.
check-suspects = { $time }: Etwas weicht ab ({ $what }). Gleich wird noch einmal nachgesehen.
check-repaired = { $time }: Etwas wich ab ({ $what }) und wird neu geholt. Was du geschrieben hast, bleibt.
check-unlike = { $time }: Etwas weicht noch immer ab ({ $what }), obwohl es neu geholt wurde. Nichts von dir ist verloren. Sichere das Protokoll unten und gib es denen, die den Server betreiben.
log = Was der Abgleich zuletzt getan hat
log-hint = Nur Zahlen und Zeiten, nichts von dem, was du geschrieben hast.
log-save = Protokoll sichern
