// axe-core on a page.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, in a form that a person can read in a test's output. */
export async function violations(page) {
  // Through the debugger, not as a script element: the page's policy would rightly refuse that.
  const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })`);
  return found.violations.map(({ id, impact, help, nodes }) => `${impact} ${id}: ${help}\n` + nodes.map((node) => `    ${node.html.slice(0, 160)}\n      ${node.failureSummary?.split('\n').slice(1, 3).join(' ').trim().slice(0, 300)}`).slice(0, 4).join('\n'));
}

/** The same in both themes; each finding says in which. */
export async function violationsInBothThemes(page) {
  const found = [];
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violations(page)).map((one) => `${colorScheme}: ${one}`));
  }
  return found;
}
