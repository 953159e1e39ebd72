// Accounts and their rows through the same interface that the apps use (docs/wire.md), for what a test does not look at
// itself, and for asking the server what it holds.
import { randomBytes, randomUUID } from 'node:crypto';

const PASSWORD = 'correct horse battery staple';
let made = 0;

/** Someone with an account on `server`. */
export class Account {
  #given = false;

  constructor(server, email, password, session) {
    Object.assign(this, { server, email, password, session, device: randomBytes(8).toString('hex'), generation: 0 });
  }

  /** An e-mail address that has no account. */
  static freshEmail() {
    made += 1;
    return `person-${Date.now()}-${made}@example.org`;
  }

  static password = PASSWORD;

  /** Makes an account. */
  static async create(server, email = Account.freshEmail()) {
    const session = await auth(server, 'signup', { email, password: PASSWORD });
    return new Account(server, email, PASSWORD, session);
  }

  /** The account made elsewhere (in the browser). */
  static async of(server, email, password = PASSWORD) {
    const session = await auth(server, 'token?grant_type=password', { email, password });
    return new Account(server, email, password, session);
  }

  get id() {
    return this.session.user.id;
  }

  /** A session of its own for one more device, in the form that the apps keep (core/src/session.rs). */
  async deviceSession() {
    // The first device gets the session of the sign-up: this account itself only uses its access token, so that nobody
    // else renews it. Each further one signs in.
    const s = this.#given ? await auth(this.server, 'token?grant_type=password', { email: this.email, password: this.password }) : this.session;
    this.#given = true;
    return { user_id: s.user.id, email: this.email, access_token: s.access_token, refresh_token: s.refresh_token, expires_at: s.expires_at };
  }

  /** Calls a function of the server as this person. */
  async rpc(name, body) {
    const answer = await fetch(`${this.server.url}/rest/v1/rpc/${name}`, {
      method: 'POST',
      headers: { apikey: this.server.key, authorization: `Bearer ${this.session.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  /** Pushes rows; throws unless all are taken. `rows` are `[table, row, stamped groups]`. */
  async push(rows) {
    const stamp = `${String(Date.now() * 1000).padStart(16, '0')}-${this.device}`;
    const entries = rows.map(([table, row, groups]) => ({
      table, key: key(table, row), generation: (this.generation += 1), row,
      stamps: Object.fromEntries(groups.map((group) => [group, stamp])),
    }));
    const { results } = await this.rpc('sync_push', { p_device: this.device, p_entries: entries });
    const refused = results.filter((result) => result.status !== 'done');
    if (refused.length) throw new Error(`refused: ${JSON.stringify(refused)}`);
    return results;
  }

  /** Makes a calendar; its id. */
  async makeCalendar(name, color, more = {}) {
    const id = randomUUID();
    await this.push([calendarRow({ id, user_id: this.id, name, color, ...more })]);
    return id;
  }

  async makeCategory(name, color) {
    const row = { id: randomUUID(), user_id: this.id, name, color, visible: true, is_default: false, position: 10 };
    await this.push([['user_categories', row, ['name', 'color', 'visible', 'is_default', 'position']]]);
    return row.id;
  }

  /** Makes an event: `start` an ISO instant, `minutes` its length. Its id. */
  async makeEvent(title, start, minutes, more = {}) {
    const id = randomUUID();
    await this.push(eventRows({ id, owner: this.id, title, start, minutes, ...more }));
    return id;
  }

  /** Gives `guest` a part in an event: invited as `role`, and accepted. */
  async shareWith(guest, event, role) {
    await this.push([['event_invites', { event_id: event, email: guest.email, role }, ['role']]]);
    await guest.push([['event_user_roles', { event_id: event, user_id: guest.id, role, rsvp: null, following: true }, ['role', 'rsvp', 'following']]]);
  }

  /** All live rows of a table that the server shows this person. */
  async rows(table) {
    const { rows } = await this.rpc('sync_bootstrap', { p_from_ms: null, p_to_ms: null, p_after: null, p_limit: 1000 });
    return rows.filter((row) => row.table === table).map((row) => row.row);
  }

  /** Titles of the events the server has, sorted. */
  async titles() {
    return (await this.rows('events')).map((row) => row.title).sort();
  }
}

/** What `push` wants for a calendar. */
export function calendarRow({ id, user_id, name, color, visible = true, is_default = false, position = 10 }) {
  const row = { id, user_id, name, color, visible, is_default, position, default_reminders: [] };
  return ['user_calendars', row, ['name', 'color', 'visible', 'is_default', 'position', 'default_reminders']];
}

/** What `push` wants for an event, and for what its owner keeps about it. */
export function eventRows({ id, owner, title, start, minutes, calendar = null, allDay = false, location = null, notes = null, showAs = 'busy' }) {
  const event = {
    id, owner_id: owner, series_id: null, original_start: null, split_from: null, ical_uid: null,
    title, start_time: start, duration: minutes, all_day: allDay, time_zone: 'UTC', recurrence: null,
    private: false, location, notes,
  };
  const rows = [['events', event, ['title', 'when', 'private', 'location', 'notes']]];
  if (calendar || showAs !== 'busy') {
    const own = {
      event_id: id, user_id: owner, calendar_id: calendar, category_id: null, show_time_as: showAs, time_defense_level: 'normal',
      ai_managed: false, ai_instructions: null, persona_id: null, reminders: null,
    };
    rows.push(['event_details_personal', own, ['calendar', 'category', 'show_time_as', 'time_defense_level', 'ai', 'reminders']]);
  }
  return rows;
}

function key(table, row) {
  if (table === 'event_invites') return `${row.event_id}:${row.email}`;
  return row.event_id ? `${row.event_id}:${row.user_id}` : row.id;
}

async function auth(server, path, body) {
  const answer = await fetch(`${server.url}/auth/v1/${path}`, {
    method: 'POST',
    headers: { apikey: server.key, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}
