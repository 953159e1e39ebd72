// What the server says when it cannot start: what happened and what to do. And what it sends with the web app.
import { createServer } from 'node:net';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import http from 'node:http';
import { test, expect } from '../harness/fixtures.mjs';
import { freePort, serverSays } from '../harness/server.mjs';

test.describe('a server that cannot start says why and what to do, and ends with an error', () => {
  let folder;
  test.beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'almanac-e2e-start-'))));
  test.afterAll(() => rm(folder, { recursive: true, force: true }));

  test('the port is in use', async () => {
    const other = createServer();
    await new Promise((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address();
    const { code, out, err } = await serverSays(['--listen', `127.0.0.1:${port}`, '--data-dir', join(folder, 'port')]);
    other.close();
    expect(code).toBe(1);
    expect(err).toContain(`127.0.0.1:${port} is already in use`);
    expect(err).toContain('--listen');
    expect(out).toBe('');
    // It gave up before it made anything.
    expect(await readdir(folder)).not.toContain('port');
  });

  test('the database cannot be reached, and its password is not told to the logs', async () => {
    const place = `127.0.0.1:${await freePort()}`;
    const { code, err } = await serverSays(['--listen', '127.0.0.1:0', '--database-url', `postgres://almanac:hunter2@${place}/almanac`]);
    expect(code).toBe(1);
    expect(err).toContain('cannot reach the database');
    expect(err).toContain(place);
    expect(err).toContain('Check that PostgreSQL runs there');
    expect(err).not.toContain('hunter2');
  });

  test('the database URL is none', async () => {
    const { code, err } = await serverSays(['--listen', '127.0.0.1:0', '--database-url', 'my database']);
    expect(code).toBe(1);
    expect(err).toContain('--database-url');
    expect(err).toContain('postgres://');
  });

  test('the data folder cannot be made', async () => {
    const file = join(folder, 'a file');
    await writeFile(file, 'no folder');
    const { code, err } = await serverSays(['--listen', '127.0.0.1:0', '--data-dir', join(file, 'data')]);
    expect(code).toBe(1);
    expect(err).toContain(file);
    expect(err).toContain('--data-dir');
  });

  test('the data folder is in use by another server', async ({ server }) => {
    const { code, err } = await serverSays(['--listen', '127.0.0.1:0', '--data-dir', server.dataDir]);
    expect(code).toBe(1);
    expect(err).toContain('in use by another Almanac server');
    // And that one goes on.
    expect((await fetch(`${server.url}/health`)).ok).toBe(true);
  });

  test('the web app is not where it was said to be', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const { code, err } = await serverSays(['--listen', '127.0.0.1:0', '--data-dir', join(folder, 'web'), '--web-dir', empty]);
    expect(code).toBe(1);
    expect(err).toContain('no index.html');
  });
});

