// Feeds the plots of a page with what the run tells: first what was so far, then each new point.
'use strict';
(() => {
  const { plots, draw } = window.streamgauge;
  const points = [];
  const pointsMax = 1200;
  const columns = {
    'live-throughput': ['received', 'published'],
    'live-delivery': ['p50', 'p99', 'max'],
    'live-streams': ['open', 'streams'],
    'live-reconnects': ['reconnects'],
    'live-memory': ['memory'],
    'live-missing': ['missing'],
  };
  const byId = (id) => document.getElementById(id);
  const short = (value) => (value >= 100 ? Math.round(value).toLocaleString('en')
    : String(+value.toPrecision(3)));

  const take = (point) => {
    if (points.length > 0 && point.at <= points[points.length - 1].at) return;
    points.push(point);
    if (points.length > pointsMax) points.splice(0, points.length - pointsMax);
  };

  const showFigures = (point) => {
    const figures = {
      Done: `${point.done} of ${point.total} scenarios`,
      'Time left': point.left === null ? '–' : `${short(Math.max(0, point.left))} s`,
      Streams: `${point.open.toLocaleString('en')} of ${point.streams.toLocaleString('en')} open`,
      Received: `${short(point.received)} events/s`,
      'Delivery, 99 %': point.p99 === null ? '–' : `${short(point.p99)} ms`,
      Missing: point.missing.toLocaleString('en'),
    };
    byId('figures').replaceChildren(...Object.entries(figures).map(([name, value]) => {
      const pair = document.createElement('div');
      pair.appendChild(document.createElement('dt')).textContent = name;
      pair.appendChild(document.createElement('dd')).textContent = value;
      return pair;
    }));
    byId('running').replaceChildren(...point.running.map((one) => {
      const row = document.createElement('tr');
      const time = one.length > 0 ? `${one.elapsed.toFixed(1)} of ${one.length.toFixed(1)} s` : '–';
      for (const text of [one.scenario, one.phase, time, `${one.open} of ${one.streams}`,
        one.events.toLocaleString('en')]) {
        row.appendChild(document.createElement('td')).textContent = text;
      }
      return row;
    }));
  };

  const show = () => {
    const point = points[points.length - 1];
    if (!point) return;
    byId('word').textContent = 'A run goes on';
    showFigures(point);
    const x = points.map(({ at }) => at);
    for (const canvas of document.querySelectorAll('canvas[data-plot]')) {
      const plot = plots[canvas.dataset.plot];
      plot.xMin = x[0];
      plot.xMax = Math.max(x[x.length - 1], x[0] + 10);
      columns[canvas.dataset.plot].forEach((name, i) => {
        plot.series[i].x = x;
        plot.series[i].y = points.map((one) => one[name]);
      });
      draw(canvas, plot);
    }
  };

  const over = ({ verdict, exit_code: code, words, report }) => {
    byId('word').textContent = `Over: ${verdict} (exit code ${code})`;
    byId('words').textContent = `${words} The report: ${report}`;
    byId('state').className = `banner ${{ 0: 'pass', 1: 'fail', 3: 'fail' }[code] ?? 'inconclusive'}`;
  };

  const source = new EventSource('/events?channel=live');
  let ended = false;
  source.addEventListener('point', (event) => { take(JSON.parse(event.data)); show(); });
  source.addEventListener('over', (event) => {
    ended = true;
    source.close();
    over(JSON.parse(event.data));
  });
  source.addEventListener('error', () => {
    if (!ended && points.length > 0) byId('words').textContent = 'The run does not answer: it may be over.';
  });
  source.addEventListener('open', async () => {
    byId('words').textContent = '';
    for (const point of await (await fetch('/points')).json()) take(point);
    points.sort((a, b) => a.at - b.at);
    show();
  });
})();
