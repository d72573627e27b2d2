// Draws the plots that a page describes: a plot is series, horizontal bounds, marks in time and the
// times of evidence (see reports/html_plot.hpp). Works with Chart.js 3 and 4.
//
// A plot is drawn when it comes into view; its box has its height from the start. Colours come from
// the page's sheet, so that a change of scheme, or printing, draws anew.
'use strict';
(() => {
  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue(`--${name}`).trim();
  const palette = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
  const signs = ['circle', 'rect', 'triangle', 'rectRot', 'crossRot', 'star'];
  const charts = new Map();

  // "12.5 s" for a tooltip, "12.5" beside an axis that names the unit.
  const figure = (value) => {
    if (value === 0) return '0';
    const size = Math.abs(value);
    if (size >= 1e4) return value.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 4 });
    if (size < 1e-3) return value.toExponential(1);
    return String(+value.toPrecision(4));
  };
  // x is 1/(1-q): 1 is the median's left, 10 is 90 %, 100 is 99 %.
  const quantiles = [[1, '0'], [2, '50'], [10, '90'], [100, '99'], [1e3, '99.9'], [1e4, '99.99'],
    [1e5, '99.999'], [1e6, '99.9999']];
  const percentile = (x) => `${+(100 * (1 - 1 / x)).toPrecision(7)} %`;

  const xOf = (plot, series, i) => (series.x ? series.x[i] : plot.from + plot.step * i);
  const points = (plot, series) => {
    const out = [];
    series.y.forEach((y, i) => out.push({ x: xOf(plot, series, i), y: y ?? NaN }));
    return out;
  };

  const dataset = (plot, series, i) => {
    const ink = colour(palette[i % palette.length]);
    return {
      type: series.as === 'bar' ? 'bar' : 'line',
      label: series.name,
      data: points(plot, series),
      borderColor: ink,
      backgroundColor: series.as === 'bar' ? ink : `${ink}33`,
      borderWidth: series.as === 'bar' ? 0 : 2,
      borderDash: [[], [6, 3], [2, 2], [8, 3, 2, 3]][i % 4],
      showLine: series.as !== 'point',
      pointStyle: series.as === 'point' ? signs[i % signs.length] : 'circle',
      pointRadius: series.as === 'point' ? 5 : series.y.length < 3 ? 3 : 0,
      pointHitRadius: 8,
      stepped: series.as === 'step',
      fill: series.as === 'band' ? '-1' : false,
      grouped: false,
      barThickness: i === 0 ? 5 : 3,  // the first stands behind the second
      order: series.as === 'bar' ? -i : 0,
      // A line may leave out some rows in which nothing was measured, not a whole silence.
      spanGaps: plot.percentiles || Math.max(1, 5 * plot.step),
      parsing: false,
      normalized: true,
    };
  };

  // Phases and faults, bounds, and when the evidence was seen.
  const annotations = (plot) => ({
    id: 'annotations',
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales: { x } } = chart;
      ctx.save();
      for (const mark of plot.marks ?? []) {
        if (mark.kind === 'phase' || mark.to === undefined) continue;
        const from = Math.max(area.left, x.getPixelForValue(mark.at));
        const to = Math.min(area.right, x.getPixelForValue(mark.to));
        ctx.fillStyle = `${colour(mark.kind === 'fault' ? 'fail' : 'warn')}22`;
        if (to > from) ctx.fillRect(from, area.top, to - from, area.bottom - area.top);
      }
      ctx.restore();
    },
    afterDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales: { x, y } } = chart;
      ctx.save();
      ctx.font = '11px system-ui, sans-serif';
      for (const line of plot.bounds ?? []) {
        const at = y.getPixelForValue(line.y);
        if (at < area.top || at > area.bottom) continue;
        ctx.strokeStyle = ctx.fillStyle = colour('fail');
        ctx.setLineDash([4, 4]);
        ctx.beginPath(); ctx.moveTo(area.left, at); ctx.lineTo(area.right, at); ctx.stroke();
        const below = at < area.top + 16;
        ctx.fillText(line.name, area.right - ctx.measureText(line.name).width - 4, at + (below ? 13 : -4));
      }
      const free = [-Infinity, -Infinity, -Infinity];  // where each row of labels is free again
      const named = new Set();  // a phase and its only action may have one name
      for (const mark of plot.marks ?? []) {
        const at = x.getPixelForValue(mark.at);
        if (at < area.left - 1 || at > area.right + 1) continue;
        ctx.strokeStyle = ctx.fillStyle = colour({ fault: 'fail', action: 'warn', target: 'open' }[mark.kind] ?? 'dim');
        ctx.setLineDash([2, 3]);
        ctx.beginPath(); ctx.moveTo(at, area.top - 34); ctx.lineTo(at, area.bottom); ctx.stroke();
        if (named.has(`${mark.name} ${Math.round(at)}`)) continue;
        named.add(`${mark.name} ${Math.round(at)}`);
        const width = ctx.measureText(mark.name).width;
        const row = free.findIndex((end) => end < at);
        if (row < 0 || at + 4 + width > chart.width) continue;
        ctx.fillText(mark.name, at + 3, area.top - 26 + 11 * row);
        free[row] = at + width + 8;
      }
      ctx.setLineDash([]);
      ctx.fillStyle = colour('fail');
      for (const seen of plot.evidence ?? []) {
        const at = x.getPixelForValue(seen.at);
        if (at < area.left - 1 || at > area.right + 1) continue;
        ctx.beginPath();
        ctx.moveTo(at, area.bottom - 9); ctx.lineTo(at - 6, area.bottom + 2);
        ctx.lineTo(at + 6, area.bottom + 2); ctx.closePath(); ctx.fill();
      }
      ctx.restore();
    },
  });

  const xAxis = (plot) => {
    const common = { title: { display: true, text: plot.xName, color: colour('dim') },
      grid: { color: colour('grid') } };
    if (plot.percentiles) {
      return { ...common, type: 'logarithmic', min: 1,
        afterBuildTicks: (axis) => {
          axis.ticks = quantiles.filter(([x]) => x <= axis.max * 1.001).map(([value]) => ({ value }));
        },
        ticks: { color: colour('dim'), autoSkip: false, maxRotation: 0,
          callback: (value) => (quantiles.find(([x]) => x === value) ?? [])[1] } };
    }
    return { ...common, type: 'linear', min: plot.xMin, max: plot.xMax,
      ticks: { color: colour('dim'), maxRotation: 0, includeBounds: false,
        callback: (value) => figure(value) } };
  };

  const options = (plot) => ({
    animation: false, responsive: true, maintainAspectRatio: false,
    layout: { padding: { top: plot.marks?.length ? 38 : 8, right: 8 } },
    interaction: { mode: 'nearest', axis: 'x', intersect: false },
    scales: {
      x: xAxis(plot),
      y: { type: plot.log ? 'logarithmic' : 'linear', beginAtZero: !plot.log,
        suggestedMax: plot.yMax, grid: { color: colour('grid') },
        title: { display: true, text: plot.yName, color: colour('dim') },
        ticks: { color: colour('dim'), maxTicksLimit: 7,
          callback: (value) => (!plot.log || /^[125]/.test(value.toExponential()) ? figure(value) : '') } },
    },
    plugins: {
      legend: { display: plot.series.length > 1, position: 'bottom',
        labels: plot.series.some((series) => series.as === 'point')
          ? { color: colour('text'), usePointStyle: true }
          : { color: colour('text'), boxWidth: 24, boxHeight: 2 } },
      tooltip: { callbacks: {
        title: (items) => (items.length === 0 ? '' : plot.percentiles
          ? percentile(items[0].parsed.x) : plot.xUnit
            ? `${plot.xUnit} ${items[0].parsed.x}` : `${figure(items[0].parsed.x)} s`),
        label: (item) => `${item.dataset.label}: ${figure(item.parsed.y)} ${plot.unit}`,
      } },
    },
  });

  const draw = (canvas, plot) => {
    charts.get(canvas)?.destroy();
    charts.set(canvas, new Chart(canvas, {
      type: 'line',
      data: { datasets: plot.series.map((series, i) => dataset(plot, series, i)) },
      options: options(plot),
      plugins: [annotations(plot)],
    }));
    canvas.dataset.drawn = 'yes';
  };

  const data = document.getElementById('plots');
  const plots = data ? JSON.parse(data.textContent) : {};
  const canvases = [...document.querySelectorAll('canvas[data-plot]')];
  const drawIfNew = (canvas) => {
    if (!charts.has(canvas)) draw(canvas, plots[canvas.dataset.plot]);
  };
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      drawIfNew(target);
    }
  }, { rootMargin: '400px' });
  for (const canvas of canvases) observer.observe(canvas);

  // The figures behind a plot, for those who would rather read them; made when they are asked for.
  const cell = (row, tag, text, scope) => {
    const made = row.appendChild(document.createElement(tag));
    made.textContent = text;
    if (scope) made.scope = scope;
  };
  const fillTable = (details) => {
    const plot = plots[details.dataset.table];
    const rows = new Map();
    plot.series.forEach((series, column) => {
      for (const { x, y } of points(plot, series)) {
        if (Number.isNaN(y)) continue;
        if (!rows.has(x)) rows.set(x, []);
        rows.get(x)[column] = y;
      }
    });
    const table = document.createElement('table');
    table.createCaption().textContent = `Unit: ${plot.unit}`;
    const head = table.createTHead().insertRow();
    cell(head, 'th', plot.percentiles ? 'Percentile' : plot.xUnit ?? 'Seconds', 'col');
    for (const series of plot.series) cell(head, 'th', series.name, 'col');
    const body = table.createTBody();
    for (const [x, values] of [...rows].sort((a, b) => a[0] - b[0])) {
      const row = body.insertRow();
      cell(row, 'th', plot.percentiles ? percentile(x) : String(+x.toFixed(3)), 'row');
      plot.series.forEach((_, column) => {
        cell(row, 'td', values[column] === undefined ? '' : figure(values[column]));
      });
    }
    const scroll = document.createElement('div');
    scroll.className = 'scroll';
    scroll.tabIndex = 0;
    scroll.append(table);
    details.append(scroll);
  };
  for (const details of document.querySelectorAll('details[data-table]')) {
    details.addEventListener('toggle', () => {
      if (details.open && details.children.length === 1) fillTable(details);
    });
  }

  const redraw = () => {
    for (const canvas of charts.keys()) draw(canvas, plots[canvas.dataset.plot]);
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  matchMedia('print').addEventListener('change', () => {
    for (const canvas of canvases) if (canvas.offsetParent) drawIfNew(canvas);
    redraw();
  });

  // For pages that go on: sets what a plot shows and draws it again.
  window.streamgauge = { plots, draw };
})();
