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
    { $events ->
        [one] You made one event and changed { $others } other things on this device without an account. They can become part of { $email }.
       *[other] You made { $events } events and changed { $others } other things on this device without an account. They can become part of { $email }.
    }
adopt-hint = Kept apart, it stays on this device and is there again when nobody is signed in.
adopt-yes = Take it along
adopt-no = Keep it apart
switch-account = Change account
switch-hint = { $email } stays on this device with everything that was not sent yet. Sign in to it again at any time. To empty this device, sign out instead.
switched-from = { $email } stays on this device. Sign in again to open it, or sign in to another account.
signed-out-not-emptied = You are signed out, but this device could not be emptied yet: { $why } It is tried again at the next start.
notice-not-signed-out = You are still signed in: { $why }
notice-category-deleted = Category deleted
notice-persona-deleted = Persona deleted
