// Editing by pointer, finger and keys: what is dragged where, what a copy is, and what takes a drag back.
import { Account } from '../harness/account.mjs';
import { PHONE, touch } from '../harness/finger.mjs';
import { test, expect } from '../harness/fixtures.mjs';
import { reloadHolding } from '../harness/timers.mjs';
import { date } from '../harness/week.mjs';

/** The middle of an element in the window. */
async function middle(locator) {
  const { x, y, width, height } = await locator.boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}

/** Where a time of a day's column is. */
async function hour(calendar, day, hours) {
  const { x, y, width, height } = await calendar.column(day).boundingBox();
  return { x: x + width / 2, y: y + (hours / 24) * height + 4 };
}

async function pull(page, from, to, { keep = false } = {}) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 3 });
  await page.mouse.move(to.x, to.y, { steps: 3 });
  await expect(page.getByTestId('drag-ghost').first()).toBeVisible();
  if (!keep) await page.mouse.up();
}

/** The server's rows of a title come to read so: what was dropped is shown before it is written and sent. */
async function sent(owner, title, read, wanted) {
  const rows = async () => (await owner.rows('events')).filter((row) => row.title === title && !row.deleted_at);
  await expect.poll(async () => (await rows()).map(read).sort(), { timeout: 20_000 }).toEqual(wanted);
}

test('a bar moves along the lane, into the hours and back', async ({ device, owner }) => {
  await owner.makeEvent('Fair', `${date(1)}T00:00:00Z`, 1440, { allDay: true });
  const calendar = await device({ account: owner });
  const { page } = calendar;
  const lane = page.getByRole('group', { name: 'All-day events' });
  const bar = lane.locator('[data-event-id]');
  await expect(bar).toBeVisible();
  const over = async (day) => ({ x: (await middle(calendar.column(day))).x, y: (await middle(bar)).y });
  await pull(page, await middle(bar), await over(3));
  await expect(bar).toHaveAccessibleName(new RegExp(`Fair.*${Number(date(3).slice(8))} `));
  await pull(page, await middle(bar), await hour(calendar, 2, 12));
  await calendar.shows('Fair', 2, '12:00', '13:00');
  await expect(bar).toHaveCount(0);
  await sent(owner, 'Fair', (row) => [row.all_day, row.duration], [[false, 60]]);
  const head = await middle(page.locator('.day-head').nth(4));
  await pull(page, await middle(calendar.event('Fair')), head);
  await expect(bar).toBeVisible();
  await sent(owner, 'Fair', (row) => [row.all_day, row.duration, row.start_time.slice(0, 10)], [[true, 1440, date(4)]]);
});

test('a bar is pulled longer at its edge, and drawn over free days of the lane', async ({ device, owner }) => {
  await owner.makeEvent('Fair', `${date(1)}T00:00:00Z`, 1440, { allDay: true });
  const calendar = await device({ account: owner });
  const { page } = calendar;
  const bar = calendar.event('Fair');
  const box = await bar.boundingBox();
  await pull(page, { x: box.x + box.width - 3, y: box.y + 10 }, { x: (await middle(calendar.column(4))).x, y: box.y + 10 });
  await sent(owner, 'Fair', (row) => row.duration, [4 * 1440]);
  const y = box.y + 10;
  await pull(page, { x: (await middle(calendar.column(5))).x, y }, { x: (await middle(calendar.column(6))).x, y });
  await calendar.draft.getByLabel('Title').fill('Weekend');
  await page.keyboard.press('Enter');
  await expect(calendar.event('Weekend')).toBeVisible();
  await sent(owner, 'Weekend', (row) => row.duration, [2 * 1440]);
});

