// Two tabs of one browser share one local database. One of them syncs; when it goes, however it goes, the other takes over.
import { test, expect } from '../harness/fixtures.mjs';
import { date } from '../harness/week.mjs';

/** How many tabs hold the leader's lock, and how many wait for it. */
const locks = (calendar) => calendar.page.evaluate(async () => {
  const { held, pending } = await navigator.locks.query();
  const leader = (lock) => lock.name.startsWith('almanac-leader-');
  return { held: held.filter(leader).length, waiting: pending.filter(leader).length };
});

/** Two tabs; the first one leads. */
async function twoTabs(device, owner) {
  const first = await device({ account: owner });
  await first.isUpToDate();
  await expect.poll(() => locks(first)).toEqual({ held: 1, waiting: 0 });
  const second = await first.newTab();
  await second.isUpToDate();
  await expect.poll(() => locks(second)).toEqual({ held: 1, waiting: 1 });
  return [first, second];
}

test('an edit in one tab shows in the other at once, with the same mark', async ({ device, owner, server }) => {
  await owner.makeEvent('Seen twice', `${date(1)}T09:00:00Z`, 60);
  const [first, second] = await twoTabs(device, owner);
  await server.stop();
  for (const [from, to, title] of [[first, second, 'From the first'], [second, first, 'From the second']]) {
    await from.page.keyboard.press('c');
    await from.draft.getByLabel('Title').fill(title);
    const begun = Date.now();
    await from.page.keyboard.press('Enter');
    await to.event(title).waitFor();
    expect(Date.now() - begun).toBeLessThan(1000);
    await to.isMarked(title, 'pending');
  }
  await server.start();
  for (const each of [first, second]) {
    await each.isUpToDate({ timeout: 45_000 });
    await each.isMarked('From the first', 'synced');
    await each.isMarked('From the second', 'synced');
  }
  expect(await owner.titles()).toEqual(['From the first', 'From the second', 'Seen twice']);
});

test('days that the second tab goes to are fetched by the one that syncs', async ({ device, owner }) => {
  const far = new Date(Date.parse(date(0)) + 200 * 86_400_000).toISOString().slice(0, 10);
  await owner.makeEvent('Far away', `${far}T09:00:00Z`, 60);
  const [, second] = await twoTabs(device, owner);
  await second.page.goto(`/week/${far}`);
  await expect(second.event('Far away')).toBeVisible();
});

test('a tab that comes later says at once that the server is away, and what waits', async ({ device, owner, server }) => {
  const first = await device({ account: owner });
  await first.isUpToDate();
  await first.isInstalled();
  await server.stop();
  await first.createAt('Waits', 2, '09:00');
  await first.isOffline(1);
  const second = await first.newTab();
  await second.isOffline(1);
});

for (const [how, end] of Object.entries({
  closed: async (tab) => tab.page.close(),
  crashed: async (tab) => {
    const crashed = tab.page.waitForEvent('crash');
    const devtools = await tab.context.newCDPSession(tab.page);
    // It never answers: there is nobody left to do so.
    devtools.send('Page.crash').catch(() => {});
    await crashed;
  },
})) {
  test(`when the tab that syncs is ${how}, the other one goes on`, async ({ device, owner }) => {
    const [first, second] = await twoTabs(device, owner);
    await end(first);
    await expect.poll(() => locks(second)).toEqual({ held: 1, waiting: 0 });
    await second.createAt('After it', 2, '09:00');
    await second.isMarked('After it', 'synced');
    await second.isUpToDate();
    expect(await owner.titles()).toEqual(['After it']);
    await owner.makeEvent('From elsewhere', `${date(3)}T09:00:00Z`, 60);
    await second.event('From elsewhere').waitFor();
  });
}
