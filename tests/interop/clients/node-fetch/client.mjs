// A loop of Node's own fetch, as one finds it in many programs: split at blank lines, come again
// after a second whatever happened.
import { told, open, event, error } from '../report.mjs';

for (;;) {
  try {
    const response = await fetch(told.url, { headers: { accept: 'text/event-stream' } });
    open();
    const decoder = new TextDecoder();
    let rest = '';
    for await (const piece of response.body) {
      rest += decoder.decode(piece, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const lines = block.split('\n');
        const value = (name) => lines.filter((line) => line.startsWith(`${name}: `))
          .map((line) => line.slice(name.length + 2));
        const data = value('data');
        if (data.length) event(value('event')[0] ?? 'message', data.join('\n'), value('id')[0]);
      }
    }
  } catch (what) {
    error(what);
  }
  await new Promise((resolve) => { setTimeout(resolve, 1000); });
}
