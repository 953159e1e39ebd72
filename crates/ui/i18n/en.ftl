# The words of Almanac. English decides which messages there are; every other file has the same ones with the same
# variables, or the build fails. Texts, variables and choices (by number, plural form or word) are all the syntax used.

### Everywhere

today = Today
close = Close
cancel = Cancel
save = Save
delete = Delete
undo = Undo
dismiss = Dismiss
untitled = (no title)
not-sent = Not sent yet
refused = Refused by the server
too-long = { $is } characters; { $most } is the most.

### Dates. $style is `us` where the month stands before the day.

monday = Monday
tuesday = Tuesday
wednesday = Wednesday
thursday = Thursday
friday = Friday
saturday = Saturday
sunday = Sunday
mon = Mon
tue = Tue
wed = Wed
thu = Thu
fri = Fri
sat = Sat
sun = Sun
mon-2 = Mo
tue-2 = Tu
wed-2 = We
thu-2 = Th
fri-2 = Fr
sat-2 = Sa
sun-2 = Su
january = January
february = February
march = March
april = April
may = May
june = June
july = July
august = August
september = September
october = October
november = November
december = December
jan = Jan
feb = Feb
mar = Mar
apr = Apr
may-short = May
jun = Jun
jul = Jul
aug = Aug
sep = Sep
oct = Oct
nov = Nov
dec = Dec
date-full =
    { $style ->
        [us] { $weekday }, { $month } { $day }, { $year }
       *[other] { $weekday }, { $day } { $month } { $year }
    }
date-long =
    { $style ->
        [us] { $month } { $day }, { $year }
       *[other] { $day } { $month } { $year }
    }
date-short =
    { $style ->
        [us] { $weekday }, { $month } { $day }
       *[other] { $weekday }, { $day } { $month }
    }
date-day-month =
    { $style ->
        [us] { $month } { $day }
       *[other] { $day } { $month }
    }
date-field =
    { $style ->
        [us] { $weekday }, { $month } { $day }, { $year }
       *[other] { $weekday }, { $day } { $month } { $year }
    }
pick-date = { $field }: pick a date
date-month = { $month } { $year }
length-minutes = { $minutes } min
length-hours = { $hours } h
length-both = { $hours } h { $minutes } min
length-days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }

### Views and getting about

view = View
views = Views
view-day = Day
view-3days = 3 days
view-week = Week
view-weeks = { $count } weeks
view-month = Month
view-agenda = Agenda
view-year = Year
next-weeks = Next weeks
next-year = Next year
previous-weeks = Previous weeks
previous-year = Previous year
spoken-year = Year { $what }
go-to-date = Go to a date
agenda-today-free = Nothing today
agenda-empty = Nothing in these four weeks.
from-time = from { $time }
until-time = until { $time }
theme = Theme
theme-system = As this device
theme-light = Light
theme-dark = Dark
density = Density
density-compact = Compact
density-normal = Normal
density-roomy = Roomy
key-days = Day, 3 days, week
key-weeks = Two weeks; again for more
key-duplicate = Duplicate it
said-moved = { $title }: { $when }
said-created = Created: { $title }, { $when }
said-deleted = Deleted: { $title }
next-day = Next day
next-3days = Next three days
next-week = Next week
next-month = Next month
previous-day = Previous day
previous-3days = Previous three days
previous-week = Previous week
previous-month = Previous month
spoken-month = Month: { $what }
spoken-days = { $from } to { $to }
spoken-week = Week: { $from } to { $to }
week = Week
week-number = Week { $week }
month-before = Month before
month-after = Month after
calendar = Calendar
calendars-and-account = Calendars and account
not-here = These days are not on this device yet.
not-all-here = Some events of these days may not be on this device yet.
start-here = Nothing here yet. Click a free hour or press C to make an event; / takes one in words.
start-here-touch = Nothing here yet. Tap a free hour or + to make an event.
hidden-here = The events of these days are in calendars or categories that are hidden.
hidden-show = Show all
new-short = New

