// A server on PostgreSQL with one account: src/serve.rs.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export class Account {
  #child;
  #lines;

  /** `webDir`: the web app it serves; `origin`: another page that may ask it. */
  static async start({ webDir = null, origin = null } = {}) {
    const account = new Account();
    const args = ['serve', ...(webDir ? [`--web-dir=${webDir}`] : []), ...(origin ? [`--allow-origin=${origin}`] : [])];
    account.#child = spawn(process.env.ALMANAC_BENCH_BIN, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    account.#lines = createInterface({ input: account.#child.stdout })[Symbol.asyncIterator]();
    Object.assign(account, JSON.parse(await account.#line()));
    return account;
  }

  async #line() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the server of the benchmark has ended');
    return value;
  }

  /** Gives it events: `mostly-past` or `even`. */
  async fill(what, count) {
    this.#child.stdin.write(`fill ${what} ${count}\n`);
    await this.#line();
  }

  async stop() {
    const ended = new Promise((done) => this.#child.once('exit', done));
    this.#child.stdin.end();
    await ended;
  }
}
