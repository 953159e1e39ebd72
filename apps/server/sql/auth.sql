-- What this server keeps in `auth` besides the accounts that bootstrap.sql makes. Idempotent; applied by a superuser.
-- Nothing here is granted to anyone: only the server itself reads and writes it.

-- One row a sign-in. Refresh tokens are not stored: a token is (session, counter) signed with the session's own key, so
-- the current one can be made again when an answer was lost, and a stolen database dump holds none that were sent.
create table if not exists auth.sessions (
  id            uuid primary key,
  user_id       uuid not null references auth.users (id) on delete cascade,
  refresh_key   bytea not null,
  counter       bigint not null default 0,
  created_at    timestamptz not null default now(),
  refreshed_at  timestamptz not null default now(),
  user_agent    text
);
create index if not exists sessions_user_id_idx on auth.sessions (user_id);
alter table auth.sessions enable row level security;

-- The project's signing secret and its anon key, made once, shared by every server process on this database.
create table if not exists auth.project (
  one        boolean primary key default true check (one),
  jwt_secret bytea not null,
  anon_key   text not null,
  created_at timestamptz not null default now()
);
alter table auth.project enable row level security;

-- Key pairs that sign access tokens instead of the secret, once there is one: the newest signs, all of them are good for
-- checking. `pkcs8` holds the private half.
create table if not exists auth.signing_keys (
  id         uuid primary key,
  pkcs8      bytea not null,
  created_at timestamptz not null default now()
);
alter table auth.signing_keys enable row level security;
