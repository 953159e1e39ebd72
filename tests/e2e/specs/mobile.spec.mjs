// Point 4: the same UI as a mobile app, in a phone-sized window on this machine.
import { test, expect } from '../harness/fixtures.mjs';
import { today } from '../harness/week.mjs';

test('the phone-sized window shows the account from SQLite', async ({ native, owner }) => {
  const calendar = await owner.makeCalendar('Crimson', '#c8143c');
  await owner.makeEvent('Today', `${today()}T00:00:00Z`, 1440, { calendar, allDay: true });
  const mobile = await native('mobile', { account: owner });
  const { width, height } = await mobile.window.size();
  expect(width).toBeLessThan(500);
  expect(height).toBeGreaterThan(width);
  await expect.poll(() => mobile.titles()).toEqual(['Today']);
  await expect.poll(async () => (await mobile.window.capture('mobile')).count([0xc8, 0x14, 0x3c]), { timeout: 30_000 }).toBeGreaterThan(30);
});
