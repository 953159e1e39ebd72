# Die Wörter von Almanac. Welche Nachrichten es gibt, bestimmt en.ftl.

### Überall

today = Heute
close = Schließen
cancel = Abbrechen
save = Speichern
delete = Löschen
undo = Rückgängig
dismiss = Ausblenden
untitled = (ohne Titel)
not-sent = Noch nicht gesendet
refused = Vom Server abgelehnt
too-long = { $is } Zeichen; höchstens { $most } sind möglich.

### Datum

monday = Montag
tuesday = Dienstag
wednesday = Mittwoch
thursday = Donnerstag
friday = Freitag
saturday = Samstag
sunday = Sonntag
mon = Mo
tue = Di
wed = Mi
thu = Do
fri = Fr
sat = Sa
sun = So
mon-2 = Mo
tue-2 = Di
wed-2 = Mi
thu-2 = Do
fri-2 = Fr
sat-2 = Sa
sun-2 = So
january = Januar
february = Februar
march = März
april = April
may = Mai
june = Juni
july = Juli
august = August
september = September
october = Oktober
november = November
december = Dezember
jan = Jan.
feb = Feb.
mar = März
apr = Apr.
may-short = Mai
jun = Juni
jul = Juli
aug = Aug.
sep = Sept.
oct = Okt.
nov = Nov.
dec = Dez.
date-full =
    { $style ->
        [us] { $weekday }, { $day }. { $month } { $year }
       *[other] { $weekday }, { $day }. { $month } { $year }
    }
date-long =
    { $style ->
        [us] { $day }. { $month } { $year }
       *[other] { $day }. { $month } { $year }
    }
date-short =
    { $style ->
        [us] { $weekday }, { $day }. { $month }
       *[other] { $weekday }, { $day }. { $month }
    }
date-day-month =
    { $style ->
        [us] { $day }. { $month }
       *[other] { $day }. { $month }
    }
date-field =
    { $style ->
        [us] { $weekday }, { $day }. { $month } { $year }
       *[other] { $weekday }, { $day }. { $month } { $year }
    }
pick-date = { $field }: Datum wählen
date-month = { $month } { $year }
length-minutes = { $minutes } Min.
length-hours = { $hours } Std.
length-both = { $hours } Std. { $minutes } Min.
length-days =
    { $days ->
        [one] { $days } Tag
       *[other] { $days } Tage
    }

### Ansichten und Bewegung

view = Ansicht
views = Ansichten
view-day = Tag
view-3days = 3 Tage
view-week = Woche
view-weeks = { $count } Wochen
view-month = Monat
view-agenda = Agenda
view-year = Jahr
next-weeks = Nächste Wochen
next-year = Nächstes Jahr
previous-weeks = Vorige Wochen
previous-year = Voriges Jahr
spoken-year = Jahr { $what }
go-to-date = Zu einem Datum
agenda-today-free = Heute nichts
agenda-empty = Nichts in diesen vier Wochen.
from-time = ab { $time }
until-time = bis { $time }
theme = Farben
theme-system = Wie dieses Gerät
theme-light = Hell
theme-dark = Dunkel
density = Dichte
density-compact = Eng
density-normal = Normal
density-roomy = Weit
key-days = Tag, 3 Tage, Woche
key-weeks = Zwei Wochen; noch einmal: mehr
key-duplicate = Duplizieren
said-moved = { $title }: { $when }
said-created = Angelegt: { $title }, { $when }
said-deleted = Gelöscht: { $title }
next-day = Nächster Tag
next-3days = Nächste drei Tage
next-week = Nächste Woche
next-month = Nächster Monat
previous-day = Voriger Tag
previous-3days = Vorige drei Tage
previous-week = Vorige Woche
previous-month = Voriger Monat
spoken-month = Monat: { $what }
spoken-days = { $from } bis { $to }
spoken-week = Woche: { $from } bis { $to }
week = Woche
week-number = KW { $week }
month-before = Ein Monat zurück
month-after = Ein Monat weiter
calendar = Kalender
calendars-and-account = Kalender und Konto
not-here = Diese Tage sind noch nicht auf diesem Gerät.
not-all-here = Manche Termine dieser Tage sind vielleicht noch nicht auf diesem Gerät.
start-here = Noch nichts da. Klick auf eine freie Stunde oder drück C für einen Termin; mit / geht es in Worten.
start-here-touch = Noch nichts da. Tipp auf eine freie Stunde oder auf + für einen Termin.
hidden-here = Die Termine dieser Tage liegen in ausgeblendeten Kalendern oder Kategorien.
hidden-show = Alle zeigen
new-short = Neu

