// Plays proofs.txt: every flaw must fail the cases that its line names, and every case must have a
// line. Prints what is wrong, and how many cases nothing proves yet.
// usage: node prove.mjs ROOT [WHO...]
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const [root, ...only] = process.argv.slice(2);
const run = promisify(execFile);
const program = process.env.SG_STREAMGAUGE ?? join(root, 'streamgauge');
const scratch = mkdtempSync(join(tmpdir(), 'streamgauge-proofs-'));
const can = 'comments,headers,post,report,last-event-id,read-timeout,open,error,backoff,jitter,retry-after';
const plain = join(root, 'tests/interop/clients/plain/client.mjs');
const atOnce = 4;

const lines = readFileSync(join(root, 'tests/interop/clients/proofs.txt'), 'utf8').split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split(' -- ')[0].split(' '));
const { stdout } = await run(program, ['list', 'client-cases', '--json'], { maxBuffer: 1 << 26 });
const ids = JSON.parse(stdout).map(({ id }) => id);
let wrong = 0;
let played = 0;
const complain = (words) => { console.error(words); wrong += 1; };

const named = new Set(lines.flatMap(([, ...cases]) => cases));
for (const id of ids) if (!named.has(id)) complain(`${id}: no line of proofs.txt names it`);
for (const id of named) if (!ids.includes(id)) complain(`${id}: there is no such case`);

async function prove([who, ...cases]) {
  const [kind, flaw] = who.split(':');
  const folder = join(scratch, String(played += 1));
  const client = kind === 'plain'
    ? ['--exec', `node '${plain}' {url} ${flaw ?? ''}`, '--can', can, '--reconnection', '250ms']
    : ['--policy', 'browser', '--flaw', flaw];
  await run(program, ['client', ...client, '--case', cases.join(','), '--quiet', '--report', folder],
    { maxBuffer: 1 << 26 }).catch(() => {});  // the exit code says that it failed: so it should
  const { checks } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
  for (const { id, verdict, reason, level } of checks) {
    const seen = verdict === 'fail' || verdict === 'warn' || (verdict === 'info' && level === 'MAY');
    if (!seen) complain(`${who}: ${id} is ${verdict} (${reason ?? ''})`);
  }
  if (checks.length !== cases.length) complain(`${who}: ${checks.length} of ${cases.length} cases`);
}

const todo = lines.filter(([who]) => who !== 'not-yet' && (!only.length || only.includes(who)));
await Promise.all(Array.from({ length: atOnce }, async () => {
  for (let next = todo.pop(); next; next = todo.pop()) {
    try { await prove(next); } catch (why) { complain(`${next[0]}: ${why.message}`); }
  }
}));
rmSync(scratch, { recursive: true, force: true });
const open = lines.filter(([who]) => who === 'not-yet').flatMap(([, ...cases]) => cases);
console.log(`${ids.length - open.length} of ${ids.length} cases are proved`);
process.exit(wrong ? 1 : 0);
