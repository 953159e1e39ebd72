# The words of accounts, people, settings, search and sync. The rules are those of `en.ftl`.

### Without an account

or = or
try-it = Try it without an account
try-it-hint = Everything stays on this device. Sign in later, and it comes along.
open-local = Open the calendar on this device
first-calendar = Calendar
no-account = No account
no-account-hint = You work without an account. Everything is on this device, and only here.
sign-in-to-sync = Sign in to sync
sign-in-to-sync-hint = With an account your calendar is on all your devices. You are asked what becomes of what you made here.
on-this-device = On this device
on-this-device-short = Local
erase-local = Erase this calendar
erase-local-title = Erase this calendar?
erase-local-hint = Everything you made here without an account is deleted. This cannot be undone.
adopt-title = Take your calendar along?
adopt-events =
    { $events ->
        [one] You made one event on this device without an account. It can become part of { $email }.
       *[other] You made { $events } events on this device without an account. They can become part of { $email }.
    }
adopt-others =
    { $others ->
        [one] You made or changed one thing on this device without an account. It can become part of { $email }.
       *[other] You made or changed { $others } things on this device without an account. They can become part of { $email }.
    }
adopt-both =
    You made { $events ->
        [one] one event
       *[other] { $events } events
    } and changed { $others ->
        [one] one other thing
       *[other] { $others } other things
    } on this device without an account. They can become part of { $email }.
adopt-hint = Kept apart, it stays on this device and is there again when nobody is signed in.
adopt-yes = Take it along
adopt-no = Keep it apart
switch-account = Change account
switch-hint = { $email } stays on this device with everything that was not sent yet. Sign in to it again at any time. To empty this device, sign out instead.
switched-from = { $email } stays on this device. Sign in again to open it, or sign in to another account.
signed-out-not-emptied = You are signed out, but this device could not be emptied yet: { $why }. It is tried again at the next start.
notice-not-signed-out = You are still signed in: { $why }
notice-category-deleted = Category deleted
notice-persona-deleted = Persona deleted

### Settings

settings-sections = Sections of the settings
settings-profile = Profile
settings-clock = Language and time
settings-hours = Working hours
settings-data = Data
unsaved = not saved
all-saved = Everything is saved.
close-again = What you typed is not saved. Close again to throw it away.
display-name = Name shown to others
display-name-hint = Those you share events with see this name and the picture, and nothing else of your profile.
first-name = First name
last-name = Last name
job-title = Job title
organization = Organization
picture = Picture (address)
picture-bad = Give an address that begins with https://.
hours-hint = The hours outside of these are shaded in the calendar.
hours-from = { $day } from
hours-to = { $day } until
hours-add = Add hours
hours-add-named = Add hours on { $day }
hours-remove = Remove these hours on { $day }
hours-wrong = Give times like 9:00 and 17:30, the end after the start.
calendars-hint = New events go to the default calendar unless you choose another one.
categories = Categories
categories-hint = Categories sort your own view of events; others do not see them.
category = Category
category-none = None
category-new = New category
category-edit = Edit category
category-make-default = New events get this category
categories-change = Change categories
personas = Personas
personas-hint = A persona looks after events for you, with instructions of its own.
persona = Persona
persona-any = Any
persona-new = New persona
persona-edit = Edit persona
persona-prompt = What the persona is told
move-up = Move { $name } up
move-down = Move { $name } down
delete-named = Delete { $name }
fate = What becomes of its events?
fate-move = They move to
fate-stay-calendar = They stay, in the default calendar
fate-stay-category = They stay, without a category
fate-stay-persona = They stay, and nobody looks after them
fate-delete = Those of my own are deleted too
fate-hint = You can undo this. Events that are not on this device count as in the default calendar, or as without a category or persona.
held = On this device
held-all = All events there are.
held-span = { $from } to { $to }
held-none = Nothing was fetched yet.
fetching = Fetching them…
fetch-offline = They come when the server can be reached.
fetch-cannot = They cannot be fetched: { $why }.
calendars-none = No calendar yet. Make one to give events a colour.
categories-none = No category yet: Deep work, Family, Travel…
personas-none = No persona yet. Make one and tell it what to look after.
search-none = No event found.
fetch-all = Fetch all events
waits = Not sent yet
waits-none = Nothing waits.
event = Event
role = Role
invitation = Invitation

### One's own view of an event

own-view = Only for you
defend = Defend the time
defend-flexible = Flexible
defend-normal = Normal
defend-high = High
defend-hard = Hard block
reminders = Reminders
reminders-calendar = As its calendar
reminder-start = At the start
reminder-before = { $length } before
ai-managed = Looked after by a persona
ai-instructions = What the persona should know

### People

people = People
people-after-save = Save the event, then invite people to it.
people-need-account = Sign in to share events with others.
people-of-series = Those of the whole series share this occurrence too.
people-not-yours = Its owner decides who shares this event.
somebody = Somebody
your-answer = Your answer
following = Follow changes
role-viewer = Viewer
role-contributor = Contributor
role-delegate = Delegate
role-owner = Owner
role-of = Role of { $name }
remove-named = Remove { $name }
rsvp = Your answer
rsvp-none = no answer yet
rsvp-yes = Yes
rsvp-maybe = Perhaps
rsvp-no = No
invite = Invite
invite-email = Invite by e-mail
invite-role = Role offered
invite-hint = Viewers look, contributors change the content, delegates also invite and delete. Twenty invitations an hour at most.
invite-waiting = waiting until accepted
invite-withdraw = Take back the invitation of { $email }
invitations = Invitations
invited-as = You are invited to an event, as { $role }.
invited-by = { $name } invites you, as { $role }.
invited-role = You are invited as { $role }.
accept = Accept
decline = Decline
leave-event = Leave the event
open-details = Open details
may-view = You can view this event. Its owner lets you answer and follow, not change it. What is only for you is yours to set.
may-contribute = You can change the content of this event. Who shares it, and whether it is private, its owner decides.

### Search and commands

search = Search or add
palette = Search, commands, new events
palette-hint = Search, or “lunch with Ana tue 1pm 45m”
quick-add = New event: { $title }
search-more = The first hundred.
searched = Searched: { $spans }.
searched-all = Everything was searched.
redo = Redo

### Export

export = All my data
export-hint = One JSON file with everything of yours that is on this device, also what was not sent yet.
export-button = Export as JSON
exported = Saved to your downloads.
exported-to = Saved as { $place }.
exported-part = It holds what is on this device; fetch all events first to have everything.
export-failed = It was not saved: { $why }

### The sync page

sync-page = All about sync
sync-room = Room taken here
sync-room-of = { $used } of { $most }
details = Details
edit = Edit
stuck-hint = The server did not take these. They stay here until you decide; everything else goes on.
stuck-not-there = The server does not have it, or no longer shows it to you.
field-length = Length
field-deleted = Deleted
check = The same as on the server?
check-hint = Nothing should ever differ. Almanac looks now and then by itself, and puts right what does.
check-now = Check now
check-never = Not compared yet.
check-busy = Comparing…
check-offline = It is compared as soon as the server can be reached.
check-unsent = It is compared as soon as everything is sent.
check-same = { $time }: the same as the server’s.
check-suspects = { $time }: something differs ({ $what }). It is looked at again in a moment.
check-repaired = { $time }: something differed ({ $what }) and is fetched again. What you wrote is kept.
check-unlike = { $time }: something differs still ({ $what }), although it was fetched again. Nothing you wrote is lost. Save the log below and give it to whoever runs the server.
log = What sync did lately
log-hint = Numbers and times only, nothing of what you wrote.
log-save = Save the log
