// Ends the output as `cargo xtask test` reads it: each test that failed with its error (in TAP), then `N passed, N failed`.
const colours = /\u001b\[[0-9;]*m/g;

/** Most lines of an error, and most letters of a line: several errors must fit into what is kept of a run's output. */
const LINES = 24;
const LETTERS = 240;

export default class Counts {
  passed = 0;
  failed = [];

  onTestEnd(test, result) {
    if (result.status === 'skipped') return;
    if (test.outcome() === 'expected') this.passed += 1;
    else this.failed.push({ name: test.titlePath().slice(2).join(' › '), errors: result.errors });
  }

  onError(error) {
    this.failed.push({ name: 'outside any test', errors: [error] });
  }

  onEnd() {
    for (const [number, { name, errors }] of this.failed.entries()) {
      console.log(`not ok ${number + 1} - ${name}`);
      for (const { message, value, snippet } of errors) {
        const said = [message ?? value ?? '', snippet ?? ''].join('\n').replace(colours, '');
        console.log(shortened(said.split('\n').filter((line) => line.trim())).map((line) => `    ${line}`).join('\n'));
      }
      console.log('  ...');
    }
    console.log(`${this.passed} passed, ${this.failed.length} failed`);
  }
}

// What was expected stands at the beginning, where in the test at the end.
function shortened(lines) {
  const short = lines.map((line) => (line.length > LETTERS ? `${line.slice(0, LETTERS)}…` : line));
  return short.length > LINES ? [...short.slice(0, LINES / 2), '…', ...short.slice(-LINES / 2)] : short;
}
