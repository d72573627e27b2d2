import { EventSource } from 'undici';
import { told, listen } from '../report.mjs';

listen(new EventSource(told.url));
