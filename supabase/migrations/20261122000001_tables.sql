-- The eight synced tables. Their columns, groups and wire form are in docs/wire.md.
--
-- Rules (docs/sync.md §1): a CHECK spans one group at most, because groups merge apart and any mixture must be storable;
-- no UNIQUE but the keys, because two devices may both be right; a foreign key only to the event a row belongs to, and
-- none that cascades. What the wire has no form for (infinite instants and positions) is not stored. Calendars, categories and personas are named without a foreign key: a dead one counts as the default.

create schema if not exists almanac;
revoke all on schema almanac from public, anon, authenticated;

create table public.user_profiles (
  id             uuid primary key,
  email          text not null,
  first_name     text,
  last_name      text,
  display_name   text,
  title          text,
  organization   text,
  avatar_url     text,
  timezone       text not null default 'UTC',
  time_format    text not null default '24_hour',
  week_start_day text not null default 'monday',
  work_schedule  jsonb,
  stamps         jsonb not null default '{}',
  updated_at     timestamptz not null default now(),
  deleted_at     timestamptz,
  constraint user_profiles_names check (length(first_name) <= 500 and length(last_name) <= 500 and length(display_name) <= 500),
  constraint user_profiles_title check (length(title) <= 500),
  constraint user_profiles_organization check (length(organization) <= 500),
  constraint user_profiles_avatar check (length(avatar_url) <= 200000),
  constraint user_profiles_timezone check (length(timezone) between 1 and 100),
  constraint user_profiles_time_format check (time_format in ('12_hour', '24_hour')),
  constraint user_profiles_week_start_day
    check (week_start_day in ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')),
  constraint user_profiles_work_schedule check (jsonb_typeof(work_schedule) in ('object', 'null'))
);

create table public.ai_personas (
  id            uuid primary key default gen_random_uuid(),
  user_id       uuid not null default auth.uid(),
  name          text not null,
  avatar_url    text,
  system_prompt text,
  position      double precision not null default 0,
  stamps        jsonb not null default '{}',
  updated_at    timestamptz not null default now(),
  deleted_at    timestamptz,
  constraint ai_personas_position check (position > '-infinity' and position < 'infinity'),
  constraint ai_personas_name check (length(name) <= 500),
  constraint ai_personas_avatar check (length(avatar_url) <= 200000),
  constraint ai_personas_prompt check (length(system_prompt) <= 200000)
);
create index ai_personas_user on public.ai_personas (user_id);

create table public.user_calendars (
  id                uuid primary key default gen_random_uuid(),
  user_id           uuid not null default auth.uid(),
  name              text not null,
  color             text not null default 'blue',
  visible           boolean not null default true,
  is_default        boolean not null default false,
  position          double precision not null default 0,
  default_reminders jsonb not null default '[]',
  stamps            jsonb not null default '{}',
  updated_at        timestamptz not null default now(),
  deleted_at        timestamptz,
  constraint user_calendars_position check (position > '-infinity' and position < 'infinity'),
  constraint user_calendars_name check (length(name) <= 500),
  constraint user_calendars_color check (length(color) between 1 and 100),
  constraint user_calendars_default_reminders check (jsonb_typeof(default_reminders) = 'array')
);
create index user_calendars_user on public.user_calendars (user_id);

create table public.user_categories (
  id         uuid primary key default gen_random_uuid(),
  user_id    uuid not null default auth.uid(),
  name       text not null,
  color      text not null default 'blue',
  visible    boolean not null default true,
  is_default boolean not null default false,
  position   double precision not null default 0,
  stamps     jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint user_categories_position check (position > '-infinity' and position < 'infinity'),
  constraint user_categories_name check (length(name) <= 500),
  constraint user_categories_color check (length(color) between 1 and 100)
);
create index user_categories_user on public.user_categories (user_id);

create table public.events (
  id                 uuid primary key default gen_random_uuid(),
  owner_id           uuid not null default auth.uid(),
  series_id          uuid references public.events (id),
  original_start     timestamptz,
  split_from         uuid,
  ical_uid           text,
  title              text not null default '',
  start_time         timestamptz not null,
  duration           integer not null,
  all_day            boolean not null default false,
  -- Null: the reader's own zone, as all-day events have it.
  time_zone          text default 'UTC',
  recurrence         text,
  start_timestamp_ms bigint not null,
  end_timestamp_ms   bigint not null,
  private            boolean not null default false,
  location           text,
  notes              text,
  stamps             jsonb not null default '{}',
  updated_at         timestamptz not null default now(),
  deleted_at         timestamptz,
  constraint events_title check (length(title) <= 2000),
  constraint events_duration check (duration between 0 and 5256000),
  -- Years of four digits, so that the wire form of an instant always has the same length.
  constraint events_start_time check (start_time >= '0001-01-01 00:00+00' and start_time < '9990-01-01 00:00+00'),
  -- An all-day event is a date: midnight UTC, whole days (docs/sync.md §1).
  constraint events_all_day check (
    not all_day or (duration >= 1440 and duration % 1440 = 0
                    and mod(extract(epoch from start_time), 86400) = 0)),
  constraint events_time_zone check (length(time_zone) between 1 and 100),
  constraint events_recurrence check (length(recurrence) between 1 and 20000),
  constraint events_bounds check (start_timestamp_ms <= end_timestamp_ms),
  constraint events_location check (length(location) <= 5000),
  constraint events_notes check (length(notes) <= 200000),
  constraint events_ical_uid check (length(ical_uid) <= 1000),
  constraint events_original_start check (original_start >= '0001-01-01 00:00+00' and original_start < '9990-01-01 00:00+00'),
  constraint events_exception check ((series_id is null) = (original_start is null) and series_id <> id)
);
create index events_owner_bounds on public.events (owner_id, end_timestamp_ms, start_timestamp_ms);
create index events_series on public.events (series_id) where series_id is not null;

create table public.event_details_personal (
  event_id           uuid not null references public.events (id),
  user_id            uuid not null default auth.uid(),
  calendar_id        uuid,
  category_id        uuid,
  show_time_as       text not null default 'busy',
  time_defense_level text not null default 'normal',
  ai_managed         boolean not null default false,
  ai_instructions    text,
  persona_id         uuid,
  reminders          jsonb,
  stamps             jsonb not null default '{}',
  updated_at         timestamptz not null default now(),
  deleted_at         timestamptz,
  primary key (event_id, user_id),
  constraint event_details_personal_show_time_as
    check (show_time_as in ('free', 'tentative', 'busy', 'oof', 'working_elsewhere')),
  constraint event_details_personal_time_defense_level
    check (time_defense_level in ('flexible', 'normal', 'high', 'hard_block')),
  constraint event_details_personal_ai check (length(ai_instructions) <= 200000),
  constraint event_details_personal_reminders check (jsonb_typeof(reminders) in ('array', 'null'))
);
create index event_details_personal_user on public.event_details_personal (user_id);

create table public.event_user_roles (
  event_id   uuid not null references public.events (id),
  user_id    uuid not null,
  role       text not null default 'viewer',
  rsvp       text,
  following  boolean not null default true,
  stamps     jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (event_id, user_id),
  constraint event_user_roles_role check (role in ('viewer', 'contributor', 'owner', 'delegate_full')),
  constraint event_user_roles_rsvp check (rsvp in ('tentative', 'accepted', 'declined'))
);
create index event_user_roles_user on public.event_user_roles (user_id) where deleted_at is null;

create table public.event_invites (
  event_id   uuid not null references public.events (id),
  email      text not null,
  invited_by uuid not null default auth.uid(),
  status     text not null default 'waiting',
  role       text not null default 'viewer',
  stamps     jsonb not null default '{}',
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (event_id, email),
  constraint event_invites_email check (email = lower(email) and length(email) between 3 and 320 and position('@' in email) > 1),
  constraint event_invites_status check (status in ('waiting', 'accepted')),
  constraint event_invites_role check (role in ('viewer', 'contributor', 'delegate_full'))
);
create index event_invites_email on public.event_invites (email) where deleted_at is null;

-- Whatever the project's default grants are, nothing is reachable until a later migration says so. RLS is on from the start.
do $$
declare
  t text;
begin
  foreach t in array array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events',
                           'event_details_personal', 'event_user_roles', 'event_invites']
  loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I add constraint %I
                    check (deleted_at >= ''0001-01-01 00:00+00'' and deleted_at < ''9990-01-01 00:00+00'')', t, t || '_life');
    execute format('revoke all on table public.%I from public, anon, authenticated', t);
    execute format('grant select, insert, update, delete on table public.%I to service_role', t);
  end loop;
end
$$;
