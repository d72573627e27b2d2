import { EventSource } from 'eventsource';
import { told, listen } from '../report.mjs';

listen(new EventSource(told.url));
