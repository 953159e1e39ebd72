// Ends the output with the line that `cargo xtask test` reads: `N passed, N failed`.
export default class Counts {
  passed = 0;
  failed = 0;

  onTestEnd(test, result) {
    if (result.status === 'skipped') return;
    if (test.outcome() === 'expected') this.passed += 1;
    else this.failed += 1;
  }

  onError() {
    this.failed += 1;
  }

  onEnd() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
  }
}
