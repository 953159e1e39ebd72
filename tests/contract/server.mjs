// A server of its own for each test file, on a free port and an empty data folder.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from '@supabase/supabase-js';
import ws from 'ws';

const program = process.env.ALMANAC_SERVER_BIN ?? new URL('../../target/debug/almanac-server', import.meta.url).pathname;

/** Starts a server and returns its address, its key, and how to stop it. */
export async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), 'almanac-contract-'));
  const child = spawn(program, ['--listen', '127.0.0.1:0', '--data-dir', join(folder, 'data')], {
    stdio: ['ignore', 'pipe', 'pipe'],
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

/** An official client that keeps its session to itself. */
function client(url, key) {
  return createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    realtime: { transport: ws },
  });
}

let accounts = 0;

/** A client that is signed in to a fresh account. */
export async function signedUp(server) {
  accounts += 1;
  const supabase = server.client();
  const email = `person${accounts}@example.org`;
  const password = 'correct horse battery';
  const { data, error } = await supabase.auth.signUp({ email, password });
  if (error) throw error;
  return { supabase, email, password, user: data.user };
}
