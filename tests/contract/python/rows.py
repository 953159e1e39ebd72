"""The official Python client makes, reads, changes and deletes a row of each table.

Prints one line of JSON for each step that went as it should; python.test.mjs starts the server and counts them.
"""

import json
import os
import uuid

from postgrest.exceptions import APIError
from supabase import create_client

URL, KEY = os.environ["ALMANAC_URL"], os.environ["ALMANAC_ANON_KEY"]


def signed_up():
    """A client that is signed in to a fresh account, and the account's id."""
    client = create_client(URL, KEY)
    answer = client.auth.sign_up({"email": f"python-{uuid.uuid4()}@example.org", "password": "correct horse battery"})
    return client, answer.user.id


def done(table, verb):
    print(json.dumps({"table": table, "verb": verb}), flush=True)


def narrow(query, key):
    for column, value in key.items():
        query = query.eq(column, value)
    return query


def each_verb(client, table, row, key, column, value):
    """Makes `row`, reads it by `key`, changes `column` to `value`, deletes it."""
    made = client.table(table).insert({**row, **key}).execute()
    assert len(made.data) == 1, made
    done(table, "makes")
    changes_and_deletes(client, table, key, column, value)


def changes_and_deletes(client, table, key, column, value):
    read = narrow(client.table(table).select("*"), key).single().execute()
    assert all(read.data[name] == value for name, value in key.items()), read
    done(table, "reads")
    changed = narrow(client.table(table).update({column: value}), key).execute()
    assert [row[column] for row in changed.data] == [value], changed
    done(table, "changes")
    try:
        narrow(client.table(table).delete(), key).execute()
    except APIError as error:
        # A profile goes with its account and not before.
        assert table == "user_profiles" and error.code == "42501", error
    else:
        left = narrow(client.table(table).select("*").is_("deleted_at", "null"), key).execute()
        assert left.data == [], left
    done(table, "deletes")


def main():
    ann, ann_id = signed_up()
    _, bob_id = signed_up()
    new = lambda: str(uuid.uuid4())
    changes_and_deletes(ann, "user_profiles", {"id": ann_id}, "display_name", "Ann")
    each_verb(ann, "ai_personas", {"name": "Helper"}, {"id": new()}, "system_prompt", "Be kind.")
    each_verb(ann, "user_calendars", {"name": "Work"}, {"id": new()}, "color", "red")
    each_verb(ann, "user_categories", {"name": "Sport"}, {"id": new()}, "visible", False)
    at_noon = {
        "title": "Lunch", "start_time": "2026-11-23T12:00:00+00:00", "duration": 45,
        "start_timestamp_ms": 0, "end_timestamp_ms": 0,
    }
    event = new()
    ann.table("events").insert({**at_noon, "id": event}).execute()
    each_verb(ann, "event_details_personal", {"show_time_as": "busy"}, {"event_id": event, "user_id": ann_id}, "show_time_as", "free")
    each_verb(ann, "event_user_roles", {"role": "viewer"}, {"event_id": event, "user_id": bob_id}, "role", "contributor")
    each_verb(ann, "event_invites", {"role": "viewer"}, {"event_id": event, "email": "x@example.org"}, "role", "contributor")
    each_verb(ann, "events", at_noon, {"id": new()}, "title", "Dinner")


main()
