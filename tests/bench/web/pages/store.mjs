// Our store on IndexedDB and Dexie, taking turns in one page.
import init, { Store, events } from '/page/page.js';
import Dexie from '/dexie.mjs';

const DAY = 86_400_000;
// As src/rows.rs.
const MONDAY = 1_793_577_600_000;
/** Rows of a page from the server. */
const PAGE = 1000;

await init();

/** Dexie as one would use it by the book: the index that the month needs, and an outbox. */
class Peer {
  constructor(name, options) {
    this.db = new Dexie(name, options);
    this.db.version(1).stores({ events: 'id, start_timestamp_ms', outbox: 'key' });
  }

  async apply(rows) {
    for (let from = 0; from < rows.length; from += PAGE) await this.db.events.bulkPut(rows.slice(from, from + PAGE));
  }

  async events(from, to) {
    return (await this.db.events.where('start_timestamp_ms').between(from, to).toArray()).length;
  }

  async edit(id, title) {
    await this.db.transaction('rw', this.db.events, this.db.outbox, async () => {
      const event = await this.db.events.get(id);
      await this.db.events.put({ ...event, title });
      await this.db.outbox.put({ key: id, fields: { title } });
    });
  }
}

async function timed(work) {
  const begun = performance.now();
  const result = await work();
  return [performance.now() - begun, result];
}

/** A month of five weeks, another one each time. */
function month(round, count) {
  const weeks = Math.max(1, Math.floor(count / 100) - 6);
  const from = MONDAY + (((round * 37) % weeks) - Math.floor(count / 200)) * 7 * DAY;
  return [from, from + 35 * DAY];
}

const rowsOf = (from, to, count) => JSON.parse(events(from, to, count));

export async function run({ count, rounds, edits, pages, many, few, lots }) {
  const figures = { month: [[], []], edit: [[], [], []], apply: [[], []], grown: [[], []] };
  const ours = await Store.open('ours');
  const theirs = new Peer('theirs');
  const strict = new Peer('strict', { chromeTransactionDurability: 'strict' });
  ours.prepare(0, count, count, true);
  await ours.apply();
  const all = rowsOf(0, count, count);
  await theirs.apply(all);
  await strict.apply(all);

  for (let round = 0; round < rounds; round += 1) {
    const span = month(round, count);
    const [a, found] = await timed(() => ours.events(...span));
    const [b, beside] = await timed(() => theirs.events(...span));
    if (found !== beside || found === 0) throw new Error(`found ${found} events and ${beside}`);
    figures.month[0].push(a);
    figures.month[1].push(b);
  }

  for (let number = 0; number < edits; number += 1) {
    const { id } = all[number];
    figures.edit[0].push((await timed(() => ours.edit(number, `edit ${number}`)))[0]);
    figures.edit[1].push((await timed(() => theirs.edit(id, `edit ${number}`)))[0]);
    figures.edit[2].push((await timed(() => strict.edit(id, `edit ${number}`)))[0]);
  }

  for (let round = 0; round < pages; round += 1) {
    const from = count + round * many;
    ours.prepare(from, from + many, count, false);
    figures.apply[0].push((await timed(() => ours.apply()))[0]);
    const rows = rowsOf(from, from + many, count);
    figures.apply[1].push((await timed(() => theirs.apply(rows)))[0]);
  }

  const [small, large] = [await Store.open('small'), await Store.open('large')];
  for (const [store, size] of [[small, few], [large, lots]]) {
    for (let from = 0; from < size; from += 10_000) {
      store.prepare(from, Math.min(size, from + 10_000), size, false);
      await store.apply();
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    // The same weeks around the middle of both, which have the same number of events.
    const span = [MONDAY - 14 * DAY, MONDAY + 21 * DAY];
    figures.grown[0].push((await timed(() => large.events(...span)))[0]);
    figures.grown[1].push((await timed(() => small.events(...span)))[0]);
  }
  return figures;
}
