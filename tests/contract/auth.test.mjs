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

test('a changed password is the only one, and the other sessions are over', async () => {
  const { supabase, email, password } = await signedUp(server);
  const other = server.client();
  await other.auth.signInWithPassword({ email, password });
  const { data, error } = await supabase.auth.updateUser({ password: 'a better password' });
  assert.equal(error, null);
  assert.equal(data.user.email, email);
  assert.equal((await server.client().auth.signInWithPassword({ email, password })).error.code, 'invalid_credentials');
  assert.equal((await server.client().auth.signInWithPassword({ email, password: 'a better password' })).error, null);
  assert.equal((await supabase.auth.getUser()).error, null);
  assert.ok((await other.auth.getUser()).error);
});

test('the same password is no new one', async () => {
  const { supabase, password } = await signedUp(server);
  const { error } = await supabase.auth.updateUser({ password });
  assert.equal(error.code, 'same_password');
  assert.equal(error.status, 422);
});

test('a weak password is no new one', async () => {
  const { supabase } = await signedUp(server);
  const { error } = await supabase.auth.updateUser({ password: 'abc' });
  assert.equal(error.code, 'weak_password');
  assert.deepEqual(error.reasons, ['length']);
});

test('an e-mail of someone else cannot be taken', async () => {
  const [ann, bob] = [await signedUp(server), await signedUp(server)];
  const { error } = await ann.supabase.auth.updateUser({ email: bob.email });
  assert.equal(error.code, 'email_exists');
  assert.equal(error.status, 422);
});

test('data of a person is merged', async () => {
  const { supabase } = await signedUp(server);
  await supabase.auth.updateUser({ data: { a: 1, b: 2 } });
  const { data } = await supabase.auth.updateUser({ data: { a: 3 } });
  assert.equal(data.user.user_metadata.a, 3);
  assert.equal(data.user.user_metadata.b, 2);
});

test('signing up may bring data along', async () => {
  const { data } = await server.client().auth.signUp({
    email: `data-${Date.now()}@example.org`, password: 'correct horse battery', options: { data: { display_name: 'Ann' } } });
  assert.equal(data.user.user_metadata.display_name, 'Ann');
});

test('an address that is none is refused', async () => {
  const { error } = await server.client().auth.signUp({ email: 'nonsense', password: 'correct horse battery' });
  assert.equal(error.code, 'validation_failed');
  assert.equal(error.status, 400);
});

test('a session may be set from its tokens', async () => {
  const { supabase, user } = await signedUp(server);
  const { access_token, refresh_token } = (await supabase.auth.getSession()).data.session;
  const { data, error } = await server.client().auth.setSession({ access_token, refresh_token });
  assert.equal(error, null);
  assert.equal(data.user.id, user.id);
});

test('the claims of a token can be read and are the account\'s', async () => {
  const { supabase, user, email } = await signedUp(server);
  const { data, error } = await supabase.auth.getClaims();
  assert.equal(error, null);
  assert.equal(data.claims.sub, user.id);
  assert.equal(data.claims.email, email);
  assert.equal(data.claims.role, 'authenticated');
  assert.equal(data.claims.aal, 'aal1');
});

test('signing out locally leaves the other sessions', async () => {
  const { supabase, email, password } = await signedUp(server);
  const other = server.client();
  await other.auth.signInWithPassword({ email, password });
  assert.equal((await supabase.auth.signOut({ scope: 'local' })).error, null);
  assert.equal((await other.auth.getUser()).error, null);
});

test('signing out everywhere ends them all', async () => {
  const { supabase, email, password } = await signedUp(server);
  const other = server.client();
  await other.auth.signInWithPassword({ email, password });
  assert.equal((await supabase.auth.signOut({ scope: 'global' })).error, null);
  const { error } = await other.auth.getUser();
  assert.ok(error);
});

test('settings and health tell what there is', async () => {
  const get = async (path) => (await fetch(`${server.url}/auth/v1/${path}`, { headers: { apikey: server.key } })).json();
  assert.equal((await get('settings')).external.email, true);
  assert.equal((await get('health')).name, 'GoTrue');
  assert.ok(Array.isArray((await get('.well-known/jwks.json')).keys));
});

test('both shapes of an error are spoken', async () => {
  const ask = async (headers) => {
    const answer = await fetch(`${server.url}/auth/v1/token?grant_type=password`, {
      method: 'POST', headers: { apikey: server.key, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email: 'nobody@example.org', password: 'not this one' }) });
    return [answer.status, answer.headers.get('x-sb-error-code'), await answer.json()];
  };
  assert.deepEqual(await ask({ 'x-supabase-api-version': '2024-01-01' }),
    [400, 'invalid_credentials', { code: 'invalid_credentials', message: 'Invalid login credentials' }]);
  assert.deepEqual(await ask({}),
    [400, 'invalid_credentials', { code: 400, error_code: 'invalid_credentials', msg: 'Invalid login credentials' }]);
});

test('a deleted account is gone with its rows', async () => {
  const { supabase, email, password } = await signedUp(server);
  assert.equal((await supabase.from('user_categories').insert({ name: 'Mine' })).error, null);
  assert.equal((await supabase.rpc('delete_account')).error, null);
  assert.equal((await server.client().auth.signInWithPassword({ email, password })).error.code, 'invalid_credentials');
  assert.equal((await supabase.rpc('sync_pull', { p_after: 0, p_limit: 10 })).status, 401);
  assert.deepEqual((await supabase.from('user_categories').select()).data ?? [], []);
});
