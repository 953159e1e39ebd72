// A server as a person runs it: the real program, a data folder of its own, one address for as long as the tests run,
// so that a client finds the same server again after it was stopped or killed.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const root = new URL('../../../', import.meta.url).pathname;

/** The program and the web app that are tested. */
export const programs = {
  server: process.env.ALMANAC_SERVER_BIN ?? `${root}target/debug/almanac-server`,
  desktop: process.env.ALMANAC_DESKTOP_BIN ?? `${root}target/debug/almanac-desktop`,
  mobile: process.env.ALMANAC_MOBILE_BIN ?? `${root}target/debug/almanac-mobile`,
  web: process.env.ALMANAC_WEB_DIR ?? `${root}dist/web`,
};

/** A port that nobody listens on now. */
export async function freePort() {
  const probe = createServer();
  await new Promise((done, failed) => probe.once('error', failed).listen(0, '127.0.0.1', done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

/** Runs the server's program with these arguments until it ends by itself; what it said, and its exit code. */
export async function serverSays(args, env = {}) {
  const child = spawn(programs.server, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const code = await new Promise((done) => child.once('close', done));
  return { code, out, err };
}

export class Server {
  /** Where it is, running or not. */
  url;
  /** The project's public key. */
  key;
  #folder;
  #webDir;
  #child = null;
  #exited = null;
  #log = '';

  /** `webDir`: another folder with the web app. */
  static async create({ webDir = programs.web } = {}) {
    const server = new Server();
    server.#webDir = webDir;
    server.#folder = await mkdtemp(join(tmpdir(), 'almanac-e2e-server-'));
    server.url = `http://127.0.0.1:${await freePort()}`;
    await server.start();
    server.key = (await (await fetch(`${server.url}/almanac.json`)).json()).anon_key;
    return server;
  }

  get running() {
    return this.#child !== null;
  }

  /** Where its database is. */
  get dataDir() {
    return join(this.#folder, 'data');
  }

  /** What it logged since it was created. */
  get log() {
    return this.#log;
  }

  /** Starts it unless it runs; resolves when it takes requests. */
  async start() {
    if (this.#child) return;
    const args = ['--listen', this.url.slice('http://'.length), '--data-dir', this.dataDir,
      '--web-dir', this.#webDir, '--sign-ups-per-hour', '10000'];
    const child = spawn(programs.server, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.on('data', (text) => (this.#log += text));
    const exited = new Promise((done) => child.once('exit', (code, signal) => {
      if (this.#child === child) this.#child = null;
      done(code ?? signal);
    }));
    this.#child = child;
    this.#exited = exited;
    const announced = (async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.includes('Almanac is at')) return;
      }
    })();
    await Promise.race([announced, exited.then((code) => {
      throw new Error(`the server ended with ${code}\n${this.#log}`);
    })]);
  }

  /** Ends it as an operator does; its exit code. */
  async stop() {
    return this.#end('SIGTERM');
  }

  /** Ends it as a power cut does. */
  async kill() {
    return this.#end('SIGKILL');
  }

  async #end(signal) {
    const exited = this.#exited;
    this.#child?.kill(signal);
    return exited;
  }

  /** Ends it for good. */
  async dispose() {
    if (this.#child) await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
