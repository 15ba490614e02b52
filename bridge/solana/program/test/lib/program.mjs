// Addresses and instructions of the program (docs/spec/bridge-solana.md).
import * as kit from '@solana/kit';
import { findAssociatedTokenPda, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import { addressOf, bytesOf, R } from './machine.mjs';
import { u16, u64 } from './wire.mjs';

export const SYSTEM = '11111111111111111111111111111111';
const SEEDS = {
  client: 'client', gateway: 'gateway', set: 'set', session: 'session', buffer: 'buffer', record: 'anchor', nonces: 'nonces', asset: 'asset',
  mint: 'mint', vault: 'vault', owed: 'owed', mail: 'mail', event: 'event',
};

const read = (address) => ({ address, role: R.READONLY });
const write = (address) => ({ address, role: R.WRITABLE });
const signs = (signer) => ({ address: signer.address, role: R.READONLY_SIGNER, signer });
const pays = (signer) => ({ address: signer.address, role: R.WRITABLE_SIGNER, signer });

export class Program {
  constructor(programAddress) { this.programAddress = programAddress; }

  async address(kind, ...seeds) {
    const [address] = await kit.getProgramDerivedAddress({ programAddress: this.programAddress, seeds: [Buffer.from(SEEDS[kind]), ...seeds] });
    return address;
  }

  #instruction(tag, accounts, ...data) {
    return { programAddress: this.programAddress, accounts, data: Buffer.concat([Buffer.from([tag]), ...data]) };
  }

  async initialize(payer, self, g) {
    return this.#instruction(0, [
      pays(payer), signs(self), write(await this.address('client')), write(await this.address('gateway')), read(SYSTEM), read(await this.address('set', g.set)),
    ], g.chain, g.domain, u64(g.epoch), g.set, u64(g.trust), g.guardian, g.recovery, u64(g.recoveryDelay), u64(g.pause), u64(g.cooldown), u64(g.retention));
  }
  async writeBuffer(payer, id, size, offset, bytes) {
    return this.#instruction(1, [pays(payer), write(await this.address('buffer', bytesOf(payer.address), u64(id))), read(SYSTEM)], u64(id), u16(size), u16(offset), bytes);
  }
  async putSet(payer, root, bytes) {
    return this.#instruction(2, [pays(payer), write(await this.address('set', root)), read(SYSTEM)], bytes);
  }
  async begin(payer, digest, checkpoint) {
    return this.#instruction(3, [pays(payer), read(await this.address('client')), write(await this.address('session', digest)), read(SYSTEM)], checkpoint);
  }
  async addSignatures(digest, set, signatures) {
    return this.#instruction(4, [write(await this.address('session', digest)), read(await this.address('set', set))], ...signatures);
  }
  async finalize(digest, set, next) {
    const accounts = [write(await this.address('client')), read(await this.address('session', digest)), read(await this.address('set', set))];
    if (next) accounts.push(read(await this.address('set', next)));
    return this.#instruction(5, accounts);
  }
  async close(target, payer, by, bump) {
    return this.#instruction(6, [write(target), write(payer), read(await this.address('client')), signs(by)], Buffer.from(bump === undefined ? [] : [bump]));
  }
  async closeEvent(event, payer, by) {
    const i = await this.close(event, payer, by);
    return { ...i, accounts: [...i.accounts, read(await this.address('gateway'))] };
  }
  async proveAnchor(height, key, proof, storePayer) {
    const accounts = [read(await this.address('client'))];
    if (storePayer) accounts.push(pays(storePayer), write(await this.address('record', key)), read(SYSTEM));
    return this.#instruction(7, accounts, u64(height), key, Buffer.from([storePayer ? 1 : 0]), ...proof);
  }
  // deliver's accounts by kind are those of transferAccounts, or of the control operation, or the mailbox.
  async deliver(payer, height, message, payload, proof, accounts) {
    const nonce = message.readBigUInt64BE(48);
    return this.#instruction(8, [
      pays(payer), read(await this.address('client')), write(await this.address('gateway')), write(await this.address('nonces', u64(nonce / 8192n))), read(SYSTEM),
      ...accounts, write(await this.address('event', u64(nonce))),
    ], message, u64(height), u16(payload.length), payload, proof);
  }
  async transferAccounts(asset, kind, mint, recipient, nonce = 0) {
    const reserve = kind === 'minted' ? mint : await this.address('vault', asset);
    return [
      write(await this.address('asset', asset)), write(reserve), write(await holding(recipient, mint)),
      write(await this.address('owed', u64(nonce))), read(TOKEN_PROGRAM_ADDRESS),
    ];
  }
  async claim(nonce, asset, kind, mint, recipient, payer) {
    const [a, reserve, to, owed, token] = await this.transferAccounts(asset, kind, mint, recipient, nonce);
    return this.#instruction(9, [read(await this.address('gateway')), owed, a, reserve, to, token, write(payer)]);
  }
  async send(payer, sender, asset, kind, mint, recipient, units, id) {
    const [a, reserve, from] = await this.transferAccounts(asset, kind, mint, sender.address);
    return this.#instruction(10, [pays(payer), signs(sender), write(await this.address('gateway')), a, reserve, from, read(TOKEN_PROGRAM_ADDRESS), read(SYSTEM), write(await this.sentEvent(sender.address, id))], u64(id), recipient, u64(units));
  }
  async sendCall(payer, sender, recipient, payload, id) {
    return this.#instruction(11, [pays(payer), signs(sender), write(await this.address('gateway')), read(SYSTEM), write(await this.sentEvent(sender.address, id))], u64(id), recipient, payload);
  }
  async pause(guardian) {
    return this.#instruction(12, [write(await this.address('gateway')), signs(guardian)]);
  }
  async proposeRecovery(key, epoch, root) {
    return this.#instruction(13, [write(await this.address('client')), signs(key)], u64(epoch), root);
  }
  async cancelRecovery(by) {
    return this.#instruction(14, [write(await this.address('client')), read(await this.address('gateway')), signs(by)]);
  }
  async executeRecovery(root) {
    return this.#instruction(15, [write(await this.address('client')), read(await this.address('set', root))]);
  }
  // buffered makes an instruction take its arguments from a buffer.
  async buffered(instruction, payer, id) {
    const buffer = read(await this.address('buffer', bytesOf(payer), u64(id)));
    return { ...instruction, accounts: [buffer, ...instruction.accounts], data: Buffer.from([instruction.data[0] | 0x80]) };
  }
  // sentEvent is the account of the event of a send or a call.
  sentEvent(sender, id) { return this.address('event', bytesOf(sender), u64(id)); }
}

export async function holding(owner, mint) {
  const [address] = await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  return address;
}
export { addressOf, read, signs, write };
