// The web's store beside Dexie: the month as domain structs, one edit committed with its outbox entry, 10,000 rows from the
// server, and how the month grows with what is stored. Ours reads, merges and keeps the stamps of each row and commits what a
// person did so that it survives the browser's crash (strict durability); Dexie keeps plain rows with one index, and by
// default nothing is flushed, so it is asked both ways.
import { Browser } from '../lib/browser.mjs';
import { Table, median } from '../lib/table.mjs';

export default async function store({ site, pick }) {
  const browser = await Browser.start();
  const few = pick(600, 1000);
  const [count, many, lots] = [pick(600, 20_000), pick(1000, 10_000), pick(2000, 100_000)];
  await browser.page.goto(site.origin);
  const options = { count, many, few, lots, rounds: pick(3, 60), edits: pick(5, 200), pages: pick(1, 7) };
  const figures = await browser.page.evaluate(async (o) => (await import('/store.mjs')).run(o), options);
  await browser.close();
  const table = new Table('store-web');
  const line = (what, [ours, theirs], goal, beside) => table.line(what, median(ours), median(theirs), { goal, beside });
  line(`one month of ${count} events`, figures.month, 1.0, 'Dexie, where().between().toArray()');
  line('one edit, row and outbox, committed', figures.edit, 0.8, 'Dexie, the same transaction, not flushed');
  line('the same', [figures.edit[0], figures.edit[2]], null, 'Dexie, strict durability as ours');
  line(`${many} rows from the server, in pages of 1,000`, figures.apply, 0.8, 'Dexie bulkPut (goal: 1.25 times its rows/s)');
  line(`one month among ${lots} events`, figures.grown, 1.5, `ours, among ${few}`);
  return table;
}
