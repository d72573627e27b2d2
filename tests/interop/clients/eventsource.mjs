// The npm package `eventsource` receives every event, and resumes after a cut without loss.
// usage: node eventsource.mjs PATH-OF-SSE-REFERENCE-SERVER
import { EventSource } from 'eventsource';
import { startServer, publishAll, compare, deadline, messages } from './server.mjs';

const server = await startServer(process.argv[2]);
const source = new EventSource(`${server.url}/events?channel=interop`);
const received = [];
const all = new Promise((resolve) => {
  const take = (event) => {
    received.push({ type: event.type, data: event.data, id: event.lastEventId });
    if (received.length === messages.length) resolve();
  };
  source.addEventListener('message', take);
  source.addEventListener('update', take);
});
await Promise.race([
  new Promise((resolve) => { source.onopen = resolve; }), deadline(10, 'open')]);
await publishAll(server.url, 'interop');
await Promise.race([all, deadline(20, 'events')]);
compare(received);
source.close();
const code = await server.stop();
if (code !== 0) throw new Error(`the server's exit code was ${code}`);
console.log(`eventsource: ${received.length} events as published`);
process.exit(0);
