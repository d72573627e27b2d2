// What every client under test shares: what the suite tells it, and the lines that it prints
// (harness/core/client_case/README.md).
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

export const told = {
  url: process.env.SG_URL ?? process.argv[2],
  types: JSON.parse(process.env.SG_EVENT_TYPES ?? '[]'),
  headers: JSON.parse(process.env.SG_HEADERS ?? '{}'),
  method: process.env.SG_METHOD ?? 'GET',
  body: process.env.SG_BODY || undefined,
  lastEventId: process.env.SG_LAST_EVENT_ID || undefined,
  readTimeout: process.env.SG_READ_TIMEOUT_MS ? Number(process.env.SG_READ_TIMEOUT_MS) : undefined,
};

export const open = () => print({ kind: 'open' });
export const event = (type, data, id) => print({ kind: 'event', event: { type, data, id: id ?? '' } });
export const comment = (text) => print({ kind: 'comment', comment: text });
export const error = (what) => print({ kind: 'error', comment: String(what?.message ?? what) });

/// Listens to whatever has the interface of EventSource.
export function listen(source) {
  source.onopen = open;
  source.onerror = (what) => error(what?.message ?? `error, readyState ${source.readyState}`);
  const take = (what) => event(what.type, what.data, what.lastEventId);
  for (const type of new Set(['message', ...told.types])) source.addEventListener(type, take);
}

// A client that has nothing more to do would end; the suite ends it.
setInterval(() => {}, 1 << 30);
