// Judges values by schemas with Ajv. One line of JSON on standard input has the cases; each is answered by a line on standard output.
import { createInterface } from 'node:readline';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const { cases } = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);
const options = { strict: false, logger: false };
const isOlder = schema => /draft-0[67]/.test(schema.$schema ?? '') || JSON.stringify(schema).includes('"items":[');
for (const { schema, values } of cases) {
  const ajv = isOlder(schema) ? new Ajv(options) : new Ajv2020(options);
  addFormats(ajv);
  const validate = ajv.compile(schema);
  process.stdout.write(JSON.stringify({ verdicts: values.map(value => validate(value)) }) + '\n');
}
