// SARIF by its schema, TAP by a foreign parser. usage: node validate.mjs FILE.sarif|FILE.tap...
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Parser } from 'tap-parser';

const require = createRequire(import.meta.url);
const Ajv = require('ajv');
const ajv = new Ajv({ schemaId: 'auto', meta: require('ajv/lib/refs/json-schema-draft-04.json'),
  unknownFormats: 'ignore', allErrors: true });
const isSarif = ajv.compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));

const sarif = (text) => (isSarif(JSON.parse(text)) ? []
  : isSarif.errors.map((e) => `${e.dataPath} ${e.message}`));

// Everything that a strict parser complains about, and whether its count is ours.
const tap = (text) => {
  const complaints = [];
  const parser = new Parser({ strict: true });
  let results;
  parser.on('complete', (all) => { results = all; });
  parser.on('extra', (line) => complaints.push(`not TAP: ${JSON.stringify(line)}`));
  parser.end(text);
  const plan = Number(/^1\.\.(\d+)$/m.exec(text)[1]);
  if (results.count !== plan) complaints.push(`${results.count} points, planned ${plan}`);
  for (const failure of results.failures) {
    if (failure.tapError) complaints.push(failure.tapError);
    else if (!failure.diag?.message) complaints.push(`no diagnostics of ${failure.name}`);
  }
  return complaints;
};

let bad = 0;
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, 'utf8');
  const complaints = file.endsWith('.tap') ? tap(text) : sarif(text);
  console.log(`${complaints.length === 0 ? 'valid  ' : 'INVALID'} ${file}`);
  for (const complaint of complaints.slice(0, 20)) console.log(`        ${complaint}`);
  if (complaints.length > 0) bad += 1;
}
process.exit(bad === 0 && process.argv.length > 2 ? 0 : 1);