### The grid

column = 
    { $count ->
        [one] { $date }, { $count } event
       *[other] { $date }, { $count } events
    }
all-day = all day
all-day-events = All-day events
less = less
more-count = +{ $count }
more = more
more-on = more on { $date }

### Events

new-event = New event
edit-event = Edit event
delete-event = Delete event
duplicate = Duplicate
close-editor = Close editor
title = Title
add-title = Add a title
all-day-switch = All day
starts = Starts
start-time = Start time
ends = Ends
end-time = End time
times-are = Times are { $zone }
location = Location
add-location = Add a place or link
notes = Notes
show-as = Show as
show-free = Free
show-tentative = Tentative
show-busy = Busy
show-oof = Out of office
show-elsewhere = Working elsewhere
private = Private
repeats = Repeats
kept-draft = Kept, not saved: { $title }
kept-continue = Go on
kept-discard = Throw it away
more-options = More options
kept-here = Not sent yet. It is kept on this device.
sent-now = Sent.
review-it = Refused by the server. Review it in the sync panel.
viewer-only = You can view this event; its owner edits it.
bad-date = Give a date like 23 Nov 2026.
far-date = The year must lie between 1 and 9989.
bad-time = Give a time like 9:30 or 2pm.
end-before-start = The end lies before the start.
too-long-event = An event can last ten years at most.

### Calendars

calendars = Calendars
calendar-new = New calendar
calendar-edit = Edit calendar
calendar-edit-named = Edit { $name }
calendar-default = default
name = Name
name-needed = Give it a name.
colour = Colour
calendar-make-default = New events go here by default
calendar-delete-title = Delete “{ $name }”?
blue = Blue
cyan = Cyan
teal = Teal
green = Green
amber = Amber
orange = Orange
red = Red
pink = Pink
violet = Violet
indigo = Indigo
gray = Gray

### Account

opening = Opening your calendar
account = Account
account-named = Account { $email }
settings = Settings
keys = Keyboard shortcuts
sign-out = Sign out
sign-in = Sign in
sign-in-busy = Signing in…
sign-up = Create account
sign-up-busy = Creating your account…
sign-in-or-up = Sign in or create an account
new-account = New account
make-account = Create an account
welcome-back = Welcome back
server-named = Server: { $server }
email = E-mail
password = Password
email-needed = Give your e-mail address.
password-needed = Give a password.
wrong-credentials = E-mail or password is wrong. Check both; capitals count in the password.
email-taken = This e-mail has an account already. Sign in instead.
weak-password = Choose a stronger password: { $why }
not-confirmed = Confirm your e-mail first (see the message you got), then sign in.
rate-limited = Too many tries. Wait a minute, then try again.
unreachable = The server cannot be reached. Check the connection, then try again.
did-not-work = It did not work: { $why }
first-start-offline = The server cannot be reached. Almanac needs the server once, to sign in; after that it works without.
account-and-password = Account and password
password-change = Change password
password-current = Current password
password-new = New password
password-again = New password again
password-differs = The two new passwords differ.
password-changed = Your password is changed. Other devices have to sign in again.
wrong-password = That is not your password. Capitals count.
same-password = That is your password already. Choose another one.
account-delete = Delete account
account-delete-hint = Export your data first if you want to keep them. (Settings, “Data”.)
account-delete-ask = Delete account…
account-delete-sure = Your account, your calendars and all events of your own are deleted at the server and on this device, for those you share them with too. Nobody can bring them back.
account-delete-do = Delete for good
account-deleted = Your account is deleted.
sign-in-again = Sign in again
session-ended = Your session has ended. Everything is kept on this device.
session-ended-more = Your session has ended. Everything on this device is kept, and sent once you are back.
sign-out-title = Sign out and lose changes?
sign-out-unsent =
    { $count ->
        [one] { $count } change has not been sent to the server. Signing out empties this device: it would be lost.
       *[other] { $count } changes have not been sent to the server. Signing out empties this device: they would be lost.
    }
