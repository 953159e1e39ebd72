// What every test may ask for. One server serves all tests of a run; a test that stops it finds it started again by the
// next one. Each test has accounts, browser contexts and native apps of its own.
import { test as base, expect } from '@playwright/test';
import { Account } from './account.mjs';
import { Calendar } from './calendar.mjs';
import { NativeApp } from './native.mjs';
import { Server } from './server.mjs';

/** What the browser itself writes to the console when a server is away: no fault of the app. */
const NETWORK = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INTERNET_DISCONNECTED|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|NETWORK_IO_SUSPENDED|ABORTED|FAILED)|WebSocket connection to .* failed/;

export const test = base.extend({
  theServer: [async ({}, use) => {
    const server = await Server.create();
    await use(server);
    await server.dispose();
  }, { scope: 'worker' }],

  /** The server, running. */
  server: async ({ theServer }, use, info) => {
    await theServer.start();
    const from = theServer.log.length;
    await use(theServer);
    if (info.status !== info.expectedStatus) await info.attach('server.log', { body: theServer.log.slice(from) });
  },

  /** An account made by REST: `owner` of whatever the test looks at. */
  owner: async ({ server }, use) => {
    await use(await Account.create(server));
  },

  /** What the pages said that they should not have: `troubles.allow(/…/)` for what a test provokes. */
  troubles: async ({}, use, info) => {
    const troubles = new Troubles();
    await use(troubles);
    // A test that has failed already has a better reason to tell.
    if (info.status === info.expectedStatus) expect(troubles.unexpected, 'errors in the console, of pages, or of their policy').toEqual([]);
    else if (troubles.all.length) await info.attach('console', { body: troubles.all.join('\n') });
  },

  /**
   * A device with a browser: `await device({ account })` is a calendar in a browser context of its own, signed in;
   * without an account nobody is. Options of the context may follow.
   */
  device: async ({ browser, server, troubles }, use) => {
    const contexts = [];
    await use(async ({ account = null, open = true, ...options } = {}) => {
      const context = await browser.newContext({ baseURL: server.url, ...options });
      contexts.push(context);
      troubles.watch(context);
      if (account) {
        const session = await account.deviceSession();
        await context.addInitScript(({ key, session }) => {
          // Only at the very first visit: afterwards the app itself keeps it.
          if (location.protocol === 'http:' && !localStorage.getItem('e2e.seeded')) {
            localStorage.setItem('e2e.seeded', 'yes');
            localStorage.setItem(key, session);
          }
        }, { key: 'almanac.session', session: JSON.stringify(session) });
      }
      const calendar = new Calendar(await context.newPage());
      if (open) {
        await calendar.open();
        if (account) await calendar.isShown();
      }
      return calendar;
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  /** A native app: `await native('desktop', { account })`, its window standing. */
  native: async ({ server }, use, info) => {
    const apps = [];
    await use(async (kind, { account = null, start = true, args = [] } = {}) => {
      const app = await NativeApp.prepare(kind, server, account);
      apps.push(app);
      if (start) await app.start(...args);
      return app;
    });
    for (const app of apps) {
      if (info.status !== info.expectedStatus) {
        await info.attach(`${app.kind}.log`, { body: app.log });
        await app.window?.capture(`failed-${app.kind}-${info.testId}`).catch(() => {});
      }
      await app.dispose();
    }
  },
});

/** Console errors, uncaught exceptions and refusals by the content security policy, of all pages of a test. */
class Troubles {
  all = [];
  #allowed = [NETWORK];

  allow(pattern) {
    this.#allowed.push(pattern);
  }

  get unexpected() {
    return this.all.filter((line) => !this.#allowed.some((pattern) => pattern.test(line)));
  }

  watch(context) {
    context.on('console', (message) => {
      const { url } = message.location();
      if (message.type() === 'error') this.all.push(`console: ${message.text()} (${url})`);
    });
    context.on('weberror', (error) => this.all.push(`uncaught: ${error.error().stack ?? error.error()}`));
  }
}

export { expect };
