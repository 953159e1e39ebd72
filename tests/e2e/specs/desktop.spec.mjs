// Point 3 on the desktop: the same account shows the same week from SQLite, edits offline likewise, and changes travel
// both ways within two seconds while online. The app is the real program in a real window, driven by real key presses.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { test, expect } from '../harness/fixtures.mjs';
import { date } from '../harness/week.mjs';

const LIMIT_MS = 2000;
const BY_ITSELF = { timeout: 45_000 };
const CRIMSON = '#c8143c';
const CRIMSON_RGB = [0xc8, 0x14, 0x3c];

/** The app's own colour, by day; and how many pixels of it a draft has whose title is focused. */
const ACCENT_RGB = [55, 96, 216];
const RING_AND_BUTTON = 1500;

/** The rail with the list of calendars, px: beyond it only events have their colour. */
const RAIL = 250;

/** A person with two events in a calendar of a colour that nothing else in the app has; the fair lasts over the week before and the one after, whichever the app shows. */
async function crimsonWeek(owner) {
  const calendar = await owner.makeCalendar('Crimson', CRIMSON);
  await owner.makeEvent('Board', `${date(2)}T09:00:00Z`, 120, { calendar });
  await owner.makeEvent('Fair', `${date(-7)}T00:00:00Z`, 21 * 1440, { calendar, allDay: true });
}

/** Waits until the window shows something in that colour; the picture. */
async function showsColour(app, name) {
  let picture;
  await expect.poll(async () => {
    picture = await app.window.capture(name);
    return picture.count(CRIMSON_RGB, RAIL);
  }, { message: 'pixels in the colour of the event', timeout: 30_000 }).toBeGreaterThan(30);
  expect(picture.colours, 'a window with text and lines').toBeGreaterThan(100);
  return picture;
}

/** Types a title into a draft that the keys of `open` open; Return saves it. */
async function draft(app, title, open = ['c']) {
  const accented = async () => (await app.window.capture('desktop-draft')).count(ACCENT_RGB);
  const before = await accented();
  await app.window.press(...open);
  // What is typed before the draft's title has the focus is lost: it stands there with a ring and a button of that colour.
  await expect.poll(accented, 'a draft whose title has the focus').toBeGreaterThan(before + RING_AND_BUTTON);
  await app.window.type(title);
}

test('the week of the web stands in the window and in SQLite', async ({ device, native, owner }) => {
  await crimsonWeek(owner);
  const web = await device({ account: owner });
  await web.shows('Board', 2, '09:00', '11:00');
  const desktop = await native('desktop', { account: owner });
  await expect.poll(() => desktop.titles()).toEqual(['Board', 'Fair']);
  expect(await desktop.waiting()).toBe(0);
  await showsColour(desktop, 'desktop-week');
});

test('an event made on the web is on the desktop within two seconds, and the other way round', async ({ device, native, owner }) => {
  const web = await device({ account: owner });
  await web.isUpToDate();
  await web.isLive();
  const desktop = await native('desktop', { account: owner });
  await desktop.isUpToDate();

  await web.page.keyboard.press('c');
  await web.draft.getByLabel('Title').fill('From the web');
  let begun = Date.now();
  await web.page.keyboard.press('Enter');
  await expect.poll(() => desktop.titles(), { intervals: [20] }).toEqual(['From the web']);
  expect(Date.now() - begun).toBeLessThan(LIMIT_MS);

  await draft(desktop, 'From the desktop');
  begun = Date.now();
  await desktop.window.press('Return');
  await web.event('From the desktop').waitFor();
  expect(Date.now() - begun).toBeLessThan(LIMIT_MS);
  await web.isMarked('From the desktop', 'synced');
  await expect.poll(() => desktop.waiting()).toBe(0);
});

