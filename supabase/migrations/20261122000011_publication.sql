-- Realtime carries only the heads: one small row tells a user's devices that there is something to pull, sharing included.
alter publication supabase_realtime add table public.sync_head;
