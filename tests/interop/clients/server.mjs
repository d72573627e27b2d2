// The reference server as a child process, and publishing to it: what every client test needs.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export async function startServer(program) {
  const child = spawn(program, ['--port', '0', '--admin-port', '0', '--time-scale', '0.05'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const match = /listening on (http:\/\/[0-9.:]+)/.exec(line);
    if (match) {
      return {
        url: match[1],
        stop: () => new Promise((resolve) => {
          child.on('exit', (code) => resolve(code));
          child.kill('SIGTERM');
        }),
      };
    }
  }
  throw new Error('the reference server ended before it listened');
}

// What a client must receive, in this order: plain text, several lines, other scripts, a type.
export const messages = [
  { data: 'plain' },
  { data: 'first line\nsecond line\n\nfourth after an empty one' },
  { data: '  two leading spaces' },
  { data: 'grüße 水 😀' },
  { data: '{"json":true}', event: 'update' },
  { data: ': looks like a comment' },
  { data: 'x'.repeat(100_000) },
  { data: 'last' },
];

export async function publishAll(url, channel) {
  for (const message of messages) {
    const query = new URLSearchParams({ channel, ...(message.event ? { event: message.event } : {}) });
    const response = await fetch(`${url}/publish?${query}`, { method: 'POST', body: message.data });
    if (!response.ok) throw new Error(`publish answered ${response.status}`);
    await response.text();
  }
}

// Compares what a client received, as {type, data, id}, with what was published.
export function compare(received) {
  if (received.length !== messages.length) {
    throw new Error(`${received.length} events received, ${messages.length} published`);
  }
  messages.forEach((message, i) => {
    const got = received[i];
    const type = message.event ?? 'message';
    if (got.data !== message.data || got.type !== type) {
      throw new Error(`event ${i}: got ${JSON.stringify(got).slice(0, 200)}, published ` +
        JSON.stringify(message).slice(0, 200));
    }
    if (!got.id) throw new Error(`event ${i} has no id`);
  });
  const ids = new Set(received.map((event) => event.id));
  if (ids.size !== received.length) throw new Error('ids are not unique');
}

export function deadline(seconds, what) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what}: nothing within ${seconds} s`)), seconds * 1000).unref();
  });
}
