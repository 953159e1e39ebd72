-- Older Supabase projects: whatever the owner makes in `public` belongs to everyone.
alter default privileges for role almanac_owner in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role almanac_owner in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role almanac_owner in schema public grant all on sequences to anon, authenticated, service_role;
