import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from './lib/world.mjs';
import { word } from './lib/wire.mjs';

async function takesCheckpoint(options) {
  const w = await (await World.open(options)).load();
  assert.ok(w.m.svm.getAccount(w.m.program.address).executable);
  const c = await w.accept({ anchors: word('anchors') });
  assert.deepEqual(w.client().digest, c.digest);
}

for (const features of [undefined, 'all']) {
  const runtime = features ? 'a runtime with all features' : 'the runtime of today';
  for (const version of ['v3', 'v0']) {
    test(`the ${version} image put in place, on ${runtime}`, () => takesCheckpoint({ version, features: features ?? 'main' }));
    if (version === 'v0' && features) continue;
    test(`the ${version} image deployed by the upgradeable loader, on ${runtime}`, () => takesCheckpoint({ version, features: features ?? 'main', deploy: true }));
  }
}

test('the v0 image is not deployed on a runtime with all features, which is why there is a v3', () =>
  assert.rejects(World.open({ version: 'v0', features: 'all', deploy: true }), /InvalidAccountData/));
