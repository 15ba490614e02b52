// A bridge with IPDM's side of it: signers, checkpoints, an outbox, and a client on chain that follows.
import * as kit from '@solana/kit';
import * as token from '@solana-program/token';
import * as system from '@solana-program/system';
import { bytesOf, Machine } from './machine.mjs';
import { Program, holding } from './program.mjs';
import { leafHash, outboxProof, outboxRoot } from './outbox.mjs';
import { control, encodeCheckpoint, encodeMessage, H, sign, u64, uniformSet, word, ZERO } from './wire.mjs';

export const CHAIN = H('ipdm-test');
export const DOMAIN = 2;
export const DAY = 86400n;
export const TRUST_DAYS = 14n;
const CHUNK = 900;

export class World {
  // open boots a machine with an initialized client whose set is given.
  static async open({ set = uniformSet('genesis', 4), initialize = true, ...options } = {}) {
    const w = new World();
    w.m = await Machine.boot(options);
    w.p = new Program(w.m.program.address);
    [w.guardian, w.recovery] = [await w.m.wallet(), await w.m.wallet()];
    Object.assign(w, { set, epoch: 1n, height: 100n, leaves: [], anchors: ZERO, buffers: 0n, ids: 0n });
    await w.putSet(set);
    if (initialize) await w.m.send(await w.initialize());
    return w;
  }

  genesis() {
    const domain = Buffer.from([0, 0, 0, DOMAIN]);
    return {
      chain: CHAIN, domain, epoch: 1n, set: this.set.root, trust: TRUST_DAYS * DAY * 1000n,
      guardian: bytesOf(this.guardian.address), recovery: bytesOf(this.recovery.address), recoveryDelay: 7n * DAY * 1000n,
      pause: 3n * DAY * 1000n, cooldown: 7n * DAY * 1000n, retention: 14n * DAY * 1000n,
    };
  }
  initialize(changes = {}, self = this.m.program) { return this.p.initialize(this.m.payer, self, { ...this.genesis(), ...changes }); }

  // upload writes bytes to a new buffer and returns its id.
  async upload(bytes) {
    const id = this.buffers++;
    for (let at = 0; at < bytes.length; at += CHUNK)
      await this.m.send(await this.p.writeBuffer(this.m.payer, id, bytes.length, at, bytes.subarray(at, at + CHUNK)));
    return id;
  }
  // large sends an instruction's arguments through a buffer.
  async large(instruction) {
    const id = await this.upload(instruction.data.subarray(1));
    return this.p.buffered(instruction, this.m.payer.address, id);
  }
  async putSet(set) {
    const put = await this.p.putSet(this.m.payer, set.root, set.bytes);
    return this.m.send(set.bytes.length > CHUNK ? await this.large(put) : put);
  }

  // checkpoint makes the next one, with changes.
  checkpoint(changes = {}) {
    const c = {
      chain: CHAIN, epoch: this.epoch, height: this.height + 1n, time: this.m.now, anchors: this.anchors, outbox: outboxRoot(this.leaves),
      set: this.set.root, next: this.set.root, ...changes,
    };
    const bytes = encodeCheckpoint(c);
    return { ...c, bytes, digest: H(bytes) };
  }
  begin(c) { return this.p.begin(this.m.payer, c.digest, c.bytes).then((i) => this.m.send(i)); }

  // signAll adds the signatures of members from, to, twelve a transaction, and returns what the transactions took.
  async signAll(c, from = 0, to = this.set.members.length, set = this.set) {
    const taken = [];
    for (let i = from; i < to; i += 12) {
      const some = set.members.slice(i, Math.min(i + 12, to)).map((m, k) => sign(c.digest, m, i + k));
      taken.push(await this.m.send(await this.p.addSignatures(c.digest, set.root, some)));
    }
    return taken;
  }
  finalize(c, next) { return this.p.finalize(c.digest, c.set, next); }

  // accept takes a checkpoint all the way.
  async accept(changes = {}, next) {
    const c = this.checkpoint(changes);
    await this.begin(c);
    await this.signAll(c);
    const taken = await this.m.send(await this.finalize(c, next?.root));
    this.height = c.height;
    if (next) Object.assign(this, { set: next, epoch: this.epoch + 1n });
    return { ...c, taken };
  }

  // message adds one to the outbox.
  message(fields) {
    const m = {
      kind: 1, domain: DOMAIN, application: bytesOf(this.m.program.address), nonce: BigInt(this.leaves.length), sender: word('sender'),
      recipient: word('recipient'), payload: Buffer.alloc(0), ...fields,
    };
    const bytes = encodeMessage(m);
    this.leaves.push(leafHash(bytes));
    return { ...m, bytes, index: this.leaves.length - 1 };
  }
  proof(m) { return outboxProof(m.index, this.leaves); }

