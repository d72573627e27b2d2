// Watches a run in headless Chromium while it goes on. usage: node live.mjs PATH-OF-STREAMGAUGE
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coloursOf, openBrowser, openPage } from './browser.mjs';

const folder = mkdtempSync(join(tmpdir(), 'streamgauge-live-'));
const run = spawn(process.argv[2], ['run', 'idle-heartbeat', '--live', '--quiet', '--report', folder],
  { stdio: ['ignore', 'ignore', 'pipe'] });
let said = '';
const address = await new Promise((resolve, reject) => {
  run.stderr.on('data', (chunk) => {
    said += chunk;
    const found = /live view at (\S+)/.exec(said);
    if (found) resolve(found[1]);
  });
  run.on('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
});
let failure;
const browser = await openBrowser();
try {
  const { page, complaints } = await openPage(browser, address, { width: 360, height: 740,
    allowed: (asked) => asked.startsWith(`${address}points`) || asked.startsWith(`${address}events`) });
  await page.locator('#running tr').first().waitFor({ timeout: 30_000 });
  assert.match(await page.locator('#running').textContent(), /idle-heartbeat/);
  await page.waitForFunction(() => window.streamgauge.plots['live-streams'].series[0].y.length >= 4,
    null, { timeout: 30_000 });
  const canvas = page.locator('canvas[data-plot="live-streams"]');
  await canvas.scrollIntoViewIfNeeded();
  assert.ok(await coloursOf(canvas) > 3, 'the plot of streams is blank');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, 'scrolls sideways');
  if (process.env.SG_PICTURES) {
    await page.screenshot({ path: join(process.env.SG_PICTURES, 'live.png'), fullPage: true });
  }
  await page.waitForFunction(() => document.getElementById('word').textContent.startsWith('Over: '),
    null, { timeout: 60_000 });
  assert.match(await page.locator('#words').textContent(), /report\.html/);
  assert.deepEqual(complaints, []);
  console.log('ok a run is drawn while it goes on, and its end is told');
} catch (error) {
  failure = error;
}
await browser.close();
run.kill('SIGTERM');
await new Promise((resolve) => { if (run.exitCode !== null) resolve(); else run.on('exit', resolve); });
rmSync(folder, { recursive: true, force: true });
if (failure) { console.error(failure); process.exit(1); }
