// How soon an edit is seen: from Enter on one device until the chip is painted on another one of the same account, which
// stands on the same week, both online. Two Chromiums with profiles of their own, our server between them.
import { Account } from '../lib/account.mjs';
import { signIn } from '../lib/app.mjs';
import { Browser } from '../lib/browser.mjs';
import { painted } from '../lib/painted.mjs';
import { Table, median, percentile } from '../lib/table.mjs';

export default async function notice({ pick }) {
  const account = await Account.start({ webDir: process.env.ALMANAC_WEB_DIR });
  const devices = [];
  for (let number = 0; number < 2; number += 1) {
    const browser = await Browser.start();
    await browser.context.addInitScript(painted);
    await signIn(browser, account);
    await browser.page.goto(account.url);
    await browser.page.locator('[data-testid=sync-badge][data-phase=up-to-date]').waitFor({ timeout: 60_000 });
    devices.push(browser);
  }
  const [here, there] = devices.map(({ page }) => page);
  const [own, seen] = [[], []];
  for (let number = 0; number < pick(2, 16); number += 1) {
    const title = `Planning ${900_000 + number}`;
    const waits = (page) => page.evaluate((text) => {
      globalThis.waiting = globalThis.untilPainted(() => [...document.querySelectorAll('[data-event-id]')].some((chip) => chip.textContent.includes(text)));
    }, title);
    // Another week of the window: of many events at one time not all are shown.
    for (const page of [here, there]) await page.keyboard.press(number % 16 < 8 ? 'j' : 'k');
    const field = here.getByLabel('Title').first();
    // That of the one before has gone.
    await field.waitFor({ state: 'hidden' });
    await here.keyboard.press('c');
    await field.fill(title);
    await Promise.all([waits(here), waits(there)]);
    await field.press('Enter');
    const ended = (page) => page.evaluate(async () => performance.timeOrigin + (await globalThis.waiting));
    const begun = await here.evaluate(() => performance.timeOrigin + globalThis.keyAt);
    own.push((await ended(here)) - begun);
    seen.push((await ended(there)) - begun);
  }
  await Promise.all(devices.map((browser) => browser.close()));
  await account.stop();
  const table = new Table('notice');
  table.alone('Enter to chip painted, here', median(own), {});
  table.alone('Enter to chip painted, on the other device', median(seen), { most: 2000 });
  table.alone('the same, p95', percentile(seen, 0.95), { most: 2000 });
  return table;
}
