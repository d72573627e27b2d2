// A headless browser that opens one page after the other and collects what went wrong in each.
import { chromium as playwright } from 'playwright-core';
import { chromium } from '../chromium_program.mjs';

export const openBrowser = () => playwright.launch({
  executablePath: chromium.program,
  env: chromium.env,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});

/// Opens `url`; `complaints` grows by each error in the page's console and by each request for
/// anything but the page itself (`allowed`: other addresses that are fine).
export const openPage = async (browser, url, { width = 1280, height = 900, scheme = 'light',
  allowed = () => false } = {}) => {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (said) => {
    if (said.type() === 'error' || said.type() === 'warning') complaints.push(`console: ${said.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('request', (request) => {
    const asked = request.url();
    if (asked.split('#')[0] !== url && !asked.startsWith('data:') && !allowed(asked)) {
      complaints.push(`request: ${asked}`);
    }
  });
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifted += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
};

/// How many different colours a canvas shows; a blank one has at most one.
export const coloursOf = (canvas) => canvas.evaluate((element) => {
  const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 0) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  }
  return seen.size;
});

/// Texts whose contrast with what is behind them is below WCAG AA (4.5:1, large ones 3:1).
export const paleTexts = (page) => page.evaluate(() => {
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parse(colour).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((parse(colour)[3] ?? 1) > 0.99) return colour;
    }
    return getComputedStyle(document.body).backgroundColor;
  };
  const pale = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility()) continue;
    if (['SCRIPT', 'STYLE', 'OPTION'].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const [light, dark] = [luminance(style.color), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (contrast < (large ? 3 : 4.5)) pale.push(`${contrast.toFixed(2)} "${node.textContent.trim().slice(0, 40)}"`);
  }
  return [...new Set(pale)].slice(0, 10);
});