test('an event is drawn over free hours, pulled longer at its lower edge and shorter at its upper one', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  await pull(page, await hour(calendar, 1, 10), await hour(calendar, 1, 11.8));
  await calendar.draft.getByLabel('Title').fill('Drawn');
  await page.keyboard.press('Enter');
  await calendar.shows('Drawn', 1, '10:00', '12:00');
  const box = async () => calendar.event('Drawn').boundingBox();
  let { x, y, width, height } = await box();
  await pull(page, { x: x + width / 2, y: y + height - 2 }, await hour(calendar, 1, 13.3));
  await calendar.shows('Drawn', 1, '10:00', '13:30');
  ({ x, y, width, height } = await box());
  await pull(page, { x: x + width / 2, y: y + 2 }, await hour(calendar, 1, 11.2));
  await calendar.shows('Drawn', 1, '11:15', '13:30');
});

test('a drag that rests at the lower edge scrolls the hours under it to their end', async ({ device, owner }) => {
  await owner.makeEvent('Review', `${date(1)}T12:00:00Z`, 60);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  const scroller = page.locator('.scroller');
  await scroller.evaluate((element) => element.scrollTo(0, 240));
  const left = () => scroller.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
  const [from, room] = [await middle(calendar.event('Review')), await scroller.boundingBox()];
  expect(await left(), 'there is something to scroll').toBeGreaterThan(150);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x, room.y + room.height - 8, { steps: 3 });
  await expect.poll(left).toBeLessThan(2);
  // It stands where the pointer is now, not where that was before.
  const at = await hour(calendar, 1, 20);
  await page.mouse.move(at.x, at.y - 20, { steps: 3 });
  const label = await page.getByTestId('drag-ghost').textContent();
  await page.mouse.up();
  const [, start] = /(\d\d:\d\d)/.exec(label);
  await expect(calendar.event('Review')).toHaveAccessibleName(new RegExp(start));
  expect(start >= '17:00', `${start} is later than it could be without scrolling`).toBe(true);
});

test('in the month a press on a date of the next one makes an event there', async ({ device, owner }) => {
  const calendar = await device({ account: owner, open: false });
  const { page } = calendar;
  await page.goto('/month/2027-03-10');
  const cell = page.locator('.month-day[data-date="2027-04-02"]');
  const { x, y } = await middle(cell);
  await page.mouse.move(x, y);
  await page.mouse.down();
  // The press has given the date the focus; the page must not turn under it.
  await expect(cell).toBeFocused();
  await page.mouse.up();
  await expect(calendar.draft.locator('#start-date')).toHaveValue('Fri, 2 Apr 2027');
  await expect(page).toHaveURL(/month\/2027-03-10$/);
});

test('in the month an event goes to another date and keeps its hour', async ({ device, owner }) => {
  await owner.makeEvent('Choir', `${date(1)}T18:00:00Z`, 90);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await expect(calendar.event('Choir')).toBeVisible();
  await page.keyboard.press('4');
  const chip = page.locator('.chip');
  await pull(page, await middle(chip), await middle(page.locator(`.month-day[data-date="${date(3)}"]`)));
  await sent(owner, 'Choir', (row) => new Date(row.start_time).toISOString(), [`${date(3)}T18:00:00.000Z`]);
});

test('weeks below each other scroll under a drag at their lower edge, and it lands where it is let go', async ({ device, owner }) => {
  await owner.makeEvent('Choir', `${date(1)}T18:00:00Z`, 90);
  const calendar = await device({ account: owner, open: false, viewport: { width: 1000, height: 400 } });
  const { page } = calendar;
  await page.goto(`/6weeks/${date(0)}`);
  const chip = page.locator('.chip');
  await expect(chip).toBeVisible();
  const weeks = page.locator('.month');
  const left = () => weeks.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
  expect(await left(), 'more than a week is out of sight').toBeGreaterThan(90);
  const [from, room] = [await middle(chip), await weeks.boundingBox()];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x, room.y + room.height - 8, { steps: 3 });
  await expect.poll(left).toBeLessThan(2);
  const to = await middle(page.locator(`.month-day[data-date="${date(38)}"]`));
  await page.mouse.move(to.x, to.y, { steps: 3 });
  await page.mouse.up();
  await sent(owner, 'Choir', (row) => new Date(row.start_time).toISOString(), [`${date(38)}T18:00:00.000Z`]);
});

