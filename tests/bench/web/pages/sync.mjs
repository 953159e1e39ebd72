// Edits made offline, then sent: our engine on IndexedDB, and what one would write with supabase-js and Dexie.
import init, { Device, events } from '/page/page.js';
import Dexie from '/dexie.mjs';
import { script } from '/script.mjs';

await init();
await script('/supabase.js');

/** Ours: ms until `count` edits are sent, acknowledged and settled. */
export async function ours({ url, key, session }, round, count) {
  const device = await Device.open(`ours-${round}`, url, key, JSON.stringify(session));
  // In step before it goes offline.
  await device.sync();
  await device.make(round * count, (round + 1) * count, count);
  if ((await device.waiting()) === 0) throw new Error('nothing waits');
  const begun = performance.now();
  await device.sync();
  const ms = performance.now() - begun;
  if ((await device.waiting()) !== 0) throw new Error('something still waits');
  return ms;
}

/** The peer's: for each entry of the outbox one upsert, then the row as answered is put and the entry removed. */
export async function theirs({ url, key, session }, round, count) {
  const db = new Dexie(`theirs-${round}`);
  db.version(1).stores({ events: 'id, start_timestamp_ms', outbox: 'key' });
  const client = globalThis.supabase.createClient(url, key, { accessToken: async () => session.access_token });
  const rows = JSON.parse(events(0, count, count)).map((row) => ({ ...row, id: crypto.randomUUID(), owner_id: session.user_id }));
  await db.events.bulkPut(rows);
  await db.outbox.bulkPut(rows.map(({ id }) => ({ key: id })));
  const begun = performance.now();
  for (const entry of await db.outbox.toArray()) {
    const row = await db.events.get(entry.key);
    const { data, error } = await client.from('events').upsert(row).select().single();
    if (error) throw new Error(JSON.stringify(error));
    await db.transaction('rw', db.events, db.outbox, async () => {
      await db.events.put(data);
      await db.outbox.delete(entry.key);
    });
  }
  return performance.now() - begun;
}
