// The peer of the user interface: FullCalendar on Dexie, offline behind a service worker, with the same keys as ours. It has no
// sync, no accounts, no editing beside a title.
import Dexie from '/dexie.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const db = new Dexie('calendar');
db.version(1).stores({ events: 'id, start_timestamp_ms', outbox: 'key' });

/** Monday of this week, UTC. */
function monday() {
  const today = Math.floor(Date.now() / DAY) * DAY;
  return today - ((new Date(today).getUTCDay() + 6) % 7) * DAY;
}

/** As `fill even` of src/account.rs. */
globalThis.fill = async (count) => {
  const rows = Array.from({ length: count }, (_, i) => {
    const week = Math.floor(i / 100) - Math.floor(count / 200);
    const start = monday() + week * 7 * DAY + Math.floor((i % 100) / 20) * DAY + (8 + (i % 10)) * HOUR;
    return {
      id: crypto.randomUUID(), owner_id: crypto.randomUUID(), series_id: null, original_start: null, split_from: null, ical_uid: null,
      title: `Planning ${i}`, start_time: new Date(start).toISOString(), duration: 45, all_day: false, time_zone: 'UTC', recurrence: null,
      start_timestamp_ms: start, end_timestamp_ms: start + 45 * 60_000, private: false, location: 'Room 4.12, second floor',
      notes: 'Bring the figures of last week. '.repeat(6), deleted_at: null,
    };
  });
  for (let from = 0; from < count; from += 1000) await db.events.bulkPut(rows.slice(from, from + 1000));
};

const calendar = new FullCalendar.Calendar(document.getElementById('calendar'), {
  initialView: 'timeGridWeek',
  firstDay: 1,
  timeZone: 'UTC',
  height: '100%',
  editable: true,
  scrollTime: '08:00',
  async events({ start, end }, done) {
    const found = await db.events.where('start_timestamp_ms').between(start.getTime() - DAY, end.getTime()).toArray();
    done(found.map((row) => ({ id: row.id, title: row.title, start: row.start_timestamp_ms, end: row.end_timestamp_ms })));
  },
  eventDidMount({ el, event }) {
    el.dataset.eventId = event.id;
  },
});
calendar.render();
globalThis.calendar = calendar;

const dialog = document.getElementById('new');
const title = document.getElementById('title');
addEventListener('keydown', (event) => {
  if (dialog.open) return;
  if (event.key === 'j') calendar.next();
  if (event.key === 'k') calendar.prev();
  if (event.key === 't') calendar.today();
  if (event.key === '3') calendar.changeView('timeGridWeek');
  if (event.key === '4') calendar.changeView('dayGridMonth');
  if (event.key === 'c') {
    event.preventDefault();
    title.value = '';
    dialog.showModal();
  }
});
dialog.addEventListener('submit', async () => {
  const id = crypto.randomUUID();
  const start = calendar.view.activeStart.getTime() + 10 * HOUR;
  const row = { id, title: title.value, start_timestamp_ms: start, end_timestamp_ms: start + HOUR };
  await db.transaction('rw', db.events, db.outbox, async () => {
    await db.events.put(row);
    await db.outbox.put({ key: id, fields: row });
  });
  calendar.refetchEvents();
});

await navigator.serviceWorker?.register('/fullcalendar-sw.js');