test('Alt drags a copy, Escape lets a drag be', async ({ device, owner }) => {
  await owner.makeEvent('Review', `${date(1)}T12:00:00Z`, 60, { location: 'Room 4' });
  const calendar = await device({ account: owner });
  const { page } = calendar;
  const event = calendar.event('Review');
  await event.scrollIntoViewIfNeeded();
  await pull(page, await middle(event), await hour(calendar, 3, 10), { keep: true });
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('drag-ghost')).toHaveCount(0);
  await page.mouse.up();
  await calendar.shows('Review', 1, '12:00', '13:00');

  await page.keyboard.down('Alt');
  const spot = await hour(calendar, 3, 12.5);
  await pull(page, await middle(event), spot);
  await page.keyboard.up('Alt');
  await expect(event).toHaveCount(2);
  await sent(owner, 'Review', (row) => [row.start_time.slice(0, 10), row.location], [[date(1), 'Room 4'], [date(3), 'Room 4']]);
});

test('letting go of a drag that Escape has let be is no click: over the hours, the lane, a date, or the event itself', async ({ device, owner }) => {
  await owner.makeEvent('Review', `${date(1)}T11:00:00Z`, 120);
  await owner.makeEvent('Fair', `${date(1)}T00:00:00Z`, 1440, { allDay: true });
  const calendar = await device({ account: owner });
  const { page } = calendar;
  const letBe = async (from, x, y) => {
    await pull(page, from, { x: from.x + x, y: from.y + y }, { keep: true });
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('drag-ghost')).toHaveCount(0);
    await page.mouse.up();
    // As long as it would take to open something.
    await page.waitForTimeout(300);
    await expect(calendar.draft).toHaveCount(0);
    await expect(calendar.popover).toHaveCount(0);
  };
  // The next click is one again.
  const opens = async (what, at) => {
    await page.mouse.click(at.x, at.y);
    await expect(what).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(what).toHaveCount(0);
  };
  await calendar.event('Review').scrollIntoViewIfNeeded();
  const hours = await hour(calendar, 3, 11);
  await letBe(hours, 0, 60);
  await opens(calendar.draft, hours);
  const event = await middle(calendar.event('Review'));
  await letBe(event, 0, 12);
  await opens(calendar.popover, event);
  await letBe(event, 0, 12);
  await page.keyboard.press('Enter');
  await expect(calendar.popover, 'a key is no pointer').toBeVisible();
  await page.keyboard.press('Escape');
  const lane = { x: (await middle(calendar.column(3))).x, y: (await middle(calendar.event('Fair'))).y };
  await letBe(lane, 20, 0);
  await opens(calendar.draft, lane);
  await page.keyboard.press('4');
  // Below what may stand on the date itself.
  const box = await page.locator('.month-day[tabindex="0"]').boundingBox();
  const cell = { x: box.x + box.width / 2, y: box.y + box.height - 10 };
  await letBe(cell, 15, 0);
  await opens(calendar.draft, cell);
  expect(await owner.titles()).toEqual(['Fair', 'Review']);
});

test('Ctrl+D duplicates, Ctrl+Z takes it back, and screen readers hear of it', async ({ device, owner }) => {
  await owner.makeEvent('Review', `${date(1)}T12:00:00Z`, 60);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.event('Review').focus();
  await page.keyboard.press('Control+d');
  await expect(calendar.event('Review')).toHaveCount(2);
  await expect(page.getByTestId('said')).toHaveText(/^Created: Review, .*12:00 – 13:00$/);
  await page.keyboard.press('Control+z');
  await expect(calendar.event('Review')).toHaveCount(1);
  await calendar.event('Review').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await expect(page.getByTestId('said')).toHaveText(/^Review: .*12:15 – 13:15$/);
});

