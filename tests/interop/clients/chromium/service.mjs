// Headless Chromium behind the contract-test protocol: one browser, an EventSource a stream.
// usage: node service.mjs [PORT]; prints "listening on URL"
//
// The browser is driven over a pipe (--remote-debugging-pipe: messages of the DevTools protocol,
// each ended by a NUL), so that nothing of npm is needed.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Installed, or unpacked with its libraries (harness/setup/packages.sh).
const prefix = join(new URL('.', import.meta.url).pathname, '../../../../.cache/programs');
const unpacked = join(prefix, 'usr/lib/chromium/chromium');
const libraries = existsSync(join(prefix, 'usr/lib'))
  ? readdirSync(join(prefix, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(prefix, 'usr/lib', name))
    .flatMap((folder) => [folder, join(folder, 'pulseaudio')]) : [];
const [program, env] = existsSync(unpacked)
  ? [unpacked, { ...process.env, LD_LIBRARY_PATH: libraries.join(':') }] : ['chromium', process.env];

if (process.argv[2] === '--version') {
  spawn(program, ['--version'], { stdio: ['ignore', 'inherit', 'ignore'], env })
    .on('exit', (code) => process.exit(code ?? 1));
  await new Promise(() => {});
}

const profile = mkdtempSync(join(tmpdir(), 'streamgauge-chromium-'));
const browser = spawn(program, [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-dev-shm-usage', '--remote-debugging-pipe', `--user-data-dir=${profile}`,
  'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env });
const end = (code) => {
  browser.kill('SIGKILL');
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  process.exit(code);
};
browser.on('error', (why) => { console.error(why.message); end(1); });
browser.on('exit', () => end(1));
process.on('SIGTERM', () => end(0));
process.on('SIGINT', () => end(0));

// --- the DevTools protocol ---
let last = 0;
const waiting = new Map();
const call = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
  waiting.set(++last, { resolve, reject });
  browser.stdio[3].write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
});
let heard = () => {};
let pieces = [];
browser.stdio[4].on('data', (piece) => {
  for (let at = piece.indexOf(0); at >= 0; at = piece.indexOf(0)) {
    pieces.push(piece.subarray(0, at));
    const message = JSON.parse(Buffer.concat(pieces).toString());
    pieces = [];
    piece = piece.subarray(at + 1);
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (asked) message.error ? asked.reject(new Error(message.error.message)) : asked.resolve(message.result);
    if (message.method === 'Runtime.bindingCalled') heard(JSON.parse(message.params.payload));
  }
  pieces.push(piece);
});
const { targetInfos } = await call('Target.getTargets');
const page = targetInfos.find(({ type }) => type === 'page');
const { sessionId } = await call('Target.attachToTarget', { targetId: page.targetId, flatten: true });
await call('Runtime.enable', {}, sessionId);
await call('Runtime.addBinding', { name: 'tell' }, sessionId);
const run = (expression) => call('Runtime.evaluate', { expression }, sessionId);
await run(`
  var sources = {};
  var take = (id) => (what) => tell(JSON.stringify({ id, message: { kind: 'event',
    event: { type: what.type, data: what.data, id: what.lastEventId } } }));
  var start = (id, url) => {
    const source = sources[id] = new EventSource(url);
    source.addEventListener('message', take(id));
    source.onerror = () => tell(JSON.stringify({ id, message: { kind: 'error',
      comment: 'error, readyState ' + source.readyState } }));
  };
`);

// --- the contract-test protocol ---
const streams = new Map();
heard = ({ id, message }) => {
  const stream = streams.get(id);
  if (!stream) return;
  const number = ++stream.sent;
  stream.queue = stream.queue.then(() => fetch(`${stream.callbackUrl}/${number}`, {
    method: 'POST', body: JSON.stringify(message),
    headers: { 'content-type': 'application/json' } })).catch(() => {});
};
const answers = {
  'GET /': () => [200, { name: 'chromium', capabilities: ['bom', 'event-type-listeners', 'error'] }],
  'DELETE /': () => { setTimeout(() => end(0), 50); return [200]; },
  'POST /': async (body) => {
    const id = streams.size + 1;
    streams.set(id, { callbackUrl: body.callbackUrl, sent: 0, queue: Promise.resolve() });
    await run(`start(${id}, ${JSON.stringify(body.streamUrl)})`);
    return [201, undefined, { location: `/streams/${id}` }];
  },
};
async function onStream(method, id, body) {
  if (!streams.has(id)) return [404];
  if (method === 'DELETE') await run(`sources[${id}].close()`);
  if (body?.command === 'listen') {
    await run(`sources[${id}].addEventListener(${JSON.stringify(body.listen.type)}, take(${id}))`);
  }
  return [200];
}
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (piece) => { text += piece; });
  request.on('end', async () => {
    const body = text ? JSON.parse(text) : undefined;
    const [, stream] = request.url.match(/^\/streams\/(\d+)$/) ?? [];
    const answer = answers[`${request.method} ${request.url}`];
    const [status, json, headers] = stream
      ? await onStream(request.method, Number(stream), body)
      : await (answer?.(body) ?? [404]);
    response.writeHead(status, headers);
    response.end(json ? JSON.stringify(json) : '');
  });
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
