import { EventSource } from 'launchdarkly-eventsource';
import { told, listen } from '../report.mjs';

// As its owners configure it: the SDK's backoff with jitter, tried again after network errors and
// server errors.
listen(new EventSource(told.url, {
  headers: { ...told.headers, ...(told.lastEventId ? { 'last-event-id': told.lastEventId } : {}) },
  method: told.method,
  body: told.body,
  initialRetryDelayMillis: 1000,
  maxBackoffMillis: 30000,
  retryResetIntervalMillis: 60000,
  jitterRatio: 0.5,
  readTimeoutMillis: told.readTimeout ?? 300000,
  errorFilter: ({ status }) => !status || status >= 500,
}));