sign-out-stay-hint = Stay signed in, and what is not sent yet is sent once the server can be reached.
sign-out-anyway = Sign out anyway
stay = Stay signed in
time-zone = Time zone
zone-device = As this device ({ $zone })
clock = Clock
clock-24 = 24 hours (14:30)
clock-12 = 12 hours (2:30 pm)
week-start = Weeks begin on
language = Language
language-system = As this device
update-ready = An update is ready.
reload = Reload

### Trouble with the local database

trouble-title = Your calendar did not open
trouble-nothing-lost = Almanac has changed nothing.
trouble-is-newer = A newer version of Almanac has written the database.
trouble-is-blocked = Another tab or window of Almanac holds the database.
trouble-is-unreadable = The database cannot be read.
trouble-is-full = No room is left on this device.
trouble-is-closed = The database was closed meanwhile.
trouble-is-refused = The browser or the disk did not let Almanac open the database.
trouble-is-other = Something is wrong with the database.
trouble-newer = Reload or update the app. Your data is untouched.
trouble-blocked = Close the other tabs or windows of Almanac, then try again. Your data is untouched.
trouble-unreadable = The file is left as it is. Restore it from a backup, or move it away: what was sent is on the server.
trouble-full = Free some space on this device, then try again.
trouble-closed = Reload or restart the app, then try again. What was saved before is untouched.
trouble-refused = Check that the browser or the disk lets Almanac keep data, then try again.
trouble-other = Try again; if it stays, restart the app. Your data is untouched.

### Words about what was done

notice-not-saved = That was not saved. { $advice }
notice-not-saved-why = That was not saved. { $advice } ({ $why })
notice-hidden = Saved, but you do not see it: “{ $calendar }” is hidden.
notice-not-yours = This event belongs to somebody else. Open it to see what you may do with it.
notice-repeats = A repeating event cannot be moved yet. Nothing was changed.
notice-gone = That event is no longer here.
notice-event-deleted = Event deleted
notice-calendar-deleted = Calendar deleted
notice-nothing-to-undo = Nothing to undo
notice-nothing-to-redo = Nothing to redo
notice-theirs-kept = Someone changed this in between; their change was kept.

### Sync

sync = Sync
sync-named = Sync: { $state }
sync-as-of = as of { $time }
sync-not-yet = not yet
sync-not-sent = { $count } not sent
sync-update = Update needed
sync-update-short = Update
sync-storage = Storage trouble
sync-storage-short = Storage
sync-to-review =
    { $count ->
        [one] { $count } change to review
       *[other] { $count } changes to review
    }
offline = Offline
sync-loading = Loading your calendar
sync-loading-of = Loading { $here } of { $all }
sync-loading-short = Loading
up-to-date = Up to date
sync-checking = Checking · { $age }
sync-connecting = Connecting
sync-data = Data
sync-unsent = Not sent
sync-since = { $count } · since { $time }
sync-live = Live updates
on = on
off = off
sync-server = Server
sync-works-offline = Everything works offline. Changes are sent by themselves once the server is back.
sync-review-list = Changes to review
pull = Pull down to sync
pull-let-go = Let go to sync
sync-now = Sync now
field = Field
yours = Yours
server = Server
discard-mine = Discard mine
try-again = Try again
why-forbidden = You may not change this (any more).
why-deleted = It has been deleted in the meantime.
why-missing = The server does not have it (any more).
why-parent = What it belongs to is not on the server.
why-invalid = The server does not take these values.
why-rate = Too many changes at once.
why-other = The server refused it.

### The sheet of keys

key-arrows = arrows
key-next = Next
key-previous = Previous
key-views = Month, agenda, year
key-open = Open the event with the focus
key-edit = Edit it
key-delete = Delete it
key-move = Move it
key-stretch = Make it shorter or longer
key-undo = Undo; with Shift redo
key-close = Close; cancel a drag
key-sheet = This sheet
