import { told, open, event, error } from '../report.mjs';

// It is made for pages; of a page it needs this much.
globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const { fetchEventSource } = await import('@microsoft/fetch-event-source');

const headers = { ...told.headers };
if (told.lastEventId) headers['last-event-id'] = told.lastEventId;
fetchEventSource(told.url, {
  method: told.method,
  headers,
  body: told.body,
  async onopen(response) {
    // Its own check of the type, then what its own documentation does: any other status is an error.
    const type = response.headers.get('content-type');
    if (!type?.startsWith('text/event-stream')) throw new Error(`content type ${type}`);
    open();
  },
  onmessage: ({ event: type, data, id }) => event(type || 'message', data, id),
  onerror: (what) => { error(what); },
  onclose: () => error('closed'),
}).catch(error);
