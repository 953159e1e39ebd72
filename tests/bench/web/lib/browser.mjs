// Chromium with a profile on the disk: a private window keeps IndexedDB in memory and flatters everyone.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export class Browser {
  /** `profile`: that of a browser that was closed, to start it again. */
  static async start({ profile = null, viewport = { width: 1280, height: 800 } } = {}) {
    const browser = new Browser();
    browser.profile = profile ?? (await mkdtemp(join(tmpdir(), 'almanac-bench-')));
    browser.context = await chromium.launchPersistentContext(browser.profile, {
      executablePath: process.env.ALMANAC_CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      viewport,
      timezoneId: 'UTC',
      locale: 'en-GB',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    // The one that stands there at the start.
    browser.page = browser.context.pages()[0] ?? (await browser.context.newPage());
    browser.page.on('pageerror', (error) => console.error(error));
    return browser;
  }

  /** Ends it and forgets its profile, unless it will be started again. */
  async close({ keep = false } = {}) {
    await this.context.close();
    if (!keep) await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** So many ms more until an answer begins, from now on. */
  async latency(ms) {
    const session = await this.context.newCDPSession(this.page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: ms, downloadThroughput: -1, uploadThroughput: -1 });
  }

  /** Memory of the page's process, MB: its proportional set size, which counts wasm, too. */
  async memory() {
    const sizes = await Promise.all((await renderers(this.profile)).map(pss));
    return Math.max(0, ...sizes);
  }

  /** Looks at the memory until the returned function is called, which gives the greatest. */
  watchMemory() {
    let greatest = 0;
    let go = true;
    const watching = (async () => {
      while (go) {
        greatest = Math.max(greatest, await this.memory());
        await new Promise((done) => setTimeout(done, 50));
      }
    })();
    return async () => {
      go = false;
      await watching;
      return greatest;
    };
  }
}

/** Process ids of the renderers of the browser with that profile. */
async function renderers(profile) {
  const processes = new Map();
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const [command, stat] = await Promise.all([readFile(`/proc/${pid}/cmdline`, 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8')]);
      const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      processes.set(pid, { command, parent });
    } catch {
      // It has just ended.
    }
  }
  const ours = (pid) => {
    for (let at = pid; processes.has(at); at = processes.get(at).parent) {
      if (processes.get(at).command.includes(profile)) return true;
    }
    return false;
  };
  return [...processes.keys()].filter((pid) => processes.get(pid).command.includes('--type=renderer') && ours(pid));
}

async function pss(pid) {
  try {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)[1]) / 1024;
  } catch {
    return 0;
  }
}
