-- A new account, one event, seen by a pull.
select t.sign_up('ann');
select t.is(t.head('ann'), 2::bigint, 'profile and calendar are numbered');
select t.be('ann');
select t.pushed(t.event(t.id(1)));
select t.be(null);
select t.is(t.pulled('ann', 2), array['events ' || t.id(1)], 'the event');
