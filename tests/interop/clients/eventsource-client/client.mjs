import { createEventSource } from 'eventsource-client';
import { told, open, event, comment, error } from '../report.mjs';

createEventSource({
  url: told.url,
  method: told.method,
  body: told.body,
  headers: told.headers,
  initialLastEventId: told.lastEventId,
  onConnect: open,
  onMessage: ({ event: type, data, id }) => event(type ?? 'message', data, id),
  onComment: comment,
  onDisconnect: () => error('disconnected'),
});
