// Accounts and sessions, as the official client sees them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { signedUp, startServer } from './server.mjs';

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

test('signing up gives an account and a session at once', async () => {
  const { supabase, email, user } = await signedUp(server);
  assert.equal(user.email, email);
  const { data, error } = await supabase.auth.getUser();
  assert.equal(error, null);
  assert.equal(data.user.id, user.id);
  assert.equal(data.user.aud, 'authenticated');
});

test('an e-mail address has one account', async () => {
  const { email } = await signedUp(server);
  const { error } = await server.client().auth.signUp({ email, password: 'another one entirely' });
  assert.equal(error.code, 'user_already_exists');
});

test('signing in with the right password works, in whatever case the e-mail is typed', async () => {
  const { email, password, user } = await signedUp(server);
  const { data, error } = await server.client().auth.signInWithPassword({ email: email.toUpperCase(), password });
  assert.equal(error, null);
  assert.equal(data.user.id, user.id);
});

test('a wrong password and an unknown e-mail are refused alike', async () => {
  const { email } = await signedUp(server);
  for (const attempt of [{ email, password: 'not this one' }, { email: 'nobody@example.org', password: 'not this one' }]) {
    const { data, error } = await server.client().auth.signInWithPassword(attempt);
    assert.equal(error.code, 'invalid_credentials');
    assert.equal(error.status, 400);
    assert.equal(data.session, null);
  }
});

test('a short password is refused with a reason', async () => {
  const { error } = await server.client().auth.signUp({ email: 'short@example.org', password: 'abc' });
  assert.equal(error.code, 'weak_password');
});

test('a refresh token gives a new session', async () => {
  const { supabase } = await signedUp(server);
  const before = (await supabase.auth.getSession()).data.session;
  const { data, error } = await supabase.auth.refreshSession();
  assert.equal(error, null);
  assert.notEqual(data.session.refresh_token, before.refresh_token);
  assert.equal(data.user.id, before.user.id);
});

test('the token just before the current one gives the current one again, for an answer that was lost', async () => {
  const { supabase } = await signedUp(server);
  const { refresh_token: first } = (await supabase.auth.getSession()).data.session;
  const second = await server.client().auth.refreshSession({ refresh_token: first });
  const again = await server.client().auth.refreshSession({ refresh_token: first });
  assert.equal(again.error, null);
  assert.equal(again.data.session.refresh_token, second.data.session.refresh_token);
});

test('what is no refresh token is refused', async () => {
  const { data, error } = await server.client().auth.refreshSession({ refresh_token: 'nonsense' });
  assert.equal(error.status, 400);
  assert.equal(data.session, null);
});

test('signing out elsewhere ends the other sessions and not this one', async () => {
  const { supabase, email, password } = await signedUp(server);
  const other = server.client();
  await other.auth.signInWithPassword({ email, password });
  assert.equal((await supabase.auth.signOut({ scope: 'others' })).error, null);
  assert.equal((await supabase.auth.getUser()).error, null);
  assert.ok((await other.auth.getUser()).error, 'the other session must be over');
});

test('after signing out the session is over', async () => {
  const { supabase } = await signedUp(server);
  const { refresh_token } = (await supabase.auth.getSession()).data.session;
  assert.equal((await supabase.auth.signOut()).error, null);
  const { data, error } = await server.client().auth.refreshSession({ refresh_token });
  assert.ok(error, 'a refresh token of a session that was ended must not work');
  assert.equal(data.session, null);
});

test('without the project key there is no answer', async () => {
  const response = await fetch(`${server.url}/auth/v1/user`);
  assert.equal(response.status, 401);
});
