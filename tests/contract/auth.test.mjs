// Accounts and sessions, as the official client sees them.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { lastStatus, signedUp, startServer } from './server.mjs';

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

/** Answered with this status and no error; returns the data. */
function granted(supabase, { data, error }, status = 200) {
  assert.equal(error, null, JSON.stringify(error));
  assert.equal(lastStatus(supabase), status);
  return data;
}

/** Refused with this status, code and message, and nothing given; returns the error. */
function denied({ data, error }, status, code, message) {
  assert.ok(error, `expected ${code}, got ${JSON.stringify(data)}`);
  assert.deepEqual([error.status, error.code, error.message], [status, code, message]);
  assert.ok(!data?.session && !data?.user, JSON.stringify(data));
  return error;
}

const wrong = [400, 'invalid_credentials', 'Invalid login credentials'];
const ended = [403, 'session_not_found', 'Session from session_id claim in JWT does not exist'];

/** What the server itself says of a session: auth-js answers with words of its own once it knows that there is none. */
async function whose(token) {
  const answer = await fetch(`${server.url}/auth/v1/user`, {
    headers: { apikey: server.key, authorization: `Bearer ${token}`, 'x-supabase-api-version': '2024-01-01' } });
  const body = await answer.json();
  return answer.ok ? body.id : [answer.status, body.code, body.message];
}
const tokenOf = async (supabase) => (await supabase.auth.getSession()).data.session.access_token;
async function signedInAgain({ email, password }) {
  const supabase = server.client();
  granted(supabase, await supabase.auth.signInWithPassword({ email, password }));
  return supabase;
}

