import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errors } from './lib/machine.mjs';

test('docs/spec/bridge-solana.md lists the errors', () => {
  const page = readFileSync(new URL('../../../../docs/spec/bridge-solana.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (7\d{3}) \| `(\w+)` \| (.*) \|$/gm)].map(([, code, name, text]) => ({ name, text, code: Number(code) }));
  assert.deepEqual(rows, errors);
});
