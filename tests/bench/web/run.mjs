// The benchmarks in Chromium: `node run.mjs <part…> [--smoke] [--json=folder]`, run by `cargo xtask bench`, which sets
//   ALMANAC_TEST_DATABASE_URL  a PostgreSQL
//   ALMANAC_BENCH_BIN          the program of this folder, which serves an account (src/serve.rs)
//   ALMANAC_BENCH_PAGE         our store and engine for the page (page/), after wasm-bindgen
//   ALMANAC_WEB_DIR            the finished web app
// Each part in parts/ says what is compared with what.
import { mkdir, writeFile } from 'node:fs/promises';
import { Site } from './lib/site.mjs';

const args = process.argv.slice(2);
const smoke = args.includes('--smoke');
const folder = args.find((arg) => arg.startsWith('--json='))?.slice('--json='.length);
const parts = args.filter((arg) => !arg.startsWith('--'));

for (const part of parts) {
  const { default: run } = await import(`./parts/${part}.mjs`);
  const site = await Site.start();
  try {
    /** One of two sizes. */
    const pick = (small, full) => (smoke ? small : full);
    const table = await run({ site, pick });
    table.print();
    if (folder) {
      await mkdir(folder, { recursive: true });
      await writeFile(`${folder}/${table.name}.json`, table.json());
    }
  } finally {
    await site.stop();
  }
}
