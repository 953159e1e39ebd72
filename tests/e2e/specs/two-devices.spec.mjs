// Point 3 between browsers: changes travel both ways within two seconds while online, without reload; and what two
// people write at the same time into different fields is all kept.
import { test, expect } from '../harness/fixtures.mjs';
import { date } from '../harness/week.mjs';

const LIMIT_MS = 2000;
const BY_ITSELF = { timeout: 45_000 };

/** Does `act` and waits for what it leads to; the milliseconds from one to the other. */
async function travels(act, arrival) {
  const begun = Date.now();
  await act();
  await arrival();
  return Date.now() - begun;
}

test('an edit in one browser is in the other within two seconds, both ways, without reload', async ({ device, owner }) => {
  await owner.makeEvent('Shared', `${date(1)}T09:00:00Z`, 60);
  const [one, two] = [await device({ account: owner }), await device({ account: owner })];
  for (const each of [one, two]) {
    await each.shows('Shared', 1, '09:00', '10:00');
    await each.isUpToDate();
    await each.isLive();
    await each.page.evaluate(() => (window.stillTheSamePage = true));
  }
  for (const [from, to, n] of [[one, two, 1], [two, one, 2]]) {
    const edit = `edit ${n}`;
    await from.edit('Shared');
    await from.editor.getByLabel('Location').fill(edit);
    const ms = await travels(() => from.save(), () => expect(to.event('Shared')).toHaveAccessibleName(new RegExp(edit)));
    test.info().annotations.push({ type: 'milliseconds', description: `changed in ${n}: ${ms}` });
    expect(ms).toBeLessThan(LIMIT_MS);

    await from.page.keyboard.press('c');
    await from.draft.getByLabel('Title').fill(`New ${n}`);
    const made = await travels(() => from.page.keyboard.press('Enter'), () => to.event(`New ${n}`).waitFor());
    expect(made).toBeLessThan(LIMIT_MS);

    await from.peek(`New ${n}`);
    const gone = await travels(() => from.page.keyboard.press('Delete'), () => to.lacks(`New ${n}`));
    expect(gone).toBeLessThan(LIMIT_MS);
  }
  for (const each of [one, two]) expect(await each.page.evaluate(() => window.stillTheSamePage)).toBe(true);
});

test('a title changed offline on one device and a time on another both survive', async ({ device, owner }) => {
  await owner.makeEvent('Plan', `${date(1)}T09:00:00Z`, 60);
  const [one, two] = [await device({ account: owner }), await device({ account: owner })];
  for (const each of [one, two]) {
    await each.shows('Plan', 1, '09:00', '10:00');
    await each.isUpToDate();
    await each.context.setOffline(true);
  }
  await one.rename('Plan', 'Better plan');
  await two.reschedule('Plan', 4, '16:00', '17:30');
  await one.isMarked('Better plan', 'pending');
  await two.isMarked('Plan', 'pending');

  await one.context.setOffline(false);
  await one.isUpToDate(BY_ITSELF);
  await two.context.setOffline(false);
  await two.isUpToDate(BY_ITSELF);
  for (const each of [one, two]) {
    await each.shows('Better plan', 4, '16:00', '17:30');
    await each.isMarked('Better plan', 'synced');
  }
  const [event] = await owner.rows('events');
  expect(event).toMatchObject({ title: 'Better plan', start_time: `${date(4)}T16:00:00.000000Z`, duration: 90 });
});

test('of two titles given offline the later one wins everywhere, whichever is sent first', async ({ device, owner }) => {
  await owner.makeEvent('Draft', `${date(1)}T09:00:00Z`, 60);
  const [one, two] = [await device({ account: owner }), await device({ account: owner })];
  for (const each of [one, two]) {
    await each.isUpToDate();
    await each.context.setOffline(true);
  }
  await one.rename('Draft', 'Earlier');
  await two.rename('Draft', 'Later');
  // The later edit arrives first.
  for (const each of [two, one]) {
    await each.context.setOffline(false);
    await each.isUpToDate(BY_ITSELF);
  }
  for (const each of [one, two]) {
    await expect(each.event('Later')).toBeVisible();
    await each.lacks('Earlier');
  }
  expect(await owner.titles()).toEqual(['Later']);
});

test('an event deleted on one device and edited later on another lives on', async ({ device, owner }) => {
  await owner.makeEvent('Doubtful', `${date(1)}T09:00:00Z`, 60);
  const [one, two] = [await device({ account: owner }), await device({ account: owner })];
  for (const each of [one, two]) {
    await each.isUpToDate();
    await each.context.setOffline(true);
  }
  await one.delete('Doubtful');
  await one.lacks('Doubtful');
  await two.rename('Doubtful', 'Certain');
  for (const each of [one, two]) {
    await each.context.setOffline(false);
    await each.isUpToDate(BY_ITSELF);
  }
  for (const each of [one, two]) await expect(each.event('Certain')).toBeVisible();
});
