// Opens reports of a passing, a failing and an unreachable run and of a comparison in headless
// Chromium and looks at what is rendered.
// usage: node report.mjs PASSING FAILING UNREACHABLE COMPARED (report folders)
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { coloursOf, openBrowser, openPage, paleTexts } from './browser.mjs';

const [passing, failing, unreachable, compared] = process.argv.slice(2)
  .map((folder, i) => resolve(join(folder, i < 3 ? 'report.html' : 'compare.html')));
const pictures = process.env.SG_PICTURES;  // a folder, to look at the pages by eye
const browser = await openBrowser();
const address = (file) => pathToFileURL(file).href;
let cases = 0;
const it = async (name, run) => {
  await run();
  cases += 1;
  console.log(`ok ${name}`);
};

const everyLook = [
  { name: 'desktop-light', width: 1280, height: 900, scheme: 'light' },
  { name: 'desktop-dark', width: 1280, height: 900, scheme: 'dark' },
  { name: 'phone-light', width: 360, height: 740, scheme: 'light' },
  { name: 'phone-dark', width: 360, height: 740, scheme: 'dark' },
];

const unfoldAll = async (page) => {
  await page.evaluate(() => { for (const part of document.querySelectorAll('details')) part.open = true; });
  // Scrolls through, so that every plot has been in view.
  await page.evaluate(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 600) {
      scrollTo(0, y);
      await new Promise((done) => { requestAnimationFrame(() => setTimeout(done, 0)); });
    }
    scrollTo(0, 0);
  });
};

for (const [kind, file] of Object.entries({ passing, failing, unreachable, compared })) {
  // Side by side: most of the time is waiting for frames.
  await Promise.all(everyLook.map((look) =>
    it(`${kind}, ${look.name}: quiet, drawn, nothing sticks out, nothing moves`, async () => {
      const { page, complaints, close } = await openPage(browser, address(file), look);
      await page.waitForTimeout(200);
      assert.equal(await page.evaluate(() => window.shifted), 0, 'the layout shifted');
      if (pictures) await page.screenshot({ path: join(pictures, `${kind}-${look.name}-top.png`) });
      await unfoldAll(page);
      const canvases = await page.locator('canvas[data-plot]').all();
      assert.equal(canvases.length > 0, kind !== 'unreachable', 'plots');
      for (const canvas of canvases) {
        assert.ok(await coloursOf(canvas) > 3, `blank: ${await canvas.getAttribute('data-plot')}`);
      }
      const [inside, wanted] = await page.evaluate(() => [document.documentElement.clientWidth,
        document.documentElement.scrollWidth]);
      assert.ok(wanted <= inside, `scrolls sideways: ${wanted} in ${inside}`);
      const luminous = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(luminous === 'rgb(255, 255, 255)', look.scheme === 'light', luminous);
      assert.deepEqual(await paleTexts(page), [], 'contrast');
      assert.deepEqual(complaints, []);
      if (pictures) {
        await page.screenshot({ path: join(pictures, `${kind}-${look.name}.png`), fullPage: true });
      }
      await close();
    })));
}

const headers = (page) => page.locator('#checks-table thead th');
const column = (page, n) => page.locator(`#checks-table tbody tr:not([hidden]) > :nth-child(${n})`)
  .evaluateAll((cells) => cells.map((cell) => cell.dataset.key ?? cell.textContent.trim()));

await it('the table of checks sorts by keyboard and says how', async () => {
  const { page, complaints, close } = await openPage(browser, address(failing));
  const button = headers(page).nth(0).locator('button');
  await button.focus();
  await page.keyboard.press('Enter');
  assert.equal(await headers(page).nth(0).getAttribute('aria-sort'), 'ascending');
  const ascending = await column(page, 1);
  assert.ok(ascending.length > 1);
  assert.deepEqual(ascending, [...ascending].sort((a, b) => a.localeCompare(b, 'en')));
  await page.keyboard.press('Space');
  assert.equal(await headers(page).nth(0).getAttribute('aria-sort'), 'descending');
  assert.deepEqual(await column(page, 1), ascending.reverse());
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await headers(page).nth(1).getAttribute('aria-sort'), 'ascending');
  assert.equal(await headers(page).nth(0).getAttribute('aria-sort'), 'none');
  assert.equal((await column(page, 2))[0], '0', 'failures first');
  assert.deepEqual(complaints, []);
  await close();
});

