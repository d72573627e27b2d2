// A small client of Node's http module that does as the standard says, and, told so, does not: each
// flaw breaks one thing, to prove that a case sees it.
// usage: node client.mjs URL [FLAW...]
import { Agent, request } from 'node:http';
import * as report from '../report.mjs';

const { told, event, comment } = report;

const flaws = new Set(process.argv.slice(3));
const has = (flaw) => flaws.has(flaw);
// What it says of itself.
const open = () => has('says-little') || report.open();
const error = (why) => has('says-little') || report.error(why);
const agent = new Agent({ maxHeaderSize: 1 << 20 });

let lastEventId = told.lastEventId ?? '';
let wait = has('hasty') ? 0 : 250;
let stopped = false;

// --- 9.2.5, 9.2.6 ---
class Parser {
  constructor() {
    // ignoreBOM: false strips the mark once; `stream` keeps a cut character.
    this.decoder = new TextDecoder(has('latin1') ? 'latin1' : 'utf-8', { ignoreBOM: has('keeps-bom') });
    Object.assign(this, { line: '', sawCr: false, data: [], type: '', id: lastEventId });
    if (has('leaks-block') && Parser.rest) Object.assign(this, Parser.rest);
  }

  feed(bytes) {
    let text = has('decodes-pieces') ? new TextDecoder().decode(bytes)
      : this.decoder.decode(bytes, { stream: true });
    if (has('strips-every-bom')) text = text.replaceAll('\uFEFF', '');
    if (has('drops-nul')) text = text.replaceAll('\0', '');
    if (has('drops-replacement')) text = text.replaceAll('\uFFFD', '');
    if (has('normalises')) text = text.normalize('NFC');
    if (has('forgets-half-lines') && Date.now() - this.fedAt > 10) this.line = '';
    this.fedAt = Date.now();
    for (const c of text) this.take(c);
    if (has('line-ends-with-piece') && this.line) this.endLine();
  }

  take(c) {
    if (this.sawCr && c === '\n' && !has('counts-crlf-twice')) { this.sawCr = false; return; }
    this.sawCr = c === '\r';
    const ends = c === '\n' || (c === '\r' && !has('no-lone-cr')) ||
      (has('unicode-ends') && '\u0085\u2028\u2029'.includes(c)) || (has('control-ends') && '\v\f'.includes(c));
    if (ends) this.endLine();
    else if (!has('drops-controls') || c >= ' ') this.line += c;
  }

  endLine() {
    let line = this.line;
    this.line = '';
    if (has('no-lone-cr') && line.endsWith('\r')) line = line.slice(0, -1);
    if (line === '') { this.dispatch(); return; }
    if (line.startsWith(':')) {
      if (has('long-comment-crashes') && line.length > 1e6) process.exit(1);
      if (!has('comment-ends-block')) comment(has('trims-comments') ? line.slice(1).trim() : line.slice(1));
      else this.dispatch();
      if (has('comment-is-field')) this.field(...this.split(line.slice(1)));
      return;
    }
    if (has('needs-colon') && !line.includes(':')) return;
    this.field(...this.split(line));
  }

  split(line) {
    const at = has('last-colon') ? line.lastIndexOf(':') : line.indexOf(':');
    if (at < 0) return [line, ''];
    let value = line.slice(at + 1);
    if (value.startsWith(' ') && !has('keeps-space')) value = value.slice(1);
    if (has('needs-space') && line[at + 1] !== ' ') return ['', ''];
    if (has('trims-value')) value = value.trim();
    if (has('trims-start')) value = value.trimStart();
    if (has('trims-end')) value = value.trimEnd();
    let name = line.slice(0, at);
    if (has('trims-name')) name = name.trim();
    if (has('folds-name')) name = name.toLowerCase();
    if (has('name-prefix')) name = ['data', 'event', 'id', 'retry'].find((one) => name.startsWith(one)) ?? name;
    if (has('name-beginning') && name) name = ['data', 'event', 'id', 'retry'].find((one) => one.startsWith(name)) ?? name;
    return [name, value];
  }