### Das Raster

column =
    { $count ->
        [one] { $date }, { $count } Termin
       *[other] { $date }, { $count } Termine
    }
all-day = ganztägig
all-day-events = Ganztägige Termine
less = weniger
more-count = +{ $count }
more = weitere
more-on = weitere am { $date }

### Termine

new-event = Neuer Termin
edit-event = Termin bearbeiten
duplicate = Duplizieren
delete-event = Termin löschen
close-editor = Bearbeitung schließen
title = Titel
add-title = Titel hinzufügen
all-day-switch = Ganztägig
starts = Beginn
start-time = Beginn, Uhrzeit
ends = Ende
end-time = Ende, Uhrzeit
times-are = Zeiten in { $zone }
location = Ort
add-location = Ort oder Link hinzufügen
notes = Notizen
show-as = Anzeigen als
show-free = Frei
show-tentative = Mit Vorbehalt
show-busy = Beschäftigt
show-oof = Abwesend
show-elsewhere = Anderswo tätig
private = Privat
repeats = Wiederholt sich
kept-draft = Aufgehoben, nicht gespeichert: { $title }
kept-continue = Weiter
kept-discard = Wegwerfen
more-options = Mehr Optionen
kept-here = Noch nicht gesendet. Auf diesem Gerät aufgehoben.
sent-now = Gesendet.
review-it = Vom Server abgelehnt. Prüfe es im Fenster zum Abgleich.
viewer-only = Du kannst diesen Termin ansehen; bearbeiten kann ihn, wem er gehört.
bad-date = Gib ein Datum an wie 23.11.2026.
far-date = Das Jahr muss zwischen 1 und 9989 liegen.
bad-time = Gib eine Uhrzeit an wie 9:30 oder 14:00.
end-before-start = Das Ende liegt vor dem Beginn.
too-long-event = Ein Termin kann höchstens zehn Jahre dauern.

### Kalender

calendars = Kalender
calendar-new = Neuer Kalender
calendar-edit = Kalender bearbeiten
calendar-edit-named = { $name } bearbeiten
calendar-default = Standard
name = Name
name-needed = Gib einen Namen an.
colour = Farbe
calendar-make-default = Neue Termine kommen hierher
calendar-delete-title = „{ $name }“ löschen?
blue = Blau
cyan = Cyan
teal = Türkis
green = Grün
amber = Bernstein
orange = Orange
red = Rot
pink = Rosa
violet = Violett
indigo = Indigo
gray = Grau

### Konto

