// The official Python client on every table. ALMANAC_PYTHON is a Python that has python/requirements.txt installed;
// `cargo xtask test contract` makes one.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startServer } from './server.mjs';

const python = process.env.ALMANAC_PYTHON;
const skip = !python && !process.env.CI && 'ALMANAC_PYTHON is not set';
const VERBS = ['makes', 'reads', 'changes', 'deletes'];
const TABLES = ['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events', 'event_details_personal',
  'event_user_roles', 'event_invites'];

describe('the Python client', { skip }, () => {
  let server, steps, said;
  before(async () => {
    server = await startServer();
    const env = { ...process.env, ALMANAC_URL: server.url, ALMANAC_ANON_KEY: server.key };
    said = await new Promise((end) => {
      execFile(python, [fileURLToPath(new URL('python/rows.py', import.meta.url))], { env }, (error, stdout, stderr) => end({ error, stdout, stderr }));
    });
    steps = said.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  });
  after(() => server.stop());

  for (const table of TABLES) {
    // A profile is made with the account.
    for (const verb of table === 'user_profiles' ? VERBS.slice(1) : VERBS) {
      test(`${verb} a row of ${table}`, () => {
        assert.ok(steps.some((step) => step.table === table && step.verb === verb), said.stderr);
      });
    }
  }
  test('ends well', () => assert.equal(said.error, null, said.stderr));
});