test.describe('by touch', () => {
  /** Holds still until it drags, goes there in steps, lets go. */
  async function carry(page, finger, from, to) {
    await finger.down(from);
    await expect(page.getByTestId('drag-ghost').first()).toBeVisible();
    await finger.move({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
    await finger.move(to);
    await finger.up();
    await expect(page.getByTestId('drag-ghost')).toHaveCount(0);
  }

  test('a finger that holds still drags, one that swipes turns the page', async ({ device, owner }) => {
    await owner.makeEvent('Lunch', `${date(1)}T10:00:00Z`, 60);
    const calendar = await device({ account: owner, open: false, ...PHONE });
    const { page } = calendar;
    await page.goto(`/3days/${date(0)}`);
    await expect(calendar.event('Lunch')).toBeVisible();
    const finger = await touch(page);
    const from = await middle(calendar.event('Lunch'));
    const to = { x: (await middle(calendar.column(2))).x, y: from.y };
    await finger.down(from);
    // Held still long enough it shows as dragged.
    await expect(page.getByTestId('drag-ghost')).toBeVisible();
    await finger.move({ x: (from.x + to.x) / 2, y: from.y });
    await finger.move(to);
    await finger.up();
    await calendar.shows('Lunch', 2, '10:00', '11:00');

    await finger.down({ x: 300, y: 500 });
    for (const x of [260, 200, 140, 90]) await finger.move({ x, y: 502 });
    await finger.up();
    await expect(page).toHaveURL(new RegExp(`/3days/${date(3)}$`));
    await finger.down({ x: 90, y: 500 });
    for (const x of [140, 200, 260, 300]) await finger.move({ x, y: 502 });
    await finger.up();
    await expect(page).toHaveURL(new RegExp(`/3days/${date(0)}$`));
  });

  test('the buttons of an event stay under the finger when the server has it', async ({ device, owner, server }) => {
    await owner.makeEvent('Waiting', `${date(1)}T12:00:00Z`, 60);
    const calendar = await device({ account: owner, open: false, ...PHONE });
    const { page } = calendar;
    await page.goto(`/3days/${date(0)}`);
    await calendar.isUpToDate();
    await server.kill();
    await calendar.edit('Waiting');
    await calendar.editor.getByLabel('Location').fill('Roof');
    await calendar.save();
    await calendar.isMarked('Waiting', 'pending');
    await calendar.event('Waiting').tap();
    await expect(calendar.popover).toContainText('Not sent yet');
    const button = calendar.popover.getByRole('button', { name: 'Duplicate' });
    const before = await button.boundingBox();
    await server.start();
    await expect(calendar.popover).toContainText('Sent.', { timeout: 45_000 });
    expect(await button.boundingBox()).toEqual(before);
    // Whoever comes to look later need not be told.
    await calendar.popover.getByRole('button', { name: 'Close' }).tap();
    await calendar.event('Waiting').tap();
    await expect(calendar.popover).toBeVisible();
    await expect(calendar.popover).not.toContainText('Sent.');
  });

  test('a finger draws an event, pulls it longer, takes it to the lane and back, duplicates and deletes it', async ({ device, owner }) => {
    const calendar = await device({ account: owner, open: false, ...PHONE });
    const { page } = calendar;
    await page.goto(`/3days/${date(0)}`);
    await calendar.isUpToDate();
    await page.getByTestId('start').getByRole('button', { name: 'Close' }).click();
    const finger = await touch(page);
    await carry(page, finger, await hour(calendar, 1, 10), await hour(calendar, 1, 11.8));
    await calendar.draft.getByLabel('Title').fill('Drawn');
    await calendar.draft.getByRole('button', { name: 'Save' }).tap();
    await calendar.shows('Drawn', 1, '10:00', '12:00');

    const edge = async () => {
      const { x, y, width, height } = await calendar.event('Drawn').boundingBox();
      return { x: x + width / 2, y: y + height - 3 };
    };
    await carry(page, finger, await edge(), await hour(calendar, 1, 12.8));
    await calendar.shows('Drawn', 1, '10:00', '13:00');

    await carry(page, finger, await middle(calendar.event('Drawn')), await middle(page.locator('.day-head').nth(2)));
    const bar = page.getByRole('group', { name: 'All-day events' }).locator('[data-event-id]');
    await expect(bar).toHaveAccessibleName(/^Drawn Wed/);
    await sent(owner, 'Drawn', (row) => [row.all_day, row.start_time.slice(0, 10)], [[true, date(2)]]);
    await carry(page, finger, await middle(bar), await hour(calendar, 0, 11));
    await calendar.shows('Drawn', 0, '11:00', '12:00');

    await calendar.event('Drawn').tap();
    await calendar.popover.getByRole('button', { name: 'Duplicate' }).tap();
    await expect(calendar.event('Drawn')).toHaveCount(2);
    await calendar.event('Drawn').first().tap();
    await calendar.popover.getByRole('button', { name: 'Delete event' }).tap();
    await expect(calendar.event('Drawn')).toHaveCount(1);
    await calendar.toast.getByRole('button', { name: 'Undo' }).tap();
    await expect(calendar.event('Drawn')).toHaveCount(2);
    await calendar.isUpToDate();
  });

  test('a finger pulls a bar of the lane over more days', async ({ device, owner }) => {
    await owner.makeEvent('Fair', `${date(0)}T00:00:00Z`, 1440, { allDay: true });
    const calendar = await device({ account: owner, open: false, ...PHONE });
    const { page } = calendar;
    await page.goto(`/3days/${date(0)}`);
    await calendar.isUpToDate();
    const { x, y, width, height } = await calendar.event('Fair').boundingBox();
    const to = await middle(page.locator('.day-head').nth(2));
    // As far from the edge as a finger misses it.
    await carry(page, await touch(page), { x: x + width - 12, y: y + height / 2 }, { x: to.x, y: y + height / 2 });
    await sent(owner, 'Fair', (row) => [row.start_time.slice(0, 10), row.duration], [[date(0), 3 * 1440]]);
  });

  test('pulling the calendar down syncs at once and says what came of it; scrolling and swiping do not', async ({ device, server, owner }) => {
    const calendar = await device({ account: owner, open: false, ...PHONE });
    const { page } = calendar;
    await page.goto(`/3days/${date(0)}`);
    await calendar.isUpToDate();
    await page.getByTestId('start').getByRole('button', { name: 'Close' }).click();
    let asked = 0;
    page.on('request', (request) => (asked += /rpc\/sync_pull/.test(request.url()) ? 1 : 0));
    const finger = await touch(page);
    const mark = page.getByTestId('pull');
    const pull = async (x, y, by, { begun = async () => {} } = {}) => {
      await finger.down({ x, y });
      await begun();
      for (const part of [0.2, 0.4, 0.6, 0.8, 1]) await finger.move({ x: x + by[0] * part, y: y + by[1] * part });
    };
    const hoursRun = (by) => page.locator('.scroller').evaluate((hours, by) => new Promise((done) => {
      hours.addEventListener('scroll', () => setTimeout(done), { once: true });
      hours.scrollBy(0, by);
    }), by);
    // In the middle of the hours (where they stand by themselves, but for the first of the day) it scrolls; too short, or to
    // the side, it is nothing.
    await hoursRun(60);
    await pull(200, 300, [0, 150]);
    await expect(mark).toHaveCount(0);
    await finger.up();
    await pull(200, 70, [0, 40]);
    await expect(mark).toHaveText('Pull down to sync');
    await finger.up();
    await expect(mark).toHaveCount(0);
    await pull(300, 70, [-120, 60]);
    await expect(mark).toHaveCount(0);
    await finger.up();
    expect(asked).toBe(0);
    // The hours may still run from a flick before: on the heads of the days that is no matter.
    await pull(200, 70, [4, 120], { begun: () => hoursRun(30) });
    await expect(mark).toHaveText('Let go to sync');
    await finger.up();
    await expect.poll(() => asked).toBeGreaterThan(0);
    await expect(mark).toHaveText('Up to date');
    await expect(mark).toHaveCount(0);
    await server.stop();
    await page.goto(`/agenda/${date(0)}`);
    await expect(page.locator('.agenda')).toBeVisible();
    await calendar.isOffline(0);
    await pull(200, 300, [0, 150]);
    await expect(mark).toHaveText('Let go to sync');
    await finger.up();
    await expect(mark).toContainText('Offline · as of');
  });
});

test('what was typed is kept when an editor closes, and offered again', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Half a thought');
  await page.keyboard.press('Escape');
  await expect(calendar.draft).toBeHidden();
  const kept = page.getByTestId('kept');
  await expect(kept).toContainText('Half a thought');
  await kept.getByRole('button', { name: 'Go on' }).click();
  await expect(kept).toHaveCount(0);
  await expect(calendar.editor.getByLabel('Title')).toHaveValue('Half a thought');
  await calendar.editor.getByRole('button', { name: 'Save' }).click();
  await expect(calendar.event('Half a thought')).toBeVisible();
  await expect(kept).toHaveCount(0);

  await page.keyboard.press('c');
  await page.keyboard.press('Escape');
  await expect(calendar.draft).toBeHidden();
  await expect(kept, 'an empty draft is nothing to keep').toHaveCount(0);

  // Thrown away, the keys go on working.
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Nonsense');
  await page.keyboard.press('Escape');
  await kept.getByRole('button', { name: 'Throw it away' }).click();
  await expect(kept).toHaveCount(0);
  await page.keyboard.press('c');
  await expect(calendar.draft.getByLabel('Title')).toBeFocused();
});

test('a draft with something in it stays at a press beside it; behind a panel it is kept when that is closed so', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  const kept = page.getByTestId('kept');
  const panel = page.getByTestId('sync-panel');
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Half a thought');
  const beside = await hour(calendar, 6, 12);
  await page.mouse.click(beside.x, beside.y);
  await expect(calendar.draft.getByLabel('Title')).toHaveValue('Half a thought');
  await calendar.badge.click();
  await expect(panel).toBeVisible();
  await page.mouse.click(beside.x, beside.y);
  await expect(panel).toHaveCount(0);
  await expect(calendar.draft, 'the press only closes').toHaveCount(0);
  await expect(kept).toContainText('Half a thought');
});