test('offline it starts with everything, takes edits, keeps them through a kill, and sends them when the server is back', async ({ device, native, owner, server }) => {
  await crimsonWeek(owner);
  const web = await device({ account: owner });
  await web.shows('Board', 2, '09:00', '11:00');
  await web.page.evaluate(() => (window.stillTheSamePage = true));
  const desktop = await native('desktop', { account: owner });
  await expect.poll(() => desktop.titles()).toEqual(['Board', 'Fair']);
  await desktop.kill();

  await server.kill();
  await desktop.start();
  await showsColour(desktop, 'desktop-offline');
  await draft(desktop, 'Written on the train');
  await desktop.window.press('Return');
  await expect.poll(() => desktop.titles()).toEqual(['Board', 'Fair', 'Written on the train']);
  expect(await desktop.waiting()).toBeGreaterThan(0);

  await desktop.kill();
  expect(await desktop.titles()).toEqual(['Board', 'Fair', 'Written on the train']);
  expect(await desktop.waiting()).toBeGreaterThan(0);
  await desktop.start();

  await server.start();
  await web.event('Written on the train').waitFor(BY_ITSELF);
  await expect.poll(() => desktop.waiting(), BY_ITSELF).toBe(0);
  await web.isUpToDate(BY_ITSELF);
  await web.isMarked('Written on the train', 'synced');
  expect(await web.page.evaluate(() => window.stillTheSamePage)).toBe(true);
  expect(await owner.titles()).toEqual(['Board', 'Fair', 'Written on the train']);
});

test.describe('a local database that cannot be opened is told of and left alone', () => {
  test('a file that is no database', async ({ native, owner }) => {
    const desktop = await native('desktop', { account: owner, start: false });
    const garbage = Buffer.from('this was a calendar once '.repeat(400));
    await writeFile(desktop.database, garbage);
    await desktop.start();
    await desktop.tells(/did not open/);
    expect((await desktop.window.capture('desktop-unreadable')).colours, 'the window says so').toBeGreaterThan(20);
    expect((await readFile(desktop.database)).equals(garbage)).toBe(true);
  });

  test('a database of a newer version', async ({ native, owner }) => {
    await owner.makeEvent('Precious', `${date(1)}T09:00:00Z`, 60);
    const desktop = await native('desktop', { account: owner });
    await expect.poll(() => desktop.titles()).toEqual(['Precious']);
    await desktop.kill();
    await desktop.change('pragma user_version = 99');
    await desktop.start();
    await desktop.tells(/newer/);
    await desktop.kill();
    expect(await desktop.query('pragma user_version')).toEqual([[99]]);
    expect(await desktop.titles()).toEqual(['Precious']);
  });
});

test('a folder where nothing may be made is told at the terminal', async ({ native }) => {
  const desktop = await native('desktop', { start: false });
  const file = `${desktop.folder}/file`;
  await writeFile(file, '');
  const { code, said } = await desktop.ends({ ALMANAC_DATA_DIR: `${file}/inside` });
  expect(code).toBe(1);
  expect(said).toContain(`${file}/inside`);
  expect(existsSync(file)).toBe(true);
});

test('the window stands where it was left, comes back to a screen that shows it, and there is only one', async ({ native, owner }) => {
  const desktop = await native('desktop', { account: owner, start: false });
  const kept = `${desktop.folder}/window.json`;
  await writeFile(kept, '[1000,700,60,50,false]');
  await desktop.start();
  const left = { x: 60, y: 50, width: 1000, height: 700 };
  await expect.poll(() => desktop.window.place()).toEqual(left);
  await desktop.isUpToDate();
  // A second start leaves at once, and the first stays.
  expect((await desktop.ends()).code).toBe(0);
  expect(await desktop.window.place()).toEqual(left);
  await desktop.window.resize(900, 650);
  await expect.poll(() => desktop.window.size()).toEqual({ width: 900, height: 650 });
  await desktop.quit();
  expect(JSON.parse(await readFile(kept, 'utf8')).slice(0, 2)).toEqual([900, 650]);

  // The screen it was on is gone.
  await writeFile(kept, '[900,650,9000,8000,false]');
  await desktop.start();
  await expect.poll(() => desktop.window.place()).toEqual({ x: 40, y: 40, width: 900, height: 650 });
});

test('the menu bar of the window makes an event and takes it back', async ({ native, owner }) => {
  const desktop = await native('desktop', { account: owner });
  await desktop.isUpToDate();
  const { window } = desktop;
  // F10 opens the first menu of the bar, down goes to its first item.
  await draft(desktop, 'From the menu', ['F10', 'Down', 'Return']);
  await window.press('Return');
  await expect.poll(() => desktop.titles()).toEqual(['From the menu']);
  await window.press('F10', 'Right', 'Down', 'Return');
  await expect.poll(() => desktop.titles()).toEqual([]);
});
