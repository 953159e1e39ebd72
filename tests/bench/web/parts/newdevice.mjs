// An account of 50,000 events, a tenth of them in the window, on a new device: from opening the web app to the painted week,
// beside supabase-js reading all of them into Dexie (by key, not by offset, which would be slower) until the week can be asked
// for. Both from the start of the page; the memory of the page's process is its greatest, looked at every 50 ms.
import { Account } from '../lib/account.mjs';
import { Browser } from '../lib/browser.mjs';
import { painted } from '../lib/painted.mjs';
import { signIn } from '../lib/app.mjs';
import { Table, median } from '../lib/table.mjs';

export default async function newdevice({ site, pick }) {
  const account = await Account.start({ webDir: process.env.ALMANAC_WEB_DIR, origin: site.origin });
  const many = pick(2000, 50_000);
  await account.fill('mostly-past', many);
  const [a, b, memoryA, memoryB, settled] = [[], [], [], [], []];
  for (let round = 0; round < pick(1, 3); round += 1) {
    {
      const browser = await Browser.start();
      await browser.context.addInitScript(painted);
      await signIn(browser, account);
      const watched = browser.watchMemory();
      await browser.page.goto(account.url);
      a.push(await browser.page.evaluate(() => globalThis.untilPainted(() => globalThis.numbers().length > 0)));
      // Until the window is complete, too.
      await browser.page.locator('[data-testid=sync-badge][data-phase=up-to-date]').waitFor({ timeout: 120_000 });
      memoryA.push(await watched());
      settled.push(await browser.memory());
      await browser.close();
    }
    {
      const browser = await Browser.start();
      const watched = browser.watchMemory();
      await browser.page.goto(site.origin);
      const { ms, rows, week } = await browser.page.evaluate(async (to) => (await import('/newdevice.mjs')).page(to), account);
      if (rows !== many || week === 0) throw new Error(`the peer has ${rows} rows`);
      b.push(ms);
      memoryB.push(await watched());
      await browser.close();
    }
  }
  await account.stop();
  const table = new Table('newdevice');
  const beside = 'supabase-js, all into Dexie in pages of 1,000';
  table.line(`${many} events: until the week is painted`, median(a), median(b), { goal: 0.2, beside });
  table.line('memory of the tab meanwhile, greatest', median(memoryA), median(memoryB), { unit: 'MB', beside });
  table.alone('memory of the tab when all is fetched', median(settled), { unit: 'MB' });
  return table;
}