  // nextID returns another id for a send each time.
  nextID() { return this.ids++; }
  get nextEvent() { return this.gateway().events; }
  gateway() {
    // header 34, domain 4, guardian 32, paused until 8, pause from 8, events 8, pause 8, cool-down 8, retention 8, decided 8, 64 accounts of events
    const d = this.gatewayData;
    return { guardian: d.subarray(38, 70), pausedUntil: d.readBigUInt64BE(70), events: d.readBigUInt64BE(86), recent: (n) => d.subarray(126 + (Number(n) % 64) * 32).subarray(0, 32) };
  }
  get gatewayData() { return this.m.data(this.gatewayAddress); }
  async load() { this.gatewayAddress = await this.p.address('gateway'); this.clientAddress = await this.p.address('client'); return this; }
  // client reads the fields of the client account that tests look at.
  client() {
    const d = this.m.data(this.clientAddress);
    return { epoch: d.readBigUInt64BE(66), set: d.subarray(74, 106), height: d.readBigUInt64BE(106), digest: d.subarray(122, 154), count: d.readBigUInt64BE(258) };
  }

  // delivery builds the instruction that delivers a message with those accounts.
  async delivery(m, accounts, { height = this.height, proof = this.proof(m), message = m.bytes, payload = m.payload } = {}) {
    if (m.kind === 1) accounts = accounts.with(3, { ...accounts[3], address: await this.p.address('owed', u64(m.nonce)) });
    return this.p.deliver(this.m.payer, height, message, payload, proof, accounts);
  }

  // govern delivers a control message.
  async govern(payload, accounts) {
    const m = this.message({ kind: 3, sender: ZERO, recipient: ZERO, payload });
    await this.accept();
    return this.m.send(await this.delivery(m, accounts));
  }
  // registerMinted makes an asset of IPDM's.
  async registerMinted(asset, decimals = 18, symbol = 'wIPDM') {
    const mint = await this.p.address('mint', asset);
    await this.govern(control.registerMinted(asset, decimals, symbol), await this.mintedAccounts(asset));
    return mint;
  }
  // limit sets what an asset may release, by default all there is.
  async limit(asset, amount = (1n << 256n) - 1n, seconds = 3600) {
    return this.govern(control.limit(asset, amount, seconds), [{ address: await this.p.address('asset', asset), role: kit.AccountRole.WRITABLE }]);
  }
  async mintedAccounts(asset) {
    return [...await Promise.all(['asset', 'mint'].map((k) => this.p.address(k, asset))).then((a) => a.map((address) => ({ address, role: kit.AccountRole.WRITABLE }))), { address: token.TOKEN_PROGRAM_ADDRESS, role: kit.AccountRole.READONLY }];
  }
  async lockedAccounts(asset, mint) {
    const w = async (k) => ({ address: await this.p.address(k, asset), role: kit.AccountRole.WRITABLE });
    const r = (address) => ({ address, role: kit.AccountRole.READONLY });
    return [await w('asset'), await w('vault'), r(mint), r(token.TOKEN_PROGRAM_ADDRESS)];
  }

  // holdingOf makes the associated token account of a wallet.
  async holdingOf(owner, mint) {
    const address = await holding(owner, mint);
    await this.m.send(await token.getCreateAssociatedTokenIdempotentInstructionAsync({ payer: this.m.payer, owner, mint }));
    return address;
  }
  balance(address) { return this.m.data(address).readBigUInt64LE(64); }
  supply(mint) { return this.m.data(mint).readBigUInt64LE(36); }

  // foreignMint makes a token of this chain's and gives some to a wallet.
  async foreignMint(owner, units) {
    const [mint, authority] = [await this.m.key(), await this.m.wallet()];
    await this.m.send([
      system.getCreateAccountInstruction({ payer: this.m.payer, newAccount: mint, space: 82, lamports: this.m.svm.minimumBalanceForRentExemption(82n), programAddress: token.TOKEN_PROGRAM_ADDRESS }),
      token.getInitializeMint2Instruction({ mint: mint.address, decimals: 6, mintAuthority: authority.address, freezeAuthority: authority.address }),
    ]);
    const to = await this.holdingOf(owner, mint.address);
    await this.m.send(token.getMintToInstruction({ mint: mint.address, token: to, mintAuthority: authority, amount: units }));
    return { mint: mint.address, authority, holding: to };
  }
}
