// The web app as a person sees it: found by roles, names and what the app promises to tests (`data-event-id` with
// `data-state`, columns with `data-date`, the sync badge with `data-phase` and `data-pending`).
import { expect } from '@playwright/test';
import { address, date } from './week.mjs';

const MINUTES = 1440;
/** An event that the device has: a new one stands in the page some milliseconds before. */
const WRITTEN = '[data-event-id]:not([data-state="writing"])';

export class Calendar {
  constructor(page) {
    this.page = page;
    this.badge = page.getByTestId('sync-badge');
    this.popover = page.getByTestId('event-popover');
    this.draft = page.getByTestId('draft-popover');
    this.editor = page.getByTestId('event-editor');
    this.calendars = page.getByRole('region', { name: 'Calendars' });
    this.toast = page.getByTestId('toast');
    this.authError = page.getByTestId('auth-error');
  }

  get context() {
    return this.page.context();
  }

  /** With the week of the tests, or at another address. */
  async open(path = address()) {
    await this.page.goto(path);
  }

  /** One more tab of the same browser. */
  async newTab() {
    const tab = new Calendar(await this.context.newPage());
    await tab.open();
    await tab.isShown();
    return tab;
  }

  /** This week stands there. */
  async isShown() {
    await expect(this.column(0)).toBeVisible();
  }

  // — Signing in and up

  async signUp(email, password) {
    await this.page.getByRole('button', { name: 'New account' }).click();
    await this.#credentials(email, password, 'Create account');
  }

  async signIn(email, password) {
    await this.#credentials(email, password, 'Sign in');
  }

