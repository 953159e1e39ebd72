// A realistic week of a person with a job, a family and a hobby, for the pictures in the README.
import { randomUUID } from 'node:crypto';
import { calendarRow, eventRows } from './account.mjs';
import { date as ofThisWeek } from './week.mjs';

const CALENDARS = [
  ['Work', 'blue'],
  ['Family', 'amber'],
  ['Sport', 'green'],
  ['Travel', 'pink'],
];

// day (Monday is 0), from, minutes, title, calendar, more
const EVENTS = [
  [0, '09:00', 30, 'Standup', 'Work'],
  [0, '10:00', 90, 'Roadmap review', 'Work', { location: 'Room 4' }],
  [0, '12:30', 60, 'Lunch with Ana', 'Family', { location: 'Alto' }],
  [0, '15:00', 45, 'Interview: backend', 'Work', { showAs: 'tentative' }],
  [0, '18:30', 75, 'Climbing', 'Sport'],
  [1, '09:00', 30, 'Standup', 'Work'],
  [1, '09:30', 150, 'Deep work', 'Work', { notes: 'Sync engine: the review list' }],
  [1, '14:00', 60, 'Design critique', 'Work'],
  [1, '14:30', 60, 'Call with Priya', 'Work', { location: 'https://meet.example/priya' }],
  [1, '17:00', 60, 'Pick up Mia', 'Family', { showAs: 'oof' }],
  [2, '07:00', 60, 'Swim', 'Sport'],
  [2, '09:00', 30, 'Standup', 'Work'],
  [2, '10:30', 60, 'Quarterly numbers', 'Work'],
  [2, '13:00', 240, 'Train to Hamburg', 'Travel', { showAs: 'working_elsewhere', notes: 'Seat 61, coach 12' }],
  [2, '19:30', 120, 'Dinner with the team', 'Travel', { location: 'Speicherstadt' }],
  [3, '09:00', 180, 'Customer workshop', 'Travel', { location: 'Hamburg' }],
  [3, '11:00', 60, 'Standup (remote)', 'Work', { showAs: 'free' }],
  [3, '14:00', 90, 'Retrospective', 'Work'],
  [3, '16:30', 240, 'Train home', 'Travel', { showAs: 'working_elsewhere' }],
  [4, '09:00', 30, 'Standup', 'Work'],
  [4, '10:00', 120, 'Deep work', 'Work'],
  [4, '13:00', 45, 'Dentist', 'Family', { showAs: 'oof' }],
  [4, '15:00', 60, 'Demo', 'Work'],
  [4, '15:30', 45, 'Budget', 'Work', { showAs: 'tentative' }],
  [4, '20:00', 120, 'Concert', 'Family', { location: 'Philharmonie' }],
  [5, '10:00', 150, 'Hike', 'Sport', { location: 'Blue ridge' }],
  [5, '14:00', 120, "Mia's birthday party", 'Family'],
  [6, '09:30', 75, 'Long run', 'Sport'],
  [6, '12:00', 120, 'Brunch at Jonas’', 'Family'],
  [6, '17:30', 45, 'Plan the week', 'Family'],
];

const ALL_DAY = [
  [2, 2, 'Hamburg', 'Travel'],
  [4, 1, 'Release 1.0', 'Work'],
  [5, 2, 'Grandma visits', 'Family'],
];

/** Gives the account that week, this week and the next one; `date` may name the dates of another week (Monday is 0). */
export async function seed(account, date = ofThisWeek) {
  const [standard] = await account.rows('user_calendars');
  const ids = Object.fromEntries(CALENDARS.map(([name]) => [name, randomUUID()]));
  await account.push(CALENDARS.map(([name, color], n) => calendarRow({ id: ids[name], user_id: account.id, name, color, position: n + 1, is_default: n === 0 })));
  // The calendar that came with the account gives way.
  if (standard) await account.push([['user_calendars', { id: standard.id, deleted_at: new Date().toISOString() }, ['life']]]);
  const rows = [];
  for (const week of [0, 7]) {
    rows.push(...EVENTS.map(([day, from, minutes, title, calendar, more]) => ({ title, start: `${date(day + week)}T${from}:00Z`, minutes, calendar, ...more })));
    rows.push(...ALL_DAY.map(([day, days, title, calendar]) => ({ title, start: `${date(day + week)}T00:00:00Z`, minutes: days * 1440, allDay: true, calendar })));
  }
  await account.push(rows.flatMap((row) => eventRows({ ...row, id: randomUUID(), owner: account.id, calendar: ids[row.calendar] })));
}
