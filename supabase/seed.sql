-- Empty on purpose: an account's profile and first calendar are made by the trigger on auth.users, and accounts are made by
-- signing up, because a seeded password would be a known password.
select 1;
