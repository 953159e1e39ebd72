// A server of its own for each test file, on a free port and an empty data folder.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createClient } from '@supabase/supabase-js';
import ws from 'ws';

const program = process.env.ALMANAC_SERVER_BIN ?? new URL('../../target/debug/almanac-server', import.meta.url).pathname;

/** What follows `--name` on the command line: `node read.test.mjs --url https://… --key …`. */
function option(name) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

/**
 * Starts a server and returns its address, its key, and how to stop it. With `--url` or ALMANAC_URL the tests use what runs
 * there instead, be it a hosted project; its key is `--key`, ALMANAC_ANON_KEY or what its almanac.json says.
 */
export async function startServer() {
  const running = (option('url') ?? process.env.ALMANAC_URL)?.replace(/\/$/, '');
  if (running) {
    const key = option('key') ?? process.env.ALMANAC_ANON_KEY ?? (await (await fetch(`${running}/almanac.json`)).json()).anon_key;
    // What is left open there would keep the tests from ending.
    const made = [];
    const stop = () => Promise.all(made.map(async (supabase) => {
      await supabase.removeAllChannels();
      await supabase.realtime.disconnect();
    }));
    return { url: running, key, stop, client: () => made[made.push(client(running, key)) - 1] };
  }
  return start((folder) => ['--data-dir', join(folder, 'data')]);
}

/**
 * Starts a server on a database of its own on the PostgreSQL at ALMANAC_TEST_DATABASE_URL (a superuser's address), and applies
 * files of SQL to it with psql, as an operator would.
 */
export async function startServerOnPostgres(files) {
  const cluster = new URL(process.env.ALMANAC_TEST_DATABASE_URL);
  const psql = (database, ...args) => {
    const url = Object.assign(new URL(cluster), { pathname: `/${database}` });
    return promisify(execFile)('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...args, url.href]);
  };
  const database = `almanac_contract_${randomUUID().replaceAll('-', '')}`;
  await psql('postgres', '-c', `create database ${database}`);
  const url = Object.assign(new URL(cluster), { pathname: `/${database}` });
  const server = await start(() => [], { ALMANAC_DATABASE_URL: url.href });
  for (const file of files) await psql(database, '-f', file);
  const stop = async () => {
    await server.stop();
    await psql('postgres', '-c', `drop database ${database} with (force)`);
  };
  return { ...server, stop };
}

async function start(where, env = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'almanac-contract-'));
  const child = spawn(program, ['--listen', '127.0.0.1:0', ...where(folder)], {
    stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env },
  });
  let log = '';
  child.stderr.on('data', (text) => (log += text));
  const exited = new Promise((done) => child.once('exit', done));
  const url = await Promise.race([
    (async () => {
      // "Almanac is at http://127.0.0.1:1234", once it takes requests.
      for await (const line of createInterface({ input: child.stdout })) {
        const found = line.match(/http:\/\/\S+/);
        if (found) return found[0];
      }
    })(),
    exited.then((code) => Promise.reject(new Error(`the server ended with ${code}\n${log}`))),
  ]);
  const { anon_key: key } = await (await fetch(`${url}/almanac.json`)).json();
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  return { url, key, stop, client: () => client(url, key) };
}

/** The status of a client's last answer: the auth client tells it of refusals alone. */
const statuses = new WeakMap();
export const lastStatus = (supabase) => statuses.get(supabase);

/** An official client that keeps its session to itself. */
function client(url, key) {
  const supabase = createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    realtime: { transport: ws },
    global: {
      fetch: async (...asked) => {
        const answer = await fetch(...asked);
        statuses.set(supabase, answer.status);
        return answer;
      },
    },
  });
  return supabase;
}

/** A client that is signed in to a fresh account. */
export async function signedUp(server) {
  const supabase = server.client();
  const email = `person-${randomUUID()}@example.org`;
  const password = 'correct horse battery';
  const { data, error } = await supabase.auth.signUp({ email, password });
  if (error) throw error;
  return { supabase, email, password, user: data.user };
}
