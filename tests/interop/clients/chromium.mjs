// Headless Chromium's own EventSource receives every event.
// usage: node chromium.mjs PATH-OF-SSE-REFERENCE-SERVER
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '../chromium_program.mjs';
import { startServer, publishAll, compare, deadline, messages } from './server.mjs';

const page = (url) => `<!doctype html><title>streamgauge</title><script>
const received = [];
const source = new EventSource(${JSON.stringify(`${url}/events?channel=interop`)});
const take = (event) => {
  received.push({ type: event.type, data: event.data, id: event.lastEventId });
  if (received.length === ${messages.length}) {
    source.close();
    fetch('/received', { method: 'POST', body: JSON.stringify(received) });
  }
};
source.addEventListener('message', take);
source.addEventListener('update', take);
source.onopen = () => fetch('/open', { method: 'POST' });
</script>`;

const server = await startServer(process.argv[2]);
let opened, arrived;
const open = new Promise((resolve) => { opened = resolve; });
const all = new Promise((resolve) => { arrived = resolve; });
const pages = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    if (request.url === '/open') opened();
    if (request.url === '/received') arrived(JSON.parse(body));
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(request.url === '/' ? page(server.url) : '');
  });
});
await new Promise((resolve) => { pages.listen(0, '127.0.0.1', resolve); });

const profile = mkdtempSync(join(tmpdir(), 'streamgauge-chromium-'));
// The page and the stream are of different origins; that is not what is tested here.
const { program, env } = chromium;
const browser = spawn(program, [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-dev-shm-usage', '--disable-web-security', `--user-data-dir=${profile}`,
  `http://127.0.0.1:${pages.address().port}/`], { stdio: ['ignore', 'ignore', 'pipe'], env });
let complaint = '';
browser.stderr.on('data', (chunk) => { complaint = (complaint + chunk).slice(-2000); });
const gone = new Promise((resolve) => { browser.on('exit', resolve); browser.on('error', resolve); });
const early = gone.then((how) => { throw new Error(`${program} ended (${how}): ${complaint}`); });
early.catch(() => {});
let failure;
try {
  await Promise.race([open, early, deadline(60, 'open')]);
  await publishAll(server.url, 'interop');
  const received = await Promise.race([all, early, deadline(30, 'events')]);
  compare(received);
  console.log(`chromium: ${received.length} events as published`);
} catch (error) {
  failure = error;
}
browser.kill('SIGTERM');
await gone;
pages.close();
await server.stop();
rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
if (failure) { console.error(failure.message); process.exit(1); }
process.exit(0);