test.describe('the web app as it is served', () => {
  /** A request with nothing added or unpacked on the way. */
  const get = (server, path, headers = {}) => new Promise((done, failed) => {
    http.get(`${server.url}${path}`, { headers }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
    }).on('error', failed);
  });

  test('every page carries a strict policy and tells browsers not to guess, frame or leak', async ({ server }) => {
    for (const path of ['/', '/week/2026-11-22', '/boot.js', '/sw.js']) {
      const { status, headers } = await get(server, path);
      expect(status, path).toBe(200);
      const policy = Object.fromEntries(headers['content-security-policy'].split(';').map((part) => {
        const [name, ...values] = part.trim().split(/\s+/);
        return [name, values];
      }));
      expect(policy['default-src'], path).toEqual(["'self'"]);
      expect(policy['script-src'], path).toEqual(["'self'", "'wasm-unsafe-eval'"]);
      expect(policy['object-src'], path).toEqual(["'none'"]);
      expect(policy['frame-ancestors'], path).toEqual(["'none'"]);
      expect(policy['base-uri'], path).toEqual(["'self'"]);
      const host = new URL(server.url).host;
      expect(policy['connect-src'], path).toEqual(["'self'", `ws://${host}`, `wss://${host}`]);
      expect(headers['x-content-type-options'], path).toBe('nosniff');
      expect(headers['x-frame-options'], path).toBe('DENY');
      expect(headers['referrer-policy'], path).toBe('no-referrer');
      expect(headers['cross-origin-opener-policy'], path).toBe('same-origin');
    }
  });

  test('what may change is asked for again each time, what has a hash in its name never', async ({ server }) => {
    const page = await get(server, '/');
    const html = page.body.toString();
    expect(html).not.toContain('%JS%');
    for (const path of ['/', '/sw.js', '/boot.js', '/manifest.webmanifest', '/almanac.json']) {
      expect((await get(server, path)).headers['cache-control'], path).toBe('no-cache');
    }
    const assets = [...html.matchAll(/data-(?:js|wasm)="([^"]+)"/g)].map((match) => match[1]);
    expect(assets).toHaveLength(2);
    for (const path of assets) {
      const { status, headers } = await get(server, path);
      expect(status, path).toBe(200);
      expect(headers['cache-control'], path).toBe('public, max-age=31536000, immutable');
    }
    const wasm = await get(server, assets.find((path) => path.endsWith('.wasm')));
    expect(wasm.headers['content-type']).toBe('application/wasm');
  });

  test('a page unchanged since the last visit is not sent again', async ({ server }) => {
    const first = await get(server, '/');
    const since = first.headers['last-modified'];
    expect(since).toBeTruthy();
    const again = await get(server, '/', { 'if-modified-since': since });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
  });

  test('the program is sent compressed, to those who take it', async ({ server }) => {
    const html = (await get(server, '/')).body.toString();
    const path = html.match(/data-wasm="([^"]+)"/)[1];
    const plain = await get(server, path);
    expect(plain.headers['content-encoding']).toBeUndefined();
    const brotli = await get(server, path, { 'accept-encoding': 'br, gzip' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotli.body.length).toBeLessThan(plain.body.length / 2);
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
    const gzip = await get(server, path, { 'accept-encoding': 'gzip' });
    if (gzip.headers['content-encoding'] === 'gzip') expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
  });

  test('a missing file is missing and no page, and nothing outside of the folder is given out', async ({ server }) => {
    expect((await get(server, '/assets/gone-0123456789.js')).status).toBe(404);
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '//etc/passwd']) {
      const { status, body } = await get(server, path);
      expect([status === 404 || status === 400 || body.includes('<title>Almanac</title>'), path]).toEqual([true, path]);
      expect(body.includes('root:'), path).toBe(false);
    }
  });

  test('the key in almanac.json is all that a stranger gets, and it opens no rows', async ({ server, owner }) => {
    await owner.makeEvent('Private matter', new Date().toISOString(), 30);
    const config = JSON.parse((await get(server, '/almanac.json')).body);
    expect(Object.keys(config).sort()).toEqual(['anon_key', 'schema', 'url', 'version']);
    const answer = await fetch(`${server.url}/rest/v1/rpc/sync_bootstrap`, {
      method: 'POST',
      headers: { apikey: config.anon_key, authorization: `Bearer ${config.anon_key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ p_from_ms: null, p_to_ms: null, p_after: null, p_limit: 100 }),
    });
    expect(await answer.text()).not.toContain('Private matter');
  });

  test('pages of other origins may not call the server', async ({ server }) => {
    const answer = await fetch(`${server.url}/auth/v1/user`, { headers: { origin: 'https://elsewhere.example', apikey: server.key } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

test('its help says how to start it', async () => {
  const { code, out } = await serverSays(['--help']);
  expect(code).toBe(0);
  for (const word of ['--listen', '--data-dir', '--database-url', '--web-dir', 'Examples:']) expect(out).toContain(word);
});
