// An account read into Dexie on a new device, page by page, until its week can be asked for.
import Dexie from '/dexie.mjs';
import { script } from '/script.mjs';

const PAGE = 1000;
const DAY = 86_400_000;

export async function page({ url, key, session }) {
  await script('/supabase.js');
  const db = new Dexie('theirs');
  db.version(1).stores({ events: 'id, start_timestamp_ms' });
  const client = globalThis.supabase.createClient(url, key, { accessToken: async () => session.access_token });
  let last = null;
  for (;;) {
    let ask = client.from('events').select('*').order('id').limit(PAGE);
    if (last) ask = ask.gt('id', last);
    const { data, error } = await ask;
    if (error) throw new Error(JSON.stringify(error));
    await db.events.bulkPut(data);
    if (data.length < PAGE) break;
    last = data.at(-1).id;
  }
  const now = Date.now();
  const week = await db.events.where('start_timestamp_ms').between(now - 3.5 * DAY, now + 3.5 * DAY).toArray();
  return { ms: performance.now(), rows: await db.events.count(), week: week.length };
}
