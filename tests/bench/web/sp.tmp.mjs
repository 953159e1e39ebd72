import { Account } from './lib/account.mjs';
import { Browser } from './lib/browser.mjs';
import { Site } from './lib/site.mjs';
const many = +(process.argv[2] ?? 10000);
const site = await Site.start();
const account = await Account.start({ origin: site.origin });
const browser = await Browser.start();
await browser.page.goto(site.origin);
const cdp = await browser.context.newCDPSession(browser.page);
const reqs = [];
browser.page.on('requestfinished', async (r) => { if (r.method()==='POST') { const t = r.timing(); const s = await r.sizes().catch(()=>({})); reqs.push([r.url().split('/').pop(), t.startTime, t.requestStart, t.responseStart, t.responseEnd, s.requestBodySize, s.responseBodySize]); } });
for (let round = 0; round < 2; round++) {
  reqs.length = 0;
  if (round === 1) { await cdp.send('Profiler.enable'); await cdp.send('Profiler.setSamplingInterval', { interval: 500 }); await cdp.send('Profiler.start'); }
  const ms = await browser.page.evaluate(async ([a, d, c]) => (await import('/sync.mjs')).ours(a, d, c), [account, round, many]);
  await new Promise(r => setTimeout(r, 300));
  console.log('round', round, (ms / many).toFixed(3), 'ms each; total', ms.toFixed(0));
  const by = {};
  for (const [n, st, rs, re, e, a, b] of reqs) { const x = by[n] ??= { n: 0, wait: 0, down: 0, up: 0, bytes: 0 }; x.n++; x.wait += re - rs; x.down += e - re; x.up += a ?? 0; x.bytes += b ?? 0; }
  console.log(by);
  const pushes = reqs.filter(r => r[0].startsWith('sync_push')); 
  console.log('gaps between end of a push and the next start', pushes.slice(1, 8).map((r, i) => (r[1] - (pushes[i][1] + pushes[i][4])).toFixed(0)).join(' '), 'waits', pushes.slice(0, 8).map(r => (r[3]-r[2]).toFixed(0)).join(' '));
  const pulls = reqs.filter(r => r[0].startsWith('sync_pull'));
  console.log('pull gaps', pulls.slice(1).map((r, i) => (r[1] - (pulls[i][1] + pulls[i][4])).toFixed(0)).join(' '), 'waits', pulls.map(r => (r[3]-r[2]).toFixed(0)).join(' '));
}
const { profile } = await cdp.send('Profiler.stop');
const self = new Map(); const dt = profile.timeDeltas; const byId = new Map(profile.nodes.map(n => [n.id, n]));
profile.samples.forEach((id, i) => { const n = byId.get(id).callFrame; const k = n.functionName + ' ' + n.url.split('/').pop(); self.set(k, (self.get(k) ?? 0) + dt[i] / 1000); });
console.log([...self].sort((a, b) => b[1] - a[1]).slice(0, 45).map(([k, v]) => v.toFixed(0).padStart(7) + ' ' + k.slice(0, 110)).join('\n'));
await browser.close(); await account.stop(); await site.stop();