test('what stands in the editor is kept when another event is deleted meanwhile', async ({ device, owner }) => {
  await owner.makeEvent('Lunch', `${date(1)}T12:00:00Z`, 60);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Half a thought');
  await calendar.draft.getByRole('button', { name: 'More options' }).click();
  await expect(calendar.editor).toBeVisible();
  await calendar.peek('Lunch');
  await page.keyboard.press('Delete');
  await calendar.lacks('Lunch');
  await page.getByTestId('kept').getByRole('button', { name: 'Go on' }).click();
  await expect(calendar.editor.getByLabel('Title')).toHaveValue('Half a thought');
});

test('what was typed survives a reload, of each account its own, until it is saved or thrown away', async ({ device, owner, server }) => {
  await owner.makeEvent('Lunch', `${date(2)}T12:00:00Z`, 60);
  const calendar = await device({ account: owner });
  const { page } = calendar;
  const kept = page.getByTestId('kept');
  /** The device has it: from here on the page may go. */
  const isOnDevice = (text) => expect.poll(() => page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.includes('unsaved')).map(([, value]) => value).join()), `“${text}” on the device`).toContain(text);
  await calendar.isUpToDate();
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Half a thought');
  await isOnDevice('Half a thought');
  const letTimersGo = await reloadHolding(page, 250);
  // Typed at once after a reload, before whatever the start has begun to write is written.
  await expect(kept, 'the editor was open').toContainText('Half a thought');
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('At once');
  await letTimersGo();
  await isOnDevice('At once');
  await page.keyboard.press('Escape');
  await kept.getByRole('button', { name: 'Throw it away' }).click();
  await expect(kept, 'the editor was open').toContainText('Half a thought');
  await calendar.edit('Lunch');
  await calendar.editor.getByLabel('Notes').fill('one\ntwo');
  await page.keyboard.press('Escape');
  await expect(kept, 'the newest first').toContainText('Lunch');
  await isOnDevice('one');
  await page.reload();
  await kept.getByRole('button', { name: 'Go on' }).click();
  await expect(calendar.editor.getByLabel('Notes')).toHaveValue('one\ntwo');
  await expect(kept, 'the one before is not lost').toContainText('Half a thought');
  await calendar.save();
  await kept.getByRole('button', { name: 'Throw it away' }).click();
  await expect(kept).toHaveCount(0);
  await calendar.isUpToDate();
  expect((await owner.rows('events')).map(({ title, notes }) => [title, notes]), 'changed, not made again').toEqual([['Lunch', 'one\ntwo']]);
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('unsaved')))).toEqual([]);
  await page.reload();
  await calendar.isShown();
  await expect(kept).toHaveCount(0);

  // Another one of this device is not shown it; who comes back is.
  await page.keyboard.press('c');
  await calendar.draft.getByLabel('Title').fill('Not for others');
  await page.keyboard.press('Escape');
  await isOnDevice('Not for others');
  await page.getByRole('button', { name: /^Account / }).click();
  await page.getByRole('button', { name: 'Change account' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Change account' }).click();
  const other = await Account.create(server);
  await calendar.signIn(other.email, other.password);
  await calendar.isUpToDate();
  await expect(kept).toHaveCount(0);
  await calendar.signOut();
  await calendar.signIn(owner.email, owner.password);
  await expect(kept).toContainText('Not for others');
  await calendar.signOut();
  await expect(page.getByRole('button', { name: 'Sign in', exact: true }).first()).toBeVisible();
  await expect.poll(() => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('unsaved'))), 'signed out, nothing stays').toEqual([]);
});

