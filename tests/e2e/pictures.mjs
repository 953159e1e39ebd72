// Takes the pictures of the README: `node tests/e2e/pictures.mjs [web desktop mobile]`, with the same environment as the tests (an X display
// for the desktop and mobile apps; `xvfb-run` gives one). Writes docs/pictures/*.png.
import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { chromium, expect } from '@playwright/test';
import config from './playwright.config.mjs';
import { Account } from './harness/account.mjs';
import { Calendar } from './harness/calendar.mjs';
import { seed } from './harness/demo.mjs';
import { NativeApp } from './harness/native.mjs';
import { Server } from './harness/server.mjs';
import { date } from './harness/week.mjs';

const run = promisify(execFile);
const folder = new URL('../../docs/pictures/', import.meta.url).pathname;
const LARGEST = 300 * 1024;
const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['web', 'desktop', 'mobile'];

const server = await Server.create();
const browser = await chromium.launch({ ...config.use.launchOptions, headless: true });
const apps = [];
try {
  await mkdir(folder, { recursive: true });
  const account = await Account.create(server, 'ana@example.org');
  await seed(account);
  for (const colorScheme of ['light', 'dark']) {
    await web(account, `web-${colorScheme}`, { colorScheme, viewport: { width: 1280, height: 832 } }, true);
    await web(account, `web-phone-${colorScheme}`, { colorScheme, viewport: { width: 390, height: 800 }, deviceScaleFactor: 2, hasTouch: true }, false);
    await native(account, 'desktop', `desktop-${colorScheme}`, { GTK_THEME: colorScheme === 'dark' ? 'Adwaita:dark' : 'Adwaita' });
  }
  await native(account, 'mobile', 'mobile', { GTK_THEME: 'Adwaita' });
} finally {
  for (const app of apps) await app.dispose();
  await browser.close();
  await server.dispose();
}

async function web(account, name, options, peek) {
  if (!wanted.includes('web')) return;
  const context = await browser.newContext({ baseURL: server.url, timezoneId: 'UTC', locale: 'en-GB', ...options });
  const session = JSON.stringify(await account.deviceSession());
  await context.addInitScript((text) => location.protocol === 'http:' && (localStorage.getItem('almanac.session') ?? localStorage.setItem('almanac.session', text)), session);
  // Wednesday before noon, whenever the picture is taken.
  await context.clock.setFixedTime(`${date(2)}T11:20:00Z`);
  const calendar = new Calendar(await context.newPage());
  await calendar.open();
  await expect(calendar.page.locator('[data-event-id]').first()).toBeVisible();
  await calendar.isUpToDate();
  if (peek) await calendar.peek('Retrospective');
  const file = `${folder}${name}.png`;
  await calendar.page.screenshot({ path: file, animations: 'disabled' });
  await context.close();
  await small(file);
}

async function native(account, kind, name, env) {
  if (!wanted.includes(kind)) return;
  const app = await NativeApp.prepare(kind, server, account);
  apps.push(app);
  app.env = env;
  await app.start();
  await app.isUpToDate();
  // Next week, which is all ahead. The phone shows today and two days of it anyway.
  if (kind === 'desktop') await app.window.press('j');
  const file = `${folder}${name}.png`;
  // Until two pictures in a row are the same: everything is drawn.
  let before = null;
  await expect.poll(async () => {
    const now = await app.window.capture(name);
    const same = before !== null && now.colours > 200 && now.rgb.equals(before.rgb);
    before = now;
    return same;
  }, { intervals: [500], timeout: 30_000 }).toBe(true);
  await run('cp', [before.file, file]);
  await app.kill();
  await small(file);
}

/** Few colours are enough for a user interface. */
async function small(file) {
  await run('convert', [file, '-strip', '-dither', 'None', '-colors', '255', '-define', 'png:compression-level=9', `png8:${file}`]);
  const { size } = await stat(file);
  if (size > LARGEST) throw new Error(`${file} is ${size} bytes`);
  console.log(`${file.slice(file.lastIndexOf('/') + 1)} ${Math.ceil(size / 1024)} KB`);
}
