-- Run once by a superuser on the database that Almanac gets, so that its server need not be one:
--   createdb almanac && almanac-server roles | psql almanac
-- Then give the role a password (\password almanac_server) and connect as it. Idempotent.
do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('anon',           'nologin noinherit'),
      ('authenticated',  'nologin noinherit'),
      ('service_role',   'nologin noinherit bypassrls'),
      ('authenticator',  'login noinherit'),
      ('almanac_owner',  'nologin inherit bypassrls createrole'),
      ('almanac_server', 'login inherit bypassrls')
    ) as w(name, options)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      execute format('create role %I %s', wanted.name, wanted.options);
    end if;
  end loop;
  grant anon, authenticated, service_role to authenticator, almanac_owner;
  grant anon, authenticated, service_role, almanac_owner to almanac_server;
  execute format('grant create, temporary on database %I to almanac_owner', current_database());
  execute format('alter database %I owner to almanac_server', current_database());
end
$$;
