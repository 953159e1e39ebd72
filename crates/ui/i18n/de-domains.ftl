# Die Worte zu Konten, Personen, Einstellungen, Suche und Abgleich.

### Ohne Konto

or = oder
try-it = Ohne Konto ausprobieren
try-it-hint = Alles bleibt auf diesem Gerät. Melden Sie sich später an, kommt es mit.
open-local = Den Kalender auf diesem Gerät öffnen
first-calendar = Kalender
no-account = Ohne Konto
no-account-hint = Sie arbeiten ohne Konto. Alles ist auf diesem Gerät, und nur hier.
sign-in-to-sync = Zum Abgleich anmelden
sign-in-to-sync-hint = Mit einem Konto ist Ihr Kalender auf allen Ihren Geräten. Sie werden gefragt, was aus dem wird, was Sie hier angelegt haben.
on-this-device = Auf diesem Gerät
on-this-device-short = Lokal
erase-local = Diesen Kalender löschen
erase-local-title = Diesen Kalender löschen?
erase-local-hint = Alles, was Sie hier ohne Konto angelegt haben, wird gelöscht. Das lässt sich nicht rückgängig machen.
adopt-title = Ihren Kalender mitnehmen?
adopt-events =
    { $events ->
        [one] Sie haben auf diesem Gerät ohne Konto einen Termin angelegt. Er kann Teil von { $email } werden.
       *[other] Sie haben auf diesem Gerät ohne Konto { $events } Termine angelegt. Sie können Teil von { $email } werden.
    }
adopt-others =
    { $others ->
        [one] Sie haben auf diesem Gerät ohne Konto etwas angelegt oder geändert. Es kann Teil von { $email } werden.
       *[other] Sie haben auf diesem Gerät ohne Konto { $others } Dinge angelegt oder geändert. Sie können Teil von { $email } werden.
    }
adopt-both =
    { $events ->
        [one] Sie haben auf diesem Gerät ohne Konto einen Termin angelegt und { $others } andere Dinge geändert. Sie können Teil von { $email } werden.
       *[other] Sie haben auf diesem Gerät ohne Konto { $events } Termine angelegt und { $others } andere Dinge geändert. Sie können Teil von { $email } werden.
    }
adopt-hint = Getrennt gehalten bleibt es auf diesem Gerät und ist wieder da, wenn niemand angemeldet ist.
adopt-yes = Mitnehmen
adopt-no = Getrennt halten
switch-account = Konto wechseln
switch-hint = { $email } bleibt auf diesem Gerät, mit allem, was noch nicht gesendet ist. Melden Sie sich jederzeit wieder an. Soll dieses Gerät geleert werden, melden Sie sich stattdessen ab.
switched-from = { $email } bleibt auf diesem Gerät. Melden Sie sich wieder an, um es zu öffnen, oder mit einem anderen Konto.
signed-out-not-emptied = Sie sind abgemeldet, aber dieses Gerät ließ sich noch nicht leeren: { $why } Beim nächsten Start wird es wieder versucht.
notice-not-signed-out = Sie sind noch angemeldet: { $why }
notice-category-deleted = Kategorie gelöscht
notice-persona-deleted = Persona gelöscht
