// The Solana virtual machine with the program on it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as kit from '@solana/kit';
import * as system from '@solana-program/system';
import { Clock, FailedTransactionMetadata, FeatureSet, LiteSVM } from 'litesvm';
import { H } from './wire.mjs';

const here = (path) => new URL(path, import.meta.url);
export const image = (version) => new Uint8Array(readFileSync(here(`../../image/ipdm_${version}.so`)));
export const IMAGE = process.env.IPDM_IMAGE ?? 'v3';
// FEATURES is 'all' for a runtime on which every feature that it knows is active, or else those are that litesvm chooses.
export const FEATURES = process.env.IPDM_FEATURES;

// The error codes, as errors.h numbers them.
export const errors = [...readFileSync(here('../../errors.h'), 'utf8').matchAll(/^ {2}X\((\w+), "(.*)"\)/gm)]
  .map(([, name, text], i) => ({ name, text, code: 7001 + i }));
const codeOf = (name) => {
  const found = errors.find((e) => e.name === name);
  assert.ok(found, `errors.h has no ${name}`);
  return found;
};

export const bytesOf = (address) => Buffer.from(kit.getAddressEncoder().encode(address));
export const addressOf = (bytes) => kit.getAddressDecoder().decode(bytes);
export const R = kit.AccountRole;
export const MAX_UNITS = 1_400_000;

const allFeatures = () => new LiteSVM().withFeatureSet(FeatureSet.allEnabled()).withBuiltins().withSysvars().withDefaultPrograms().withPrecompiles();

function unitLimit(units) {
  const data = Buffer.alloc(5);
  data[0] = 2;
  data.writeUInt32LE(units, 1);
  return { programAddress: 'ComputeBudget111111111111111111111111111111', data };
}

export class Machine {
  static async boot({ version = IMAGE, deploy = false, time = 1_800_000_000n, features = FEATURES } = {}) {
    const m = new Machine();
    m.svm = features === 'all' ? allFeatures() : new LiteSVM();
    [m.payer, m.program] = [await m.key(), await m.key()];
    m.svm.airdrop(m.payer.address, kit.lamports(10n ** 12n));
    m.setTime(time);
    if (deploy) await m.deploy(image(version));
    else m.svm.addProgram(m.program.address, image(version));
    return m;
  }

  get now() { return this.svm.getClock().unixTimestamp * 1000n; }
  setTime(seconds) {
    const c = this.svm.getClock();
    this.svm.setClock(new Clock(c.slot, c.epochStartTimestamp, c.epoch, c.leaderScheduleEpoch, BigInt(seconds)));
  }
  pass(seconds) { this.setTime(this.svm.getClock().unixTimestamp + BigInt(seconds)); }

  // key returns the next of this machine's keys: the same in each run, so that addresses and figures are.
  #keys = 0;
  key() { return kit.createKeyPairSignerFromPrivateKeyBytes(H(`key ${this.#keys++}`)); }

  async wallet() {
    const w = await this.key();
    this.svm.airdrop(w.address, kit.lamports(10n ** 10n));
    return w;
  }

