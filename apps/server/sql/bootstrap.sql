-- What a hosted Supabase project has before our migrations run: the roles, the `auth` schema and the publication
-- that `supabase/migrations` builds on. Idempotent; applied by a superuser, to every database, before the migrations.
--
-- The migrations are then applied as `almanac_owner`, which has what hosted Supabase's `postgres` has (BYPASSRLS, no
-- superuser), so that a migration which needs more fails here too and not first in production.
-- Roles belong to the whole cluster, everything else to one database. Two databases may be bootstrapped at the same
-- time, so a role that someone else has just made is no error.

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('anon',          'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role',  'nologin noinherit bypassrls'),
      ('authenticator', 'login noinherit'),
      ('almanac_owner', 'nologin inherit bypassrls createrole')
    ) as w(name, options)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      begin
        execute format('create role %I %s', wanted.name, wanted.options);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
  end loop;

  -- Membership and database rights are granted once: a repeated GRANT writes the catalogue row again, and two
  -- databases bootstrapped at once would then trip over each other ("tuple concurrently updated").
  for wanted in
    select r.name as name, m.name as options
      from (values ('anon'), ('authenticated'), ('service_role')) as r(name),
           (values ('authenticator'), ('almanac_owner')) as m(name)
  loop
    if not exists (
      select from pg_catalog.pg_auth_members a
       where a.roleid = wanted.name::regrole and a.member = wanted.options::regrole)
    then
      begin
        execute format('grant %I to %I', wanted.name, wanted.options);
      exception when unique_violation then
        null;
      end;
    end if;
  end loop;

  if not has_database_privilege('almanac_owner', current_database(), 'create') then
    begin
      execute format('grant create, temporary on database %I to almanac_owner', current_database());
    exception when internal_error then
      -- PGlite serves `template1`, whose catalogue row it cannot GRANT on ("tuple concurrently deleted"); changing the
      -- owner goes another way and gives the same rights.
      execute format('alter database %I owner to almanac_owner', current_database());
    end;
  end if;
end
$$;

create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role, almanac_owner;

-- Once: whoever is a member of almanac_owner and no superuser would give it back to the giver.
do $$
begin
  if not has_schema_privilege('almanac_owner', 'public', 'create with grant option') then
    grant usage, create on schema public to almanac_owner with grant option;
  end if;
end
$$;
grant usage on schema public to anon, authenticated, service_role;

-- `auth`: GoTrue's table of accounts, with the columns that we read or write, and the three functions policies use.
create schema if not exists auth;
grant usage on schema auth to anon, authenticated, service_role, almanac_owner;

create table if not exists auth.users (
  id                 uuid primary key,
  instance_id        uuid,
  aud                varchar(255) default 'authenticated',
  role               varchar(255) default 'authenticated',
  email              varchar(255),
  encrypted_password varchar(255),
  email_confirmed_at timestamptz,
  raw_app_meta_data  jsonb,
  raw_user_meta_data jsonb,
  last_sign_in_at    timestamptz,
  banned_until       timestamptz,
  is_sso_user        boolean not null default false,
  deleted_at         timestamptz,
  created_at         timestamptz default now(),
  updated_at         timestamptz default now()
);
-- GoTrue's own rule: an e-mail belongs to one account, single sign-on apart.
create unique index if not exists users_email_partial_key on auth.users (email) where (is_sso_user = false);
alter table auth.users enable row level security;
-- Triggers on `users` are all that a project may add to this schema.
grant select, insert, update, delete, references, trigger on auth.users to almanac_owner;

create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;

create or replace function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )::text
$$;

create or replace function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

grant execute on function auth.uid(), auth.role(), auth.jwt() to public;

-- The publication that Supabase's Realtime reads. The migrations decide what is in it.
do $$
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
    alter publication supabase_realtime owner to almanac_owner;
  end if;
end
$$;
