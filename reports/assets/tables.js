// Tables that sort by their headers and filter by the form above them. Without a script they are
// plain tables in the report's order.
'use strict';
(() => {
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const key = cell.dataset.key ?? cell.textContent.trim().toLowerCase();
    return cell.dataset.key !== undefined && key !== '' && !Number.isNaN(+key) ? +key : key;
  };
  const compare = (a, b) => (typeof a === 'number' && typeof b === 'number'
    ? a - b : String(a).localeCompare(String(b), 'en'));

  const sort = (table, header) => {
    const ascending = header.getAttribute('aria-sort') !== 'ascending';
    for (const other of table.tHead.rows[0].cells) {
      if (other.hasAttribute('aria-sort')) other.setAttribute('aria-sort', 'none');
    }
    header.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, header.cellIndex) }));
    rows.sort((a, b) => (ascending ? compare(a.key, b.key) : compare(b.key, a.key)));
    body.append(...rows.map(({ row }) => row));
  };

  for (const table of document.querySelectorAll('table[data-sortable]')) {
    for (const header of table.tHead.rows[0].cells) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...header.childNodes);
      header.append(button);
      header.setAttribute('aria-sort', 'none');
      button.addEventListener('click', () => sort(table, header));
    }
  }

  for (const form of document.querySelectorAll('form[data-filters]')) {
    const table = document.getElementById(form.dataset.filters);
    const said = form.querySelector('[role="status"]');
    const apply = () => {
      const words = form.elements.words.value.trim().toLowerCase();
      const family = form.elements.family.value;
      const verdicts = new Set([...form.querySelectorAll('input[name="verdict"]:checked')]
        .map((box) => box.value));
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = !verdicts.has(row.dataset.verdict)
          || (family !== '' && row.dataset.family !== family)
          || (words !== '' && !row.textContent.toLowerCase().includes(words));
        if (!row.hidden) shown += 1;
      }
      said.textContent = `${shown} of ${table.tBodies[0].rows.length} shown`;
    };
    form.classList.add('ready');
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', apply);
    apply();
  }

  // A link into a folded part opens it.
  const unfold = () => {
    const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = wanted; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    if (wanted) wanted.scrollIntoView();
  };
  addEventListener('hashchange', unfold);
  unfold();
})();