  field(name, value) {
    if (name === 'data') {
      if (!has('drops-empty-data') || value) this.data.push(value);
    } else if (name === 'event') {
      if (!has('first-type') || !this.type) this.type = value;
      if (has('type-needs-data') && !this.data.length && this.typeFirst === undefined) this.typeFirst = true;
      if (has('types-lower')) this.type = this.type.toLowerCase();
      if (has('ascii-types')) this.type = this.type.replace(/[^ -~]/gu, '?');
      if (has('type-until-colon')) [this.type] = this.type.split(':');
      if (has('type-only-first') && this.data.length) this.type = '';
    } else if (name === 'id') {
      if (value.includes('\0') && !has('takes-nul')) return;
      if (!value && has('keeps-id')) return;
      if (has('first-id') && this.idHere) return;
      if (has('drops-zero') && value === '0') return;
      if (has('id-only-first') && this.data.length) return;
      this.idHere = true;
      this.id = has('trims-id') ? value.trim() : value;
      if (has('commits-early')) lastEventId = this.id;
    } else if (name === 'retry') {
      const digits = /^[0-9]+$/.test(value);
      if (has('no-retry')) return;
      if (digits || has('lenient-retry')) {
        const number = has('lenient-retry') ? parseFloat(value) || 0 : Number(value);
        if (has('retry-once') && this.toldOnce) return;
        this.toldOnce = true;
        wait = Math.max(has('wraps-retry') ? number % 2 ** 32 : number, 0);
      }
      if (has('number-retry') && !digits) wait = Number(value) || 0;
      if (has('retry-dispatches')) this.data.push('');
    } else if (has('unknown-is-data')) {
      this.data.push(value);
    }
  }

  dispatch() {
    if (!has('id-with-data-only') || this.data.length) lastEventId = this.id;
    if (has('id-does-not-persist') && !this.idHere) lastEventId = '';
    const { data, type } = this;
    this.data = has('keeps-data') ? this.data : [];
    if (!has('keeps-type') && !(has('type-leaks') && !data.length)) this.type = '';
    this.idHere = false;
    if (data.length || has('dispatches-empty')) {
      const text = data.join(has('joins-with-nothing') ? '' : '\n') + (has('keeps-last-newline') ? '\n' : '');
      if (has('loses-message') && type === 'message') return;
      event(type || (has('no-default-type') ? 'none' : 'message'),
        has('parses-json') ? String(safely(text)) : text, has('tells-no-id') ? '' : lastEventId);
    }
  }

  finish() {
    if (has('dispatches-at-end')) { if (this.line) this.endLine(); this.dispatch(); }
    if (has('commits-at-end')) lastEventId = this.id;
    if (has('leaks-block')) {
      const { line, data, type, sawCr, decoder } = this;
      Parser.rest = { line, data, type, sawCr, decoder };
    }
  }
}
const safely = (text) => { try { return JSON.stringify(JSON.parse(text)); } catch { return text; } };

// --- 9.2.2, 9.2.3 ---
function headersOf() {
  const headers = { ...told.headers };
  if (has('drops-headers')) for (const name of Object.keys(told.headers)) delete headers[name];
  if (has('sends-body')) headers['content-length'] = 1;
  if (has('offers-gzip')) headers['accept-encoding'] = 'gzip';
  if (!has('no-accept')) headers.accept = has('accepts-html') ? 'text/html' : 'text/event-stream';
  if (!has('no-cache-control')) headers['cache-control'] = 'no-cache';
  if ((lastEventId && !has('loses-id')) || has('sends-empty-id')) {
    headers['last-event-id'] = has('ascii-ids') ? lastEventId.replace(/[^ -~]/gu, '?')
      : Buffer.from(lastEventId).toString('latin1');
  }
  if (has('two-ids') && lastEventId) headers['last-event-id'] = [lastEventId, lastEventId];
  if (has('encodes-ids') && lastEventId) headers['last-event-id'] = encodeURIComponent(lastEventId);
  return headers;
}

const redirects = [301, 302, 303, 307, 308];
const types = has('any-type') ? /./ : /^text\/event-stream *(;|$)/i;

