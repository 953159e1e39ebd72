// The desktop and mobile apps as a person runs them: the real program with a data folder of its own.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from '@playwright/test';
import { programs } from './server.mjs';
import { AppWindow } from './xvfb.mjs';

const run = promisify(execFile);

// Node 20 reads no SQLite by itself. Read-only: the app under test is the only one that writes.
const QUERY = `
import json, sqlite3, sys
db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True, timeout=5)
print(json.dumps(db.execute(sys.argv[2]).fetchall()))
`;

export class NativeApp {
  window = null;
  /** More of the environment, before it starts. */
  env = {};
  #child = null;
  #log = '';

  /** An app that is not started yet, signed in to `account` (a test of signing in passes none). */
  static async prepare(kind, server, account = null) {
    const app = new NativeApp();
    app.kind = kind;
    app.server = server;
    app.account = account;
    app.data = await mkdtemp(join(tmpdir(), `almanac-e2e-${kind}-`));
    // As `DataDir` names it (crates/shell-native/src/files.rs).
    app.folder = join(app.data, server.url.replace(/^https?:\/\//, '').replace(/[^A-Za-z0-9.-]/g, '_'));
    await mkdir(app.folder, { recursive: true });
    if (account) await writeFile(join(app.folder, 'session.json'), JSON.stringify(await account.deviceSession()), { mode: 0o600 });
    return app;
  }

  get log() {
    return this.#log;
  }

  /** Its local database. */
  get database() {
    return join(this.folder, `${this.account.id}.sqlite3`);
  }

  /** Starts it; resolves when its window stands. */
  async start(...args) {
    const program = programs[this.kind];
    const child = spawn(program, this.kind === 'desktop' ? ['--server', this.server.url, ...args] : args, {
      env: { ...process.env, ALMANAC_DATA_DIR: this.data, ALMANAC_SERVER: this.server.url, TZ: 'UTC', NO_AT_BRIDGE: '1',
        WEBKIT_DISABLE_DMABUF_RENDERER: '1', GTK_THEME: 'Adwaita', RUST_LOG: 'info', ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.on('data', (text) => (this.#log += text));
    child.stderr.on('data', (text) => (this.#log += text));
    const ended = new Promise((_, failed) => {
      child.once('error', failed);
      child.once('exit', (code, signal) => failed(new Error(`${this.kind} ended with ${code ?? signal}\n${this.#log}`)));
    });
    ended.catch(() => {});
    const stands = expect.poll(async () => (this.window = await AppWindow.of(child.pid)), { message: 'its window', timeout: 30_000 }).not.toBeNull();
    await Promise.race([stands, ended]);
  }

  /** Rows of its database. */
  async query(sql) {
    const { stdout } = await run('python3', ['-c', QUERY, this.database, sql]);
    return JSON.parse(stdout);
  }

  /** The titles of the live events in its database, sorted. */
  async titles() {
    if (!existsSync(this.database)) return [];
    // Numbers of tables are those of core/src/store/layout.rs; a row with a title is an event.
    const rows = await this.query("select json_extract(body, '$.title') from rows where live = 1 and json_extract(body, '$.start_time') is not null");
    return rows.map(([title]) => title).sort();
  }

  /** How many rows wait to be sent. */
  async waiting() {
    return (await this.query('select count(*) from outbox'))[0][0];
  }

  /** The first load is done and nothing waits. */
  async isUpToDate() {
    await expect.poll(async () => {
      if (!existsSync(this.database)) return null;
      const [[state]] = await this.query("select json_extract(body, '$.caught_up_ms') from state");
      return state !== null && (await this.waiting()) === 0;
    }, { message: 'the desktop has read the feed to its end', timeout: 30_000 }).toBe(true);
  }

  /** Changes its database behind its back, while it does not run. */
  async change(sql) {
    await run('python3', ['-c', 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()', this.database, sql]);
  }

  /** It says so in its log. */
  async tells(words) {
    await expect.poll(() => this.#log, { message: 'what it says', timeout: 30_000 }).toMatch(words);
  }

  /** Starts another one, on the same data unless `env` says otherwise, and waits until it ends by itself; its exit code and what it said. */
  async ends(env = {}) {
    const child = spawn(programs[this.kind], ['--server', this.server.url],
      { env: { ...process.env, ALMANAC_DATA_DIR: this.data, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child ??= child;
    let said = '';
    child.stderr.on('data', (text) => (said += text));
    const code = await new Promise((done) => child.once('close', done));
    return { code, said };
  }

  /** Closes its window, and with it the app. */
  async quit() {
    const child = this.#child;
    const gone = new Promise((done) => child.once('exit', done));
    await this.window.close();
    await gone;
  }

  /** Ends it as a power cut does. */
  async kill() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await gone;
  }

  async dispose() {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }
}
