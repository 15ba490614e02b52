// The network's one ledger: transactions that wait, blocks that take them, forks that drop them.
import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Accounts } from './accounts.mjs';
import * as base58 from './base58.mjs';
import { Chain } from './chain.mjs';
import { Clock } from './clock.mjs';
import { Faucet } from './faucet.mjs';
import { feeOf } from './fees.mjs';
import { tokenBalances } from './tokens.mjs';
import { allKeys, writableKeys } from './transaction.mjs';
import { failure, systemAccount, Vm } from './vm.mjs';

const slotHashesKept = 512;
const waitingAtMost = 10_000;
const loadFailures = new Set([
  'ProgramAccountNotFound',
  'InvalidProgramForExecution',
  'MaxLoadedAccountsDataSizeExceeded',
  'InvalidLoadedAccountsDataSizeLimit',
]);
const clockSysvar = 'SysvarC1ock11111111111111111111111111111111';
const slotHashesSysvar = 'SysvarS1otHashes111111111111111111111111111';
const lookupTableHeader = 56; // bytes before the addresses

export const readableBlocks = 512; // for how many blocks below the tip the state of accounts is kept

/** Emits 'block' (block) and 'rollback' (tip). */
export class Ledger extends EventEmitter {
  #vm = new Vm();
  #seed = randomBytes(32);
  #waiting = new Map(); // signature -> { transaction, from: the first slot that may take it }
  #records = new Map(); // signature -> record of a transaction in a block of this fork
  #lastSlot;
  #clock;