  async #run(instructions, { unsigned = false } = {}) {
    const message = kit.pipe(
      kit.createTransactionMessage({ version: 0 }),
      (m) => kit.setTransactionMessageFeePayerSigner(this.payer, m),
      (m) => this.svm.setTransactionMessageLifetimeUsingLatestBlockhash(m),
      (m) => kit.appendTransactionMessageInstructions([unitLimit(MAX_UNITS), ...instructions], m),
    );
    const tx = await (unsigned ? kit.partiallySignTransactionMessageWithSigners : kit.signTransactionMessageWithSigners)(message);
    const size = kit.getTransactionEncoder().encode(tx).length;
    assert.ok(size <= 1232, `transaction of ${size} bytes, more than 1232`);
    const result = this.svm.sendTransaction(tx);
    this.svm.expireBlockhash();
    return { result, size };
  }

  // send asserts that the transaction succeeds.
  async send(instructions, options) {
    const { result, size } = await this.#run([instructions].flat(), options);
    if (result instanceof FailedTransactionMetadata) assert.fail(`${result.err()}\n${result.meta().logs().join('\n')}`);
    return { size, units: Number(result.computeUnitsConsumed()), logs: result.logs(), returned: Buffer.from(result.returnData().data()) };
  }

  // fails asserts that the program fails the transaction with that error, and says so in the log.
  async fails(name, instructions, options) {
    const { code, text } = codeOf(name);
    const { result } = await this.#run([instructions].flat(), options);
    assert.ok(result instanceof FailedTransactionMetadata, `expected ${name}, but the transaction succeeded`);
    const logs = result.meta().logs().join('\n');
    assert.ok(logs.includes(`custom program error: 0x${code.toString(16)}`), `expected ${name} (0x${code.toString(16)}), got\n${logs}`);
    assert.ok(logs.includes(`Program log: ${text}`), `expected the log "${text}", got\n${logs}`);
  }

  // failure asserts that the program fails the transaction, and returns the name of its error.
  async failure(instructions) {
    const { result } = await this.#run([instructions].flat());
    assert.ok(result instanceof FailedTransactionMetadata, 'expected a failure, but the transaction succeeded');
    const logs = result.meta().logs().join('\n');
    const [, code] = logs.match(/custom program error: 0x([0-9a-f]+)/) ?? assert.fail(logs);
    return errors.find((e) => e.code === parseInt(code, 16)).name;
  }

  // aborts asserts that the transaction fails outside the program, with a log that matches.
  async aborts(pattern, instructions, options) {
    const { result } = await this.#run([instructions].flat(), options);
    assert.ok(result instanceof FailedTransactionMetadata, 'expected a failure, but the transaction succeeded');
    assert.match(result.meta().logs().join('\n'), pattern);
  }

  data(address) {
    const a = this.svm.getAccount(address);
    return a.exists ? Buffer.from(a.data) : null;
  }

  // forge overwrites an account, as no transaction could.
  forge(address, data, owner = this.program.address) {
    this.svm.setAccount({
      address, data, executable: false, programAddress: owner, space: BigInt(data.length),
      lamports: kit.lamports(this.svm.minimumBalanceForRentExemption(BigInt(data.length))),
    });
  }

  // deploy puts the image on chain as `solana program deploy` does: through a buffer and the upgradeable loader.
  async deploy(so) {
    const loader = 'BPFLoaderUpgradeab1e11111111111111111111111';
    const le32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b; };
    const le64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return b; };
    const { payer, program } = this;
    const buffer = await this.key();
    const account = (newAccount, space) => system.getCreateAccountInstruction({
      payer, newAccount, space, lamports: this.svm.minimumBalanceForRentExemption(BigInt(space)), programAddress: loader,
    });
    const read = (address) => ({ address, role: R.READONLY });
    const write = (address) => ({ address, role: R.WRITABLE });
    const authority = { address: payer.address, role: R.READONLY_SIGNER, signer: payer };
    await this.send([account(buffer, 37 + so.length), { programAddress: loader, accounts: [write(buffer.address), read(payer.address)], data: le32(0) }]);
    for (let at = 0; at < so.length; at += 900) {
      const chunk = so.subarray(at, at + 900);
      await this.send({
        programAddress: loader, accounts: [write(buffer.address), authority], data: Buffer.concat([le32(1), le32(at), le64(chunk.length), chunk]),
      });
    }
    const [data] = await kit.getProgramDerivedAddress({ programAddress: loader, seeds: [bytesOf(program.address)] });
    await this.send([account(program, 36), {
      programAddress: loader,
      accounts: [
        { address: payer.address, role: R.WRITABLE_SIGNER, signer: payer }, write(data), write(program.address), write(buffer.address),
        read('SysvarRent111111111111111111111111111111111'), read('SysvarC1ock11111111111111111111111111111111'),
        read('11111111111111111111111111111111'), authority,
      ],
      data: Buffer.concat([le32(2), le64(so.length)]),
    }]);
    this.svm.warpToSlot(this.svm.getClock().slot + 2n);
  }
}