describe('accounts', () => {
  test('signing up gives an account and a session at once', async () => {
    const supabase = server.client();
    const email = `person-${randomUUID()}@example.org`;
    const { user, session } = granted(supabase, await supabase.auth.signUp({ email, password: 'correct horse battery' }));
    assert.deepEqual([user.email, user.aud, user.role, user.is_anonymous], [email, 'authenticated', 'authenticated', false]);
    assert.deepEqual([session.token_type, session.expires_in, session.user.id], ['bearer', 3600, user.id]);
    assert.deepEqual([user.app_metadata.provider, user.identities[0].provider], ['email', 'email']);
    assert.deepEqual(granted(supabase, await supabase.auth.getUser()).user, user);
  });

  test('an e-mail address has one account', async () => {
    const { email } = await signedUp(server);
    for (const again of [email, email.toUpperCase()]) {
      denied(await server.client().auth.signUp({ email: again, password: 'another one entirely' }), 422, 'user_already_exists', 'User already registered');
    }
  });

  test('signing in with the right password works, in whatever case the e-mail is typed', async () => {
    const { email, password, user } = await signedUp(server);
    const supabase = server.client();
    const data = granted(supabase, await supabase.auth.signInWithPassword({ email: email.toUpperCase(), password }));
    assert.equal(data.user.id, user.id);
  });

  test('a wrong password and an unknown e-mail are refused alike', async () => {
    const { email } = await signedUp(server);
    for (const attempt of [{ email, password: 'not this one' }, { email: 'nobody@example.org', password: 'not this one' }]) {
      denied(await server.client().auth.signInWithPassword(attempt), ...wrong);
    }
  });

  test('a short password is refused with a reason', async () => {
    const error = denied(await server.client().auth.signUp({ email: 'short@example.org', password: 'abc' }),
      422, 'weak_password', 'Password should be at least 6 characters.');
    assert.deepEqual(error.reasons, ['length']);
  });

  test('an address that is none is refused', async () => {
    denied(await server.client().auth.signUp({ email: 'nonsense', password: 'correct horse battery' }),
      400, 'validation_failed', 'Unable to validate email address: invalid format');
  });

  test('a password that is longer than 72 bytes is refused', async () => {
    denied(await server.client().auth.signUp({ email: `long-${randomUUID()}@example.org`, password: 'é'.repeat(37) }),
      400, 'validation_failed', 'Password cannot be longer than 72 characters');
  });

  test('signing up may bring data along', async () => {
    const supabase = server.client();
    const data = granted(supabase, await supabase.auth.signUp({
      email: `data-${randomUUID()}@example.org`, password: 'correct horse battery', options: { data: { display_name: 'Ann' } } }));
    assert.equal(data.user.user_metadata.display_name, 'Ann');
  });

  test('a changed password is the only one, and the other sessions are over', async () => {
    const ann = await signedUp(server);
    const { supabase, email, password, user } = ann;
    const other = await signedInAgain(ann);
    const data = granted(supabase, await supabase.auth.updateUser({ password: 'a better password' }));
    assert.equal(data.user.email, email);
    denied(await server.client().auth.signInWithPassword({ email, password }), ...wrong);
    await signedInAgain({ email, password: 'a better password' });
    assert.equal(await whose(await tokenOf(supabase)), user.id);
    assert.deepEqual(await whose(await tokenOf(other)), ended);
  });

  test('the same password is no new one', async () => {
    const { supabase, password } = await signedUp(server);
    denied(await supabase.auth.updateUser({ password }), 422, 'same_password', 'New password should be different from the old password.');
  });

  test('a weak password is no new one', async () => {
    const { supabase } = await signedUp(server);
    const error = denied(await supabase.auth.updateUser({ password: 'abc' }), 422, 'weak_password', 'Password should be at least 6 characters.');
    assert.deepEqual(error.reasons, ['length']);
  });

  test('an e-mail of someone else cannot be taken', async () => {
    const [ann, bob] = [await signedUp(server), await signedUp(server)];
    denied(await ann.supabase.auth.updateUser({ email: bob.email }), 422, 'email_exists', 'A user with this email address has already been registered');
  });

  test('data of a person is merged', async () => {
    const { supabase } = await signedUp(server);
    granted(supabase, await supabase.auth.updateUser({ data: { a: 1, b: 2 } }));
    const { user } = granted(supabase, await supabase.auth.updateUser({ data: { a: 3 } }));
    assert.deepEqual([user.user_metadata.a, user.user_metadata.b], [3, 2]);
  });

  test('a deleted account is gone with its rows', async () => {
    const { supabase, email, password } = await signedUp(server);
    const token = await tokenOf(supabase);
    assert.deepEqual((await supabase.from('user_categories').insert({ name: 'Mine' })).status, 201);
    const deleted = await supabase.rpc('delete_account');
    assert.deepEqual([deleted.status, deleted.error], [204, null]);
    denied(await server.client().auth.signInWithPassword({ email, password }), ...wrong);
    assert.deepEqual(await whose(token), [403, 'user_not_found', 'User from sub claim in JWT does not exist']);
    for (const answer of [await supabase.rpc('sync_pull', { p_after: 0, p_limit: 10 }), await supabase.from('user_categories').insert({ name: 'x' })]) {
      assert.deepEqual([answer.status, answer.error.code, answer.error.message], [401, 'PT401', 'this account does not exist any more']);
    }
    const left = await supabase.from('user_categories').select();
    assert.deepEqual([left.status, left.data], [200, []]);
  });
});

