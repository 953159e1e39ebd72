// Dates of the week that the tests live in, which is what the app shows first. Every client of the tests lives in UTC (see
// playwright.config.mjs), so that a wall time is an instant; weeks begin on Monday, as a new account's do.
//
// It is the week of the moment when the tests began and stays it over midnight. Late on Sunday it is the next one: an event
// made by a key begins at the next half hour, which would be in a week that is not shown.

const DAY = 86_400_000;
const LATE = 2 * 3_600_000;

function monday(moment) {
  const midnight = moment - (moment % DAY);
  return midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * DAY;
}

const first = monday(Date.now() + LATE);

/** `2026-11-18` for day 2 (Monday is 0) of the week. */
export function date(day) {
  return new Date(first + day * DAY).toISOString().slice(0, 10);
}

/** The date of now, wherever it is. */
export const today = () => new Date().toISOString().slice(0, 10);

/** The address at which the app shows the week: its root, unless that shows another one by now. */
export const address = () => (monday(Date.now()) === first ? '/' : `/week/${date(0)}`);

/** The instant of a wall time: `at(2, '09:30')`. */
export function at(day, time) {
  return `${date(day)}T${time}:00.000000Z`;
}

/** All seven dates. */
export const dates = () => Array.from({ length: 7 }, (_, day) => date(day));
