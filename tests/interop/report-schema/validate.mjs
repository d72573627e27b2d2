// Validates each file named as an argument against the schema of what it says it is (its member
// "schema"), with a validator that nobody here wrote. Exit code 1 if one is invalid, 2 if there is
// nothing to judge.
import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';

const schemas = { 'streamgauge/1': 'result.schema.json', 'streamgauge-compare/1': 'compare.schema.json',
  'streamgauge-capacity/1': 'capacity.schema.json' };
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: run RESULT.json...');
  process.exit(2);
}

// strictTypes off: "if" branches narrow types that their parent has declared.
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
const validators = {};
const validatorFor = (name) => {
  if (!(name in schemas)) throw new Error(`schema ${JSON.stringify(name)}: known are ${Object.keys(schemas).join(', ')}`);
  const url = new URL(`../../../reports/${schemas[name]}`, import.meta.url);
  return (validators[name] ??= ajv.compile(JSON.parse(readFileSync(url, 'utf8'))));
};

let invalid = 0;
for (const file of files) {
  let errors;
  try {
    const content = JSON.parse(readFileSync(file, 'utf8'));
    const validate = validatorFor(content.schema);
    errors = validate(content) ? [] : validate.errors;
  } catch (error) {
    errors = [{ instancePath: '', message: error.message }];
  }
  console.log(`${errors.length === 0 ? 'valid  ' : 'INVALID'} ${file}`);
  for (const e of errors.slice(0, 20)) {
    console.log(`        ${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params ?? {})}`);
  }
  if (errors.length > 0) invalid += 1;
}
process.exit(invalid === 0 ? 0 : 1);