describe('sessions', () => {
  test('a refresh token gives a new session', async () => {
    const { supabase } = await signedUp(server);
    const before = (await supabase.auth.getSession()).data.session;
    const { session, user } = granted(supabase, await supabase.auth.refreshSession());
    assert.notEqual(session.refresh_token, before.refresh_token);
    assert.equal(user.id, before.user.id);
    assert.equal(await whose(session.access_token), before.user.id);
  });

  test('the token just before the current one gives the current one again, for an answer that was lost', async () => {
    const { supabase } = await signedUp(server);
    const { refresh_token: first } = (await supabase.auth.getSession()).data.session;
    const other = server.client();
    const second = granted(other, await other.auth.refreshSession({ refresh_token: first }));
    const again = granted(other, await other.auth.refreshSession({ refresh_token: first }));
    assert.equal(again.session.refresh_token, second.session.refresh_token);
  });

  test('an older one is taken for a copy once the time for slow doubles is over, and ends the session', async () => {
    const { supabase } = await signedUp(server);
    const { refresh_token: first } = (await supabase.auth.getSession()).data.session;
    const refresh = (refresh_token) => server.client().auth.refreshSession({ refresh_token });
    const second = (await refresh(first)).data.session.refresh_token;
    const third = (await refresh(second)).data.session.refresh_token;
    const begun = Date.now();
    let answer = await refresh(first);
    while (!answer.error) {
      assert.equal(answer.data.session.refresh_token, third, 'a slow double gets the current one');
      assert.ok(Date.now() - begun < 60_000, 'it is never refused');
      await new Promise((done) => setTimeout(done, 500));
      answer = await refresh(first);
    }
    denied(answer, 400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used');
    denied(await refresh(third), 400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
    assert.deepEqual(await whose(await tokenOf(supabase)), ended);
  });

  test('a session may be set from its tokens', async () => {
    const { supabase, user } = await signedUp(server);
    const { access_token, refresh_token } = (await supabase.auth.getSession()).data.session;
    const other = server.client();
    const data = granted(other, await other.auth.setSession({ access_token, refresh_token }));
    assert.equal(data.user.id, user.id);
  });

  test('the claims of a token can be read and are the account\'s', async () => {
    const { supabase, user, email } = await signedUp(server);
    const { claims } = granted(supabase, await supabase.auth.getClaims());
    assert.deepEqual([claims.sub, claims.email, claims.role, claims.aud, claims.aal, claims.is_anonymous],
      [user.id, email, 'authenticated', 'authenticated', 'aal1', false]);
    assert.deepEqual([claims.amr[0].method, claims.exp - claims.iat], ['password', 3600]);
    assert.match(claims.session_id, /^[0-9a-f-]{36}$/);
    assert.ok(claims.iss.endsWith('/auth/v1'));
  });

  for (const [scope, here, elsewhere] of [['others', true, false], ['local', false, true], ['global', false, false]]) {
    test(`signing out with scope ${scope} ${here ? 'leaves' : 'ends'} this session and ${elsewhere ? 'leaves' : 'ends'} the other`, async () => {
      const ann = await signedUp(server);
      const other = await signedInAgain(ann);
      const [mine, theirs] = [await tokenOf(ann.supabase), await tokenOf(other)];
      const { refresh_token } = (await ann.supabase.auth.getSession()).data.session;
      assert.equal((await ann.supabase.auth.signOut({ scope })).error, null);
      assert.equal(lastStatus(ann.supabase), 204);
      assert.deepEqual(await whose(mine), here ? ann.user.id : ended);
      assert.deepEqual(await whose(theirs), elsewhere ? ann.user.id : ended);
      const refreshed = await server.client().auth.refreshSession({ refresh_token });
      if (here) assert.equal(refreshed.error, null);
      else denied(refreshed, 400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found');
    });
  }
});

test('settings, health and keys tell what there is', async () => {
  const get = async (path) => {
    const answer = await fetch(`${server.url}/auth/v1/${path}`, { headers: { apikey: server.key } });
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  const settings = await get('settings');
  assert.deepEqual([settings.external.email, settings.external.phone, typeof settings.disable_signup], [true, false, 'boolean']);
  assert.equal((await get('health')).name, 'GoTrue');
  assert.ok(Array.isArray((await get('.well-known/jwks.json')).keys));
});

// Each in both shapes: with the version that auth-js sends, and without it.
describe('refusals', () => {
  const NOBODY = { email: 'nobody@example.org', password: 'not this one' };
  const OAUTH = { error: 'invalid_request', error_description: 'refresh_token required' };
  const cases = [
    ['a wrong password', 'POST', 'token?grant_type=password', NOBODY, ...wrong],
    ['a sign-in without a password', 'POST', 'token?grant_type=password', { email: 'a@example.org' },
      400, 'validation_failed', 'Signup requires a valid password'],
    ['a body that is no JSON', 'POST', 'signup', '{', 400, 'bad_json', 'Could not read request body as JSON'],
    ['what is no refresh token', 'POST', 'token?grant_type=refresh_token', { refresh_token: 'nonsense' },
      400, 'validation_failed', 'Refresh token is not valid'],
    ['a refresh token that nobody has', 'POST', 'token?grant_type=refresh_token', { refresh_token: 'A'.repeat(64) },
      400, 'refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found'],
    ['no token', 'GET', 'user', undefined, 401, 'no_authorization', 'This endpoint requires a Bearer token'],
    ['no token, to sign out', 'POST', 'logout', undefined, 401, 'no_authorization', 'This endpoint requires a Bearer token'],
    ['no token, to change something', 'PUT', 'user', { data: {} }, 401, 'no_authorization', 'This endpoint requires a Bearer token'],
  ];
  const ask = async (method, path, body, headers) => {
    const answer = await fetch(`${server.url}/auth/v1/${path}`, {
      method, headers: { apikey: server.key, 'content-type': 'application/json', ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body) });
    return [answer.status, answer.headers.get('x-sb-error-code'), answer.headers.get('x-supabase-api-version'), await answer.json()];
  };
  const NEW = '2024-01-01';
  for (const [name, method, path, body, status, code, message] of cases) {
    test(`${name} is ${status} ${code}`, async () => {
      assert.deepEqual(await ask(method, path, body, { 'x-supabase-api-version': NEW }), [status, code, NEW, { code, message }]);
      assert.deepEqual(await ask(method, path, body, {}), [status, code, null, { code: status, error_code: code, msg: message }]);
    });
  }
  test('a weak password is 422 weak_password, with its reasons', async () => {
    const form = { email: `weak-${randomUUID()}@example.org`, password: 'abc' };
    const message = 'Password should be at least 6 characters.';
    const weak_password = { message, reasons: ['length'] };
    assert.deepEqual(await ask('POST', 'signup', form, { 'x-supabase-api-version': NEW }),
      [422, 'weak_password', NEW, { code: 'weak_password', message, weak_password }]);
    assert.deepEqual(await ask('POST', 'signup', form, {}),
      [422, 'weak_password', null, { code: 422, error_code: 'weak_password', msg: message, weak_password }]);
  });
  test('a token that is none is 403 bad_jwt', async () => {
    for (const [method, path] of [['GET', 'user'], ['POST', 'logout']]) {
      const [status, code, , body] = await ask(method, path, undefined, { authorization: 'Bearer garbage', 'x-supabase-api-version': NEW });
      assert.deepEqual([status, code, body.code], [403, 'bad_jwt', 'bad_jwt']);
      assert.match(body.message, /^invalid JWT: /);
    }
  });
  test('no refresh token at all is 400, in the shape of OAuth', async () => {
    assert.deepEqual((await ask('POST', 'token?grant_type=refresh_token', {}, { 'x-supabase-api-version': NEW })).toSpliced(1, 2), [400, OAUTH]);
  });
  test('a way to sign in that there is not is 400, in the shape of OAuth', async () => {
    const [status, , , body] = await ask('POST', 'token?grant_type=telepathy', {}, {});
    assert.deepEqual([status, body.error], [400, 'unsupported_grant_type']);
  });
  test('without the project key there is no answer: 401 of the gateway', async () => {
    const answer = await fetch(`${server.url}/auth/v1/user`);
    assert.equal(answer.status, 401);
    assert.equal((await answer.json()).message, 'No API key found in request');
  });
});
