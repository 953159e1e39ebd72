// The table of a part: our figure, the peer's, their ratio, the goal. As src/table.rs.

/** The median. */
export function median(values) {
  return percentile(values, 0.5);
}

/** The value that this share of the values is below. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export class Table {
  #lines = [];

  constructor(name) {
    this.name = name;
  }

  /** `ours` and `theirs` in `unit`; `goal`: the greatest good ratio of ours to theirs, or null where there is none. */
  line(what, ours, theirs, { unit = 'ms', goal = null, beside }) {
    this.#lines.push({ what, ours, theirs, unit, ratio: ours / theirs, goal, beside });
  }

  /** A figure without a peer; `most`: the greatest good value, or null. */
  alone(what, ours, { unit = 'ms', most = null }) {
    this.#lines.push({ what, ours, theirs: null, unit, ratio: null, goal: most, beside: '–' });
  }

  print() {
    const number = (value, unit) => (value === null ? '' : `${value.toFixed(value >= 100 ? 0 : 2)} ${unit}`);
    console.log(`\n${this.name.padEnd(58)} ${'ours'.padStart(11)} ${'theirs'.padStart(11)} ${'ratio'.padStart(7)} ${'goal'.padStart(7)}  beside`);
    for (const { what, ours, theirs, unit, ratio, goal, beside } of this.#lines) {
      const met = goal === null ? '' : (ratio ?? ours) <= goal ? '  met' : '  MISSED';
      const aim = goal === null ? '–' : ratio === null ? `≤ ${goal}` : goal.toFixed(2);
      console.log(`${what.padEnd(58)} ${number(ours, unit).padStart(11)} ${number(theirs, unit).padStart(11)} ${(ratio?.toFixed(3) ?? '').padStart(7)} ${aim.padStart(7)}  ${beside}${met}`);
    }
  }

  json() {
    return `${JSON.stringify({ part: this.name, lines: this.#lines }, null, 2)}\n`;
  }
}