  /**
   * depths: see Chain. wallClock: whether Clock follows this machine's clock rather than 400 ms a slot.
   * programs: [address, image] pairs; balances: [address, lamports] pairs. Throws Error where the loader refuses an image.
   */
  constructor({ depths, wallClock, programs, balances }) {
    super();
    this.setMaxListeners(0);
    for (const [address, image] of programs) this.#vm.addProgram(address, image);
    for (const [address, lamports] of balances) this.#vm.setAccount(address, systemAccount(lamports));
    this.genesisHash = this.#hash('genesis');
    this.faucet = new Faucet(this.#vm);
    this.#lastSlot = this.#vm.genesisSlot;
    this.#clock = new Clock(wallClock);
    this.accounts = new Accounts(this.#vm, this.#lastSlot);
    this.accounts.track([clockSysvar, slotHashesSysvar]);
    const genesis = {
      slot: this.#lastSlot,
      parentSlot: this.#lastSlot - 1,
      height: 0,
      hash: this.genesisHash,
      parentHash: base58.encode(new Uint8Array(32)),
      time: this.#clock.at(this.#lastSlot),
      transactions: [],
      changed: [],
    };
    this.chain = new Chain(genesis, depths);
    this.#openSlot(genesis);
  }

  get lastSlot() {
    return this.#lastSlot;
  }

  minimumBalance(size) {
    return this.#vm.minimumBalance(size);
  }

  /** Has a transaction wait for the next block, or for one that many slots later. A full queue drops it, as a leader does. */
  submit(transaction, hold = 0) {
    const { signature } = transaction;
    if (this.#waiting.has(signature) || this.#records.has(signature) || this.#waiting.size >= waitingAtMost) return;
    this.#waiting.set(signature, { transaction, from: this.#lastSlot + 1 + hold });
  }

  /** Makes one block out of the transactions that wait. */
  produce() {
    const parent = this.chain.tip;
    const slot = ++this.#lastSlot;
    const block = {
      slot,
      parentSlot: parent.slot,
      height: parent.height + 1,
      hash: this.#hash(parent.hash, slot),
      parentHash: parent.hash,
      time: this.#clock.at(slot),
      transactions: [],
      changed: [],
    };
    const changed = new Set(this.#openSlot(block));
    for (const [signature, { transaction, from }] of this.#waiting) {
      if (from > slot) continue;
      this.#waiting.delete(signature);
      for (const address of this.#include(transaction, parent, block)) changed.add(address);
    }
    block.changed = [...changed];
    this.chain.append(block).forEach((old) => this.#forget(old));
    this.accounts.prune(this.chain.below(readableBlocks).slot);
    this.emit('block', block);
  }

  /** Lets slots pass without a block. */
  skip(count) {
    this.#lastSlot += count;
  }

  /**
   * Drops the last blocks as a fork that lost does: their transactions are gone, accounts are as before, their
   * blockhashes are unknown. Slots do not go back. Throws Error if a block is finalized.
   */
  rollback(count) {
    this.chain.rollback(count).forEach((block) => this.#forget(block));
    this.accounts.rewind(this.chain.tip.slot);
    this.emit('rollback', this.chain.tip);
  }

  /** Has the next block's time be that many seconds since 1970. Throws Error if time would go back. */
  setTime(time) {
    this.#clock.set(time, this.#lastSlot + 1);
  }

  /** Returns the record of a transaction in a block of this fork, or undefined. */
  record(signature) {
    return this.#records.get(signature);
  }

  /** Executes a transaction on the state as of a block and keeps nothing. checks: { signatures, blockhash }. */
  simulate(transaction, block, checks) {
    const before = this.record(transaction.signature);
    if (checks.signatures && before && before.block.height <= block.height) return failure('AlreadyProcessed');
    if (checks.blockhash && !this.chain.isValid(transaction.message.blockhash, block)) return failure('BlockhashNotFound');
    return this.accounts.within(block.slot, () => {
      const loaded = this.#loadTables(transaction.message, block.slot);
      return this.#run(transaction, loaded, block.slot, () => this.#vm.simulate(transaction, checks.signatures));
    });
  }

  // The state in which the transactions of a block run has the block's clock and its parents' hashes.
  #openSlot(block) {
    this.#vm.setClock(block.slot, block.time);
    const ancestors = this.chain.between(Math.max(-1, block.height - 1 - slotHashesKept), block.height - 1).reverse();
    this.#vm.setSlotHashes(ancestors.length ? ancestors : [block]);
    return this.accounts.record([clockSysvar, slotHashesSysvar], block.slot);
  }

  /** Takes a transaction into a block if the block may hold it; returns the addresses of the accounts that it changed. */
  #include(transaction, parent, block) {
    const { message, signature } = transaction;
    if (!this.chain.isValid(message.blockhash, parent)) return [];
    const loaded = this.#loadTables(message, block.slot);
    const keys = allKeys(message, loaded);
    const writable = writableKeys(message, loaded);
    this.accounts.track(writable);
    const before = this.#balances(keys);
    const outcome = this.#run(transaction, loaded, block.slot, () => this.#vm.execute(transaction));
    const fee = feeOf(message);
    if (!outcome.included && !this.#chargeForLoading(outcome, keys[0], fee)) return [];
    const after = this.#balances(keys);
    const record = { transaction, block, keys, loaded, writable, outcome, fee, before, after };
    block.transactions.push(record);
    this.#records.set(signature, record);
    return this.accounts.record(writable, block.slot);
  }

  // A transaction whose accounts cannot be loaded is in a block all the same if its fee can be paid (SIMD-0082).
  #chargeForLoading({ error }, payer, fee) {
    if (!loadFailures.has(error.json)) return false;
    const account = this.#vm.account(payer);
    const left = (account?.lamports ?? 0n) - fee;
    if (left < 0n || (left > 0n && left < this.minimumBalance(account.data.length))) return false;
    this.#vm.setAccount(payer, { ...account, lamports: left });
    return true;
  }

  #forget(block) {
    for (const { transaction } of block.transactions) this.#records.delete(transaction.signature);
  }

  #balances(keys) {
    const accounts = keys.map((key) => this.#vm.account(key));
    const mintOf = (address) => this.#vm.account(address);
    return { lamports: accounts.map((account) => account?.lamports ?? 0n), tokens: tokenBalances(accounts, mintOf) };
  }

  // The addresses that lookup tables stand for. Where there is no such entry the SVM says which error that is.
  #loadTables({ lookups }, slot) {
    const entries = ({ table }, indexes) => {
      const data = this.accounts.at(table, slot).account?.data ?? new Uint8Array();
      return indexes
        .map((index) => data.subarray(lookupTableHeader + 32 * index, lookupTableHeader + 32 * (index + 1)))
        .filter((bytes) => bytes.length === 32)
        .map(base58.encode);
    };
    return {
      writable: lookups.flatMap((lookup) => entries(lookup, lookup.writable)),
      readonly: lookups.flatMap((lookup) => entries(lookup, lookup.readonly)),
    };
  }

  // The SVM ends the process if asked to run a program that it compiled for a state other than this one, and calls a
  // program that does not exist invalid.
  #run({ message }, loaded, slot, run) {
    const exists = (key) => this.accounts.at(key, slot).account !== null;
    if (allKeys(message, loaded).some((key) => this.accounts.wasProgram(key) && !exists(key))) return failure('ProgramAccountNotFound');
    const outcome = run();
    if (outcome.error?.json !== 'InvalidProgramForExecution') return outcome;
    const programs = message.instructions.map(({ programIdIndex }) => message.staticKeys[programIdIndex]);
    return programs.every(exists) ? outcome : failure('ProgramAccountNotFound');
  }

  #hash(...parts) {
    const hash = createHash('sha256').update(this.#seed);
    for (const part of parts) hash.update(String(part)).update('\0');
    return base58.encode(hash.digest());
  }
}
