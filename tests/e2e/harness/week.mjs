// Dates of this week, which is what the app shows first. Every client of the tests lives in UTC (see
// playwright.config.mjs), so that a wall time is an instant; weeks begin on Monday, as a new account's do.

const DAY = 86_400_000;

function monday(weeks = 0) {
  const now = new Date();
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return today - ((now.getUTCDay() + 6) % 7) * DAY + weeks * 7 * DAY;
}

/** `2026-11-18` for day 2 (Monday is 0) of this week. */
export function date(day) {
  return new Date(monday() + day * DAY).toISOString().slice(0, 10);
}

/** The instant of a wall time: `at(2, '09:30')`. */
export function at(day, time) {
  return `${date(day)}T${time}:00.000000Z`;
}

/** All seven dates. */
export const dates = () => Array.from({ length: 7 }, (_, day) => date(day));
