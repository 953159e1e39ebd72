// A small web server for the pages of the peers and of our store: what they import, under one origin.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const here = new URL('../', import.meta.url).pathname;
const modules = `${here}../node_modules/`;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

/** Address below the root, and the file. */
export const LIBRARIES = {
  '/dexie.mjs': 'dexie/dist/modern/dexie.min.mjs',
  '/supabase.js': '@supabase/supabase-js/dist/umd/supabase.js',
  '/fullcalendar.js': 'fullcalendar/all/global.js',
  '/fullcalendar.css': 'fullcalendar/skeleton.css',
  '/fullcalendar-theme.css': 'fullcalendar/themes/classic/theme.css',
  '/fullcalendar-palette.css': 'fullcalendar/themes/classic/palette.css',
  '/fullcalendar-theme.js': 'fullcalendar/themes/classic/global.js',
};

export class Site {
  #server;

  static async start() {
    const site = new Site();
    site.#server = createServer((request, response) => site.#answer(request, response));
    await new Promise((done) => site.#server.listen(0, '127.0.0.1', done));
    site.origin = `http://127.0.0.1:${site.#server.address().port}`;
    return site;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    const file = fileOf(pathname);
    try {
      const body = await readFile(file);
      response.writeHead(200, {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'cache-control': 'no-cache',
        // Isolated: the clock of the page is finer.
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'credentialless',
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function fileOf(pathname) {
  if (LIBRARIES[pathname]) return modules + LIBRARIES[pathname];
  if (pathname.startsWith('/page/')) return join(process.env.ALMANAC_BENCH_PAGE, pathname.slice('/page/'.length));
  return join(here, 'pages', pathname === '/' ? 'blank.html' : pathname);
}