  async #credentials(email, password, button) {
    const form = this.page.locator('form');
    await form.getByLabel('E-mail').fill(email);
    await form.getByLabel('Password').fill(password);
    await form.getByRole('button', { name: button, exact: true }).click();
  }

  async signOut() {
    await this.page.getByRole('button', { name: /^Account / }).click();
    await this.page.getByRole('button', { name: 'Sign out' }).click();
  }

  // — What is shown

  /** The column of a day of this week; Monday is 0. */
  column(day) {
    return this.page.locator(`[data-date="${date(day)}"]`);
  }

  /** The events of that title, in columns and lanes. */
  event(title) {
    return this.page.locator(WRITTEN).filter({ has: this.page.locator('.event-title', { hasText: new RegExp(`^\\s*${escape(title)}\\s*$`) }) });
  }

  /** The event stands in that day's column, and says these times. */
  async shows(title, day, from, to, options) {
    await expect(this.column(day).locator(WRITTEN).filter({ hasText: title }), `${title} on day ${day}`).toHaveAccessibleName(new RegExp(`${escape(title)}.*${from} – ${to}`), options);
  }

  async lacks(title, options) {
    await expect(this.event(title)).toHaveCount(0, options);
  }

  /** All titles shown, sorted. */
  async titles() {
    return (await this.page.locator(`${WRITTEN} .event-title`).allTextContents()).map((text) => text.trim()).sort();
  }

  /** Whether an event was sent: `synced`, `pending` or `stuck`. */
  async isMarked(title, state, options) {
    await expect(this.event(title), `${title}'s mark`).toHaveAttribute('data-state', state, options);
  }

  // — Events

  /** Presses C and makes an event by the keyboard alone. */
  async create(title, day, from, to) {
    await this.page.keyboard.press('c');
    await expect(this.draft.or(this.editor)).toBeVisible();
    const form = (await this.editor.isVisible()) ? this.editor : this.draft;
    await form.getByLabel('Title').fill(title);
    await this.#times(form, day, from, to);
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form).toBeHidden();
  }

  /** Clicks into free room of a column and makes an event there, an hour long. */
  async createAt(title, day, time) {
    await this.column(day).click({ position: await this.#spot(day, time) });
    await expect(this.draft).toBeVisible();
    await this.draft.getByLabel('Title').fill(title);
    await this.page.keyboard.press('Enter');
    await expect(this.draft).toBeHidden();
  }

  /** Opens an event's popover. */
  async peek(title) {
    await this.event(title).click();
    await expect(this.popover).toBeVisible();
  }

  /** Opens an event in the full editor. */
  async edit(title) {
    await this.peek(title);
    await this.popover.getByRole('button', { name: 'Edit event' }).click();
    await expect(this.editor).toBeVisible();
  }

  async save() {
    await this.editor.getByRole('button', { name: 'Save' }).click();
    await expect(this.editor).toBeHidden();
  }

  async rename(title, to) {
    await this.edit(title);
    await this.editor.getByLabel('Title').fill(to);
    await this.save();
  }

  /** Changes day and times in the editor. */
  async reschedule(title, day, from, to) {
    await this.edit(title);
    await this.#times(this.editor, day, from, to);
    await this.save();
  }

  async #times(form, day, from, to) {
    await form.locator('#start-date').fill(date(day));
    await form.locator('#start-time').fill(from);
    await form.locator('#end-date').fill(date(day));
    await form.locator('#end-time').fill(to);
  }

  /** Drags an event with the pointer so that it begins at that day and time. */
  async drag(title, day, time) {
    const event = this.event(title);
    await event.scrollIntoViewIfNeeded();
    const from = await event.boundingBox();
    const grip = { x: from.x + from.width / 2, y: from.y + 8 };
    const column = await this.column(day).boundingBox();
    const to = { x: column.x + column.width / 2, y: column.y + (minutes(time) / MINUTES) * column.height + 8 };
    await this.page.mouse.move(grip.x, grip.y);
    await this.page.mouse.down();
    await this.page.mouse.move((grip.x + to.x) / 2, (grip.y + to.y) / 2, { steps: 4 });
    await this.page.mouse.move(to.x, to.y, { steps: 4 });
    // A person lets go when the label says what they want.
    await expect(this.page.getByTestId('drag-ghost')).toContainText(time);
    await this.page.mouse.up();
    await expect(this.page.getByTestId('drag-ghost')).toHaveCount(0);
  }

  async delete(title) {
    await this.peek(title);
    await this.popover.getByRole('button', { name: 'Delete event' }).click();
    await expect(this.popover).toBeHidden();
  }

  async #spot(day, time) {
    const { width, height } = await this.column(day).boundingBox();
    return { x: width - 6, y: (minutes(time) / MINUTES) * height + 2 };
  }

  // — Calendars

  calendar(name) {
    return this.calendars.getByRole('listitem').filter({ has: this.page.locator('.cal-name', { hasText: new RegExp(`^\\s*${escape(name)}\\s*$`) }) });
  }

  async makeCalendar(name, colour) {
    await this.calendars.getByRole('button', { name: 'New calendar' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'New calendar' });
    await dialog.getByLabel('Name').fill(name);
    if (colour) await dialog.getByRole('radio', { name: colour }).check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
  }

  async renameCalendar(name, to) {
    await this.calendar(name).getByRole('button', { name: `Edit ${name}` }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Edit calendar' });
    await dialog.getByLabel('Name').fill(to);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
  }

  async deleteCalendar(name) {
    await this.calendar(name).getByRole('button', { name: `Edit ${name}` }).click();
    await this.page.getByRole('dialog', { name: 'Edit calendar' }).getByRole('button', { name: 'Delete' }).click();
    const sure = this.page.getByRole('alertdialog');
    await sure.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(sure).toBeHidden();
  }

  async showCalendar(name, shown) {
    await this.calendar(name).getByRole('checkbox').setChecked(shown);
  }

  // — Sync

  /** Everything was sent and read: nothing waits. */
  async isUpToDate(options) {
    await expect(this.badge).toHaveAttribute('data-phase', 'up-to-date', options);
    await expect(this.badge).toHaveAttribute('data-pending', '0', options);
    await expect(this.badge).toHaveAccessibleName(/Up to date/, options);
  }

  /** The server is away and so many rows wait. */
  async isOffline(pending) {
    await expect(this.badge).toHaveAttribute('data-phase', 'offline');
    await this.waits(pending);
  }

  /** So many rows wait to be sent, and nothing claims otherwise. */
  async waits(pending) {
    await expect(this.badge).toHaveAttribute('data-pending', String(pending));
    if (pending > 0) {
      await expect(this.badge).toHaveAccessibleName(new RegExp(`${pending} not sent`));
      await expect(this.badge).not.toHaveAccessibleName(/up to date/i);
    }
  }

  /** At least so many rows wait; how many it says. */
  async countsWaiting(least) {
    await expect.poll(async () => Number(await this.badge.getAttribute('data-pending'))).toBeGreaterThanOrEqual(least);
    const pending = Number(await this.badge.getAttribute('data-pending'));
    await this.waits(pending);
    return pending;
  }

  /** Changes of others are announced to this device. */
  async isLive() {
    await this.badge.click();
    const panel = this.page.getByTestId('sync-panel');
    await expect(panel.locator('dt', { hasText: 'Live updates' }).locator('+ dd')).toHaveText('on');
    await this.page.keyboard.press('Escape');
    await expect(panel).toBeHidden();
  }

  /** Looks at the server at once instead of at the next try. */
  async syncNow() {
    await this.badge.click();
    await this.page.getByTestId('sync-panel').getByRole('button', { name: 'Sync now' }).click();
    await this.page.keyboard.press('Escape');
    await expect(this.page.getByTestId('sync-panel')).toBeHidden();
  }

  /** The service worker has the whole app. */
  async isInstalled() {
    await this.page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
  }
}

function minutes(time) {
  const [hours, rest] = time.split(':').map(Number);
  return hours * 60 + rest;
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