await it('the table of checks filters by verdict, family and words, and tells how many are left', async () => {
  const { page, close } = await openPage(browser, address(failing));
  const all = (await column(page, 1)).length;
  await page.locator('input[name="verdict"][value="pass"]').uncheck();
  const left = await column(page, 1);
  assert.ok(left.length > 0 && left.length < all);
  assert.match(await page.locator('form [role="status"]').textContent(), new RegExp(`^${left.length} of ${all} shown`));
  await page.locator('input[name="words"]').fill('no such words');
  assert.equal((await column(page, 1)).length, 0);
  await close();
});

await it('a failing run shows verdict, figures, reason, time and bytes before anything else', async () => {
  const { page, close } = await openPage(browser, address(failing));
  assert.match(await page.locator('h1').textContent(), /Fail/);
  const card = page.locator('.card').first();
  for (const name of ['Measured', 'Bound', 'First seen']) {
    assert.ok(await card.locator('dt', { hasText: name }).count() > 0, name);
  }
  assert.match(await card.locator('dl').textContent(), /\+\d+\.\d{3} s/);
  assert.ok((await card.locator('.because').textContent()).length > 20, 'reason');
  assert.ok(await page.locator('.wire tr.at-evidence').count() > 0, 'bytes beside evidence');
  assert.ok(await page.locator('.wire td.way', { hasText: 'received' }).count() > 0, 'bytes');
  const places = await page.evaluate(() => ['#broken', '#checks', '#scenarios', '#setup']
    .map((id) => document.querySelector(id).getBoundingClientRect().top));
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
  await close();
});

await it('an unreachable target is told with its reason', async () => {
  const { page, close } = await openPage(browser, address(unreachable));
  assert.match(await page.locator('h1').textContent(), /Error/);
  assert.match(await page.locator('.card.fail .because').first().textContent(), /127\.0\.0\.1/);
  await close();
});

await it('headings, captions, names and landmarks are there for a screen reader', async () => {
  const { page, close } = await openPage(browser, address(failing));
  await unfoldAll(page);
  assert.equal(await page.locator('main').count(), 1);
  assert.equal(await page.locator('h1').count(), 1);
  assert.equal(await page.locator('table:not(:has(caption))').count(), 0);
  assert.equal(await page.locator('canvas:not([role="img"][aria-label])').count(), 0);
  assert.equal(await page.locator('thead th:not([scope])').count(), 0);
  const ids = await page.locator('[id]').evaluateAll((all) => all.map((element) => element.id));
  assert.equal(new Set(ids).size, ids.length, 'ids are unique');
  const broken = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')]
    .filter((link) => !document.getElementById(link.hash.slice(1))).map((link) => link.hash));
  assert.deepEqual(broken, [], 'every link inside leads somewhere');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip-link');
  await close();
});

await it('a comparison shows both curves, a sign for each pair, and every run', async () => {
  const { page, complaints, close } = await openPage(browser, address(compared));
  await unfoldAll(page);
  assert.match(await page.locator('h1').textContent(), /Inconclusive/);
  assert.equal(await page.locator('table:not(:has(caption))').count(), 0);
  const [latency, ratios] = await page.evaluate(() => ['latency', 'ratios']
    .map((id) => Chart.getChart(document.querySelector(`canvas[data-plot="${id}"]`)).data.datasets
      .map((set) => ({ name: set.label, points: set.data.length, line: set.showLine }))));
  assert.deepEqual(latency.map((set) => set.name[0]), ['A', 'B']);
  assert.ok(latency.every((set) => set.points > 10 && set.line));
  assert.ok(ratios.length === 5 && ratios.every((set) => set.points === 3 && !set.line));
  assert.match(await page.locator('details[data-table="ratios"] thead').textContent(), /^Pair/);
  assert.equal(await page.locator('#setup details tbody tr').count(), 6);
  assert.deepEqual(complaints, []);
  await close();
});

await it('the figures of a plot are there as a table, too', async () => {
  const { page, close } = await openPage(browser, address(passing));
  await unfoldAll(page);
  const rows = page.locator('details[data-table] tbody tr');
  await rows.first().waitFor({ state: 'attached' });
  assert.ok(await rows.count() > 10);
  await close();
});

await it('prints with its plots, on white', async () => {
  const { page, complaints, close } = await openPage(browser, address(failing), { scheme: 'dark' });
  const file = join(pictures ?? '/tmp', `streamgauge-print-${process.pid}.pdf`);
  const paper = await page.pdf({ path: pictures ? file : undefined, format: 'A4' });
  assert.ok(paper.length > 50_000, `${paper.length} bytes`);
  assert.deepEqual(complaints, []);
  await close();
});

await it('weighs less than 1 MB', () => {
  for (const file of [passing, failing, unreachable]) {
    assert.ok(statSync(file).size < 1_000_000, `${file}: ${statSync(file).size}`);
  }
});

await browser.close();
console.log(`${cases} cases`);
