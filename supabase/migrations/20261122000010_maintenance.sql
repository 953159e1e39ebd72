-- What an operator calls: a new epoch after a restore, and the collection of old tombstones.

-- Tells every device that this database is not the one it knew. Must be called after every restore from a backup.
-- Devices give a restored database their newer stamps back, but not those of what only the server writes: that is stamped
-- anew, so that the database's word counts.
create function public.sync_new_epoch() returns uuid
language plpgsql volatile security definer set search_path = '' as $$
declare
  us bigint := almanac.now_micros();
begin
  perform set_config('almanac.push', 'on', true);
  update public.user_profiles p
     set stamps = p.stamps || jsonb_build_object('account', almanac.server_stamp(us)),
         updated_at = greatest(p.updated_at, almanac.from_micros(us));
  perform set_config('almanac.push', '', true);
  update almanac.sync_meta set epoch = gen_random_uuid();
  return (select m.epoch from almanac.sync_meta m);
end
$$;

-- Removes tombstones whose deletion is older than `p_older`, children first, at most `p_limit` rows in one call; returns how
-- many. An event that has been dead for so long takes along what hangs on it: exceptions, roles, overlays, invitations. Repeat until it returns 0. A device whose cursor is older than what was removed is told to resync by `floor`.
create function almanac.collect_tombstones(p_older interval default '90 days', p_limit integer default 1000) returns integer
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  before_us text := almanac.server_stamp(almanac.micros(clock_timestamp() - p_older));
  left_over integer := p_limit;
  removed   integer;
  t         text;
  keys      text[];
begin
  perform set_config('almanac.collect', 'on', true);
  -- Events last, exceptions before their series: rows are referenced only upwards.
  foreach t in array array['event_invites', 'event_details_personal', 'event_user_roles', 'exceptions', 'events',
                           'user_categories', 'user_calendars', 'ai_personas']
  loop
    exit when left_over <= 0;
    execute format($sql$
      with old as (
        select t.ctid from public.%1$I t where %3$s limit $2 for update skip locked),
      gone as (delete from public.%1$I t using old where t.ctid = old.ctid returning %2$s as row_key)
      select coalesce(array_agg(row_key), '{}') from gone
      $sql$,
      case t when 'exceptions' then 'events' else t end,
      case when t in ('event_details_personal', 'event_user_roles') then $k$t.event_id || ':' || t.user_id$k$
           when t = 'event_invites' then $k$t.event_id || ':' || t.email$k$
           else 't.id::text' end,
      case
        when t in ('event_invites', 'event_details_personal', 'event_user_roles') then
          -- Of an exception both it and its series count.
          format('(%s or exists (select from public.events e left join public.events s on s.id = e.series_id
                                  where e.id = t.event_id and (%s or %s)))',
                 almanac.long_dead('t'), almanac.long_dead('e'), almanac.long_dead('s'))
        when t = 'exceptions' then
          format('t.series_id is not null and %s and (%s or exists (select from public.events s where s.id = t.series_id and %s))',
                 almanac.childless(), almanac.long_dead('t'), almanac.long_dead('s'))
        when t = 'events' then
          format('t.series_id is null and not exists (select from public.events x where x.series_id = t.id) and %s and %s',
                 almanac.childless(), almanac.long_dead('t'))
        else almanac.long_dead('t')
      end) using before_us, left_over into keys;
    removed := cardinality(keys);
    left_over := left_over - removed;
    continue when removed = 0;

    -- Heads first, in user order, as everywhere.
    with stale as materialized (
      select f.user_id, max(f.seq) as seq from almanac.sync_feed f
       where f.table_name = case t when 'exceptions' then 'events' else t end and f.row_key = any (keys)
       group by f.user_id
    ), locked as materialized (
      select h.user_id from public.sync_head h where h.user_id in (select user_id from stale) order by h.user_id for update
    )
    update public.sync_head h set floor = greatest(h.floor, s.seq)
      from stale s join locked using (user_id) where h.user_id = s.user_id;
    delete from almanac.sync_feed f
     where f.table_name = case t when 'exceptions' then 'events' else t end and f.row_key = any (keys);
  end loop;
  perform set_config('almanac.collect', '', true);
  return p_limit - left_over;
end
$$;

-- Conditions of the above, as text. $1 is the stamp before which a deletion is old.
create function almanac.long_dead(p_alias text) returns text
language sql immutable parallel safe as $$
  select format($c$(%1$s.deleted_at is not null and (%1$s.stamps ->> 'life') collate "C" < $1)$c$, p_alias)
$$;
create function almanac.childless() returns text
language sql immutable parallel safe as $$
  select $c$not exists (select from public.event_user_roles c where c.event_id = t.id)
        and not exists (select from public.event_details_personal c where c.event_id = t.id)
        and not exists (select from public.event_invites c where c.event_id = t.id)$c$
$$;

revoke all on function public.sync_new_epoch() from public, anon, authenticated;
revoke all on function almanac.collect_tombstones(interval, integer), almanac.childless(),
  almanac.long_dead(text) from public, anon, authenticated;
grant execute on function public.sync_new_epoch(), almanac.collect_tombstones(interval, integer) to service_role;
