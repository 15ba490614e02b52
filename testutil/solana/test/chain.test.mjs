import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chain } from '../lib/chain.mjs';

const block = (height) => ({ slot: 1000 + 2 * height, height, hash: `hash ${height}` });

test('old blocks are forgotten, and are told so that what belongs to them can be', () => {
  const chain = new Chain(block(0), { confirmed: 2, finalized: 32 });
  const forgotten = [];
  for (let height = 1; height <= 50_000; height++) forgotten.push(...chain.append(block(height)));
  assert.deepEqual(forgotten.map(({ height }) => height), Array.from({ length: 20_000 }, (_, height) => height));
  assert.equal(chain.first.height, 20_000);
  assert.equal(chain.bySlot(block(19_999).slot), undefined);
  assert.equal(chain.lastValidHeight('hash 19999'), undefined);
  assert.equal(chain.bySlot(block(20_000).slot).height, 20_000);
  assert.deepEqual(chain.between(19_990, 20_001).map(({ height }) => height), [20_000, 20_001]);
});

test('no level is ever above another that is less sure, nor goes below the root', () => {
  const chain = new Chain(block(0), { confirmed: 2, finalized: 5 });
  const heights = (lag) => ['processed', 'confirmed', 'finalized'].map((level) => chain.at(level, lag).height);
  for (let height = 1; height <= 20; height++) chain.append(block(height));
  assert.deepEqual(heights(0), [20, 18, 15]);
  assert.deepEqual(heights(3), [17, 15, 12]);
  chain.rollback(4);
  assert.deepEqual(heights(0), [16, 15, 15]);
  assert.deepEqual(heights(3), [13, 12, 12]);
  assert.throws(() => chain.rollback(2), /only 1 are not finalized/);
  chain.append({ ...block(17), hash: 'another 17' });
  assert.deepEqual(heights(0), [17, 15, 15]);
  assert.equal(chain.lastValidHeight('hash 17'), undefined);
  assert.equal(chain.lastValidHeight('another 17'), 167);
});
