import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from './lib/world.mjs';
import { word } from './lib/wire.mjs';

for (const version of ['v3', 'v0']) {
  for (const deploy of [true, false]) {
    test(`the ${version} image ${deploy ? 'deployed by the upgradeable loader' : 'put in place'} takes a checkpoint`, async () => {
      const w = await (await World.open({ version, deploy })).load();
      assert.ok(w.m.svm.getAccount(w.m.program.address).executable);
      const c = await w.accept({ anchors: word('anchors') });
      assert.deepEqual(w.client().digest, c.digest);
    });
  }
}
