// 10,000 edits made offline, sent, acknowledged and settled in IndexedDB, beside supabase-js with one upsert a row and Dexie;
// against our server on PostgreSQL, and with 40 ms of latency. Times are for each row: the peer sends fewer of them.
import { Account } from '../lib/account.mjs';
import { Browser } from '../lib/browser.mjs';
import { Table, median } from '../lib/table.mjs';

export default async function sync({ site, pick }) {
  const account = await Account.start({ origin: site.origin });
  const browser = await Browser.start();
  const table = new Table('sync-web');
  const [many, rounds] = [pick(100, 10_000), pick(1, 3)];
  let device = 0;
  for (const [latency, goal] of [[0, 0.05], [40, 0.01]]) {
    const beside = latency ? pick(5, 100) : pick(20, 500);
    await browser.page.goto(site.origin);
    await browser.latency(latency);
    const [a, b] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      const call = (which, count) => browser.page.evaluate(
        async ([which, ...rest]) => (await import('/sync.mjs'))[which](...rest), [which, account, device, count],
      );
      a.push((await call('ours', many)) / many);
      b.push((await call('theirs', beside)) / beside);
      device += 1;
    }
    const what = `${many} offline edits${latency ? `, ${latency} ms away` : ''}, each`;
    table.line(what, median(a), median(b), { goal, beside: `supabase-js and Dexie, one upsert a row (${beside} rows)` });
  }
  await browser.close();
  await account.stop();
  return table;
}