opening = Dein Kalender wird geöffnet
account = Konto
account-named = Konto { $email }
settings = Einstellungen
keys = Tastenkürzel
sign-out = Abmelden
sign-in = Anmelden
sign-in-busy = Wird angemeldet…
sign-up = Konto erstellen
sign-up-busy = Dein Konto wird erstellt…
sign-in-or-up = Anmelden oder Konto erstellen
new-account = Neues Konto
make-account = Konto erstellen
welcome-back = Willkommen zurück
server-named = Server: { $server }
email = E-Mail
password = Passwort
email-needed = Gib deine E-Mail-Adresse an.
password-needed = Gib ein Passwort an.
wrong-credentials = E-Mail oder Passwort ist falsch. Prüfe beides; beim Passwort zählt Groß- und Kleinschreibung.
email-taken = Zu dieser E-Mail gibt es schon ein Konto. Melde dich stattdessen an.
weak-password = Wähle ein stärkeres Passwort: { $why }
not-confirmed = Bestätige zuerst deine E-Mail (siehe die Nachricht an dich), dann melde dich an.
rate-limited = Zu viele Versuche. Warte eine Minute und versuche es dann wieder.
unreachable = Der Server ist nicht erreichbar. Prüfe die Verbindung und versuche es dann wieder.
did-not-work = Das hat nicht geklappt: { $why }
first-start-offline = Der Server ist nicht erreichbar. Almanac braucht ihn einmal zum Anmelden; danach geht es ohne.
account-and-password = Konto und Passwort
password-change = Passwort ändern
password-current = Aktuelles Passwort
password-new = Neues Passwort
password-again = Neues Passwort noch einmal
password-differs = Die beiden neuen Passwörter sind verschieden.
password-changed = Dein Passwort ist geändert. Andere Geräte müssen sich neu anmelden.
wrong-password = Das ist nicht dein Passwort. Groß- und Kleinbuchstaben zählen.
same-password = Das ist schon dein Passwort. Wähl ein anderes.
account-delete = Konto löschen
account-delete-hint = Exportiere vorher deine Daten, wenn du sie behalten willst. (Einstellungen, „Daten“.)
account-delete-ask = Konto löschen…
account-delete-sure = Dein Konto, deine Kalender und alle eigenen Termine werden auf dem Server und auf diesem Gerät gelöscht, auch für alle, mit denen du sie teilst. Niemand kann sie zurückholen.
account-delete-do = Endgültig löschen
account-deleted = Dein Konto ist gelöscht.
sign-in-again = Wieder anmelden
session-ended = Deine Sitzung ist abgelaufen. Auf diesem Gerät ist alles aufgehoben.
session-ended-more = Deine Sitzung ist abgelaufen. Auf diesem Gerät ist alles aufgehoben und wird gesendet, sobald du wieder da bist.
sign-out-title = Abmelden und Änderungen verlieren?
sign-out-unsent =
    { $count ->
        [one] { $count } Änderung ist noch nicht gesendet. Beim Abmelden wird dieses Gerät geleert, und sie würde verloren gehen.
       *[other] { $count } Änderungen sind noch nicht gesendet. Beim Abmelden wird dieses Gerät geleert, und sie würden verloren gehen.
    }
sign-out-stay-hint = Bleib angemeldet: Was noch nicht gesendet ist, wird gesendet, sobald der Server erreichbar ist.
sign-out-anyway = Trotzdem abmelden
stay = Angemeldet bleiben
time-zone = Zeitzone
zone-device = Wie dieses Gerät ({ $zone })
clock = Uhr
clock-24 = 24 Stunden (14:30)
clock-12 = 12 Stunden (2:30 pm)
week-start = Wochen beginnen am
language = Sprache
language-system = Wie dieses Gerät
update-ready = Eine neue Version ist bereit.
reload = Neu laden

### Ärger mit der Datenbank dieses Geräts

trouble-title = Dein Kalender ließ sich nicht öffnen
trouble-nothing-lost = Almanac hat nichts geändert.
trouble-is-newer = Eine neuere Version von Almanac hat die Datenbank geschrieben.
trouble-is-blocked = Ein anderer Tab oder ein anderes Fenster von Almanac hält die Datenbank fest.
trouble-is-unreadable = Die Datenbank lässt sich nicht lesen.
trouble-is-full = Auf diesem Gerät ist kein Platz mehr.
trouble-is-closed = Die Datenbank wurde inzwischen geschlossen.
trouble-is-refused = Der Browser oder der Datenträger ließ Almanac die Datenbank nicht öffnen.
trouble-is-other = Mit der Datenbank stimmt etwas nicht.
trouble-newer = Lade die App neu oder aktualisiere sie. Deine Daten sind unberührt.
trouble-blocked = Schließe die anderen Tabs oder Fenster von Almanac und versuche es dann wieder. Deine Daten sind unberührt.
trouble-unreadable = Die Datei bleibt, wie sie ist. Stelle sie aus einer Sicherung her oder räume sie weg: Was gesendet wurde, ist auf dem Server.
trouble-full = Schaffe Platz auf diesem Gerät und versuche es dann wieder.
trouble-closed = Lade die App neu und versuche es dann wieder. Was vorher gespeichert war, ist unberührt.
trouble-refused = Prüfe, ob der Browser oder der Datenträger Almanac Daten speichern lässt, und versuche es dann wieder.
trouble-other = Versuche es noch einmal; wenn das nicht hilft, starte die App neu. Deine Daten sind unberührt.