function ask(url, hops = 0, moved = false) {
  if (stopped) return;
  const target = has('drops-query') ? url.split('?')[0] : url;
  let settled = false;
  const over = (why, final = false) => {
    if (settled) return;
    settled = true;
    error(why);
    if (!final && !(has('stops-after-error') && why !== 'end') && !(has('stops-after-end') && why === 'end')) comeBack();
  };
  const asked = request(target, {
    agent, setHost: !has('no-host'),
    method: has('posts') ? 'POST' : has('always-gets') ? 'GET' : told.method, headers: moved && has('forgets-id-when-moved')
      ? {} : headersOf(),
  });
  if (has('hasty-head')) setTimeout(() => settled || asked.destroy(), 250);
  if (has('stops-at-103')) asked.on('information', () => { asked.destroy(); over('103', true); });
  asked.on('error', (why) => has('crashes') ? process.exit(1) : over(why.message, has('network-error-is-final')));
  asked.on('response', (response) => {
    const { statusCode: status } = response;
    const to = response.headers.location;
    if (redirects.includes(status) && !has('no-redirects') && (to !== undefined || has('location-optional'))) {
      if (hops >= 20 && !has('endless-redirects')) { asked.destroy(); over('too many redirects'); return; }
      settled = true;
      if (has('reads-redirect-body')) { const parser = new Parser(); response.on('data', (piece) => parser.feed(piece)); }
      else response.resume();
      const next = has('same-port-only') ? new URL(new URL(to ?? '', url).pathname, url) : new URL(to ?? '', url);
      next.hash = '';
      if (has('absolute-only') && !/^http/.test(to)) { over('relative'); return; }
      ask(next.href, hops + 1, true);
      return;
    }
    const right = types.test(response.headers['content-type'] ?? '');
    const framed = response.headers['content-length'] || response.headers['transfer-encoding'];
    const odd = (has('needs-1.1') && response.httpVersion !== '1.1') ||
      (has('needs-phrase') && !response.statusMessage) || (has('needs-coding') && !framed) ||
      (has('chunked-only') && response.headers['content-length']);
    const accepted = (status === 200 && !odd) || (has('any-2xx') && status > 200 && status < 300) || has('any-status');
    if (!accepted || (!right && !has('any-type'))) {
      const again = (has('retries-5xx') && status >= 500) || (has('retries-429') && status === 429) ||
        (has('retries-4xx') && status >= 400 && status < 500) || (has('retries-204') && status === 204) ||
        (has('retries-3xx') && status >= 300 && status < 400) || (has('retries-2xx') && status > 200 && status < 300) ||
        (has('retries-type') && status === 200);
      asked.destroy();
      over(`status ${status}, type ${response.headers['content-type']}`, !again);
      return;
    }
    open();
    if (has('remembers-moved')) moved_to = url;
    const parser = new Parser();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      if (told.readTimeout && !has('no-timeout')) timer = setTimeout(() => asked.destroy(), told.readTimeout);
    };
    alive();
    if (has('hidden-timeout')) setTimeout(() => asked.destroy(), 700);
    response.on('data', (piece) => {
      if (!has('deaf-to-comments') || String(piece).includes('data')) alive();
      if (has('timeout-by-events') && !String(piece).includes('data')) { clearTimeout(timer); timer = setTimeout(() => asked.destroy(), 300); }
      if (has('buffers')) return;
      parser.feed(has('drops-large') && piece.length > 30000 ? piece.subarray(0, 30000) : piece);
    });
    response.on('end', () => { clearTimeout(timer); parser.finish(); over('end'); });
    response.on('error', (why) => { clearTimeout(timer); parser.finish(); over(why.message, has('cut-is-final')); });
  });
  asked.end(has('sends-body') ? 'x' : has('always-gets') ? '' : told.body ?? '');
}

let moved_to;
let failures = 0;
function comeBack() {
  ++failures;
  let next = has('hammers') ? 0 : wait;
  if (has('early') && next) next *= 0.5;
  if (has('late')) next = next * 4 + 900;
  if (has('forgets-retry')) wait = 250;
  if (has('few-times') && failures > 3) return;
  setTimeout(() => { ask(moved_to ?? told.url); if (has('two-at-once')) ask(told.url); }, Math.min(next, 2 ** 31 - 1));
}
ask(told.url);
if (has('asks-twice')) setTimeout(() => ask(told.url), 200);
