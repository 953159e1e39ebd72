// Rows to test with, and how answers of the REST client are judged.
import assert from 'node:assert/strict';

/** An event at noon, `more` columns changed. The two bounds are the server's to compute, and may not be left out. */
export function event(more = {}) {
  return {
    title: 'Lunch', start_time: '2026-11-23T12:00:00+00:00', duration: 45, time_zone: 'Europe/Berlin',
    start_timestamp_ms: 0, end_timestamp_ms: 0, ...more,
  };
}

/** This status and no error; returns the data. */
export function fine(answer, status) {
  assert.equal(answer.error, null, JSON.stringify(answer.error));
  assert.equal(answer.status, status, JSON.stringify(answer));
  return answer.data;
}

/** Refused with this status, code and message (a text or what it matches), in PostgREST's shape; returns the error. */
export function refused(answer, status, code, message) {
  assert.ok(answer.error, `expected ${code}, got ${JSON.stringify(answer)}`);
  const { error } = answer;
  assert.equal(answer.status, status, JSON.stringify(answer));
  assert.equal(error.code, code, JSON.stringify(answer));
  if (message instanceof RegExp) assert.match(error.message, message);
  else assert.equal(error.message, message);
  for (const field of ['details', 'hint']) assert.ok(error[field] === null || typeof error[field] !== 'undefined', `no ${field}`);
  assert.equal(answer.data, null);
  return error;
}

/** One column of all rows. */
export const column = (rows, name) => rows.map((row) => row[name]);