test('a date is typed as one writes it, or picked', async ({ device, owner }) => {
  const calendar = await device({ account: owner });
  const { page } = calendar;
  await calendar.isUpToDate();
  await page.keyboard.press('c');
  const field = calendar.draft.locator('#start-date');
  await field.fill('24.12.2027');
  await expect(calendar.draft.locator('#end-date')).toHaveValue('Fri, 24 Dec 2027');
  await field.fill('never');
  await expect(calendar.draft.getByRole('alert').first()).toHaveText('Give a date like 23 Nov 2026.');
  await field.fill('2027-12-24');
  await calendar.draft.getByRole('button', { name: 'Starts: pick a date' }).click();
  await expect(calendar.draft.getByRole('button', { name: 'Friday, 24 December 2027' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue('Sat, 25 Dec 2027');
  // The focus goes back to where it came from, and Escape closes one thing after the other.
  const pick = calendar.draft.getByRole('button', { name: 'Starts: pick a date' });
  await expect(pick).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(calendar.draft.getByRole('button', { name: 'Saturday, 25 December 2027' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(pick).toBeFocused();
  await expect(pick).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('Escape');
  await expect(calendar.draft).toBeHidden();
});

test('a start typed key by key takes the end along, with the length it had', async ({ device, owner }) => {
  await owner.makeEvent('Review', `${date(1)}T13:00:00Z`, 60);
  const calendar = await device({ account: owner });
  await calendar.edit('Review');
  const field = (name) => calendar.editor.locator(`#${name}`);
  const type = async (name, text) => {
    await field(name).press('ControlOrMeta+a');
    await field(name).pressSequentially(text);
  };
  await type('start-time', '15:30');
  await expect(field('end-time')).toHaveValue('16:30');
  await type('start-date', date(3));
  await calendar.editor.getByLabel('All day').check();
  await calendar.editor.getByLabel('All day').uncheck();
  await expect(field('end-time')).toHaveValue('16:30');
  await calendar.save();
  await calendar.shows('Review', 3, '15:30', '16:30');
});
