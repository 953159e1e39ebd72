// How the end-to-end tests run. `cargo xtask test e2e` sets:
//   ALMANAC_WEB_DIR      the finished web app
//   ALMANAC_SERVER_BIN   the server to start (each test starts its own, on its own port and data folder)
//   ALMANAC_DESKTOP_BIN  the desktop app; ALMANAC_MOBILE_BIN the phone-sized one
//   ALMANAC_GALLERY_BIN  what renders the gallery of crates/ui to files
//   DISPLAY              an invisible screen for it
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.mjs',
  outputDir: 'results/artifacts',
  // Two cores: tests side by side would only wait for each other and time out.
  workers: 1,
  fullyParallel: false,
  // A test that passes only sometimes is a failure to be understood, not repeated.
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  // The pictures of specs/pictures.spec.mjs; `--update-snapshots` takes them anew.
  snapshotPathTemplate: '{testDir}/../../docs/pictures/screens/{arg}{ext}',
  reporter: [['list'], ['./counts.mjs']],
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1280, height: 800 },
    // Wall times are instants (harness/week.mjs), for the browser as for the native apps.
    timezoneId: 'UTC',
    locale: 'en-GB',
    actionTimeout: 20_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.ALMANAC_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