### Was geschehen ist

notice-not-saved = Das wurde nicht gespeichert. { $advice }
notice-not-saved-why = Das wurde nicht gespeichert. { $advice } ({ $why })
notice-hidden = Gespeichert, aber nicht zu sehen: „{ $calendar }“ ist ausgeblendet.
notice-not-yours = Dieser Termin gehört jemand anderem. Öffne ihn, um zu sehen, was du damit tun kannst.
notice-repeats = Ein wiederkehrender Termin lässt sich noch nicht verschieben. Nichts wurde geändert.
notice-gone = Diesen Termin gibt es hier nicht mehr.
notice-event-deleted = Termin gelöscht
notice-calendar-deleted = Kalender gelöscht
notice-nothing-to-undo = Nichts rückgängig zu machen
notice-nothing-to-redo = Nichts zu wiederholen
notice-theirs-kept = Jemand hat das inzwischen geändert; diese Änderung blieb stehen.

### Sync

sync = Abgleich
sync-named = Abgleich: { $state }
sync-as-of = Stand { $time }
sync-not-yet = noch nie
sync-not-sent = { $count } nicht gesendet
sync-update = Neue Version nötig
sync-update-short = Version
sync-storage = Speicher gestört
sync-storage-short = Speicher
sync-to-review =
    { $count ->
        [one] { $count } Änderung zu prüfen
       *[other] { $count } Änderungen zu prüfen
    }
offline = Offline
sync-loading = Dein Kalender wird geladen
sync-loading-of = { $here } von { $all } geladen
sync-loading-short = Lädt
up-to-date = Aktuell
sync-checking = Prüft · { $age }
sync-connecting = Verbindet
sync-data = Daten
sync-unsent = Nicht gesendet
sync-since = { $count } · seit { $time }
sync-live = Sofortige Aktualisierung
on = an
off = aus
sync-server = Server
sync-works-offline = Alles geht auch offline. Änderungen werden von selbst gesendet, sobald der Server wieder da ist.
sync-review-list = Zu prüfende Änderungen
pull = Zum Abgleichen ziehen
pull-let-go = Loslassen zum Abgleichen
sync-now = Jetzt abgleichen
field = Feld
yours = Deins
server = Server
discard-mine = Meins verwerfen
try-again = Noch einmal
why-forbidden = Das darfst du nicht (mehr) ändern.
why-deleted = Es wurde inzwischen gelöscht.
why-missing = Der Server hat es nicht (mehr).
why-parent = Wozu es gehört, ist nicht auf dem Server.
why-invalid = Der Server nimmt diese Werte nicht an.
why-rate = Zu viele Änderungen auf einmal.
why-other = Der Server hat es abgelehnt.

### Die Tastenkürzel

key-arrows = Pfeile
key-next = Weiter
key-previous = Zurück
key-views = Monat, Agenda, Jahr
key-open = Den Termin im Fokus öffnen
key-edit = Bearbeiten
key-delete = Löschen
key-move = Verschieben
key-stretch = Kürzer oder länger machen
key-undo = Rückgängig; mit Umschalt wiederholen
key-close = Schließen; Ziehen abbrechen
key-sheet = Diese Übersicht
