// The account that airdrops come from.
import { generateKeyPairSync, sign } from 'node:crypto';
import * as base58 from './base58.mjs';
import { parseTransaction } from './transaction.mjs';
import { systemAccount } from './vm.mjs';

const lamports = 500_000_000n * 1_000_000_000n;
const systemProgram = '11111111111111111111111111111111';
const computeBudget = 'ComputeBudget111111111111111111111111111111';

export class Faucet {
  #key = generateKeyPairSync('ed25519');
  #address = this.#key.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  #count = 0;

  constructor(vm) {
    vm.setAccount(base58.encode(this.#address), systemAccount(lamports));
  }

  /** Returns a signed transfer. A compute limit of its own keeps equal airdrops apart. */
  transfer(to, amount, blockhash) {
    const limit = Buffer.alloc(5);
    limit[0] = 2;
    limit.writeUInt32LE(1_000 + (this.#count++ % 1_000_000), 1);
    const transfer = Buffer.alloc(12);
    transfer.writeUInt32LE(2);
    transfer.writeBigUInt64LE(BigInt(amount), 4);
    const message = Buffer.concat([
      Buffer.from([1, 0, 2, 4]), // signers, read-only ones, read-only accounts, accounts
      ...[this.#address, base58.decode(to), base58.decode(systemProgram), base58.decode(computeBudget)],
      base58.decode(blockhash),
      Buffer.from([2, 3, 0, limit.length]),
      limit,
      Buffer.from([2, 2, 0, 1, transfer.length]),
      transfer,
    ]);
    return parseTransaction(Buffer.concat([Buffer.from([1]), sign(null, message, this.#key.privateKey), message]));
  }
}
