// The SVM: executes one transaction after the other on one state of the accounts.
import { FailedTransactionMetadata, LiteSVM } from 'litesvm';
import * as base58 from './base58.mjs';
import { describe, named } from './txerrors.mjs';

export const slotsPerEpoch = 432_000;
const noSignature = base58.encode(new Uint8Array(64));

export class Vm {
  #svm = configure(new LiteSVM().withNativeMints());

  /** The slot in which the accounts that come with the SVM were made. */
  get genesisSlot() {
    return Number(this.#svm.getClock().slot);
  }

  /** Adds a program under the upgradeable loader, whose verifier may refuse it. Throws Error. */
  addProgram(address, image) {
    this.#svm.addProgram(address, image);
  }

  /** Returns the account or null. */
  account(address) {
    const found = this.#svm.getAccount(address);
    if (!found.exists) return null;
    const { lamports, data, programAddress: owner, executable } = found;
    return { lamports, data, owner, executable };
  }

  setAccount(address, account) {
    const { lamports, data, owner, executable } = account ?? missing;
    this.#svm.setAccount({ address, lamports, data, programAddress: owner, executable });
  }

  programAccounts(program) {
    return this.#svm.getProgramAccounts(program).map(({ address }) => address);
  }

  minimumBalance(size) {
    return this.#svm.minimumBalanceForRentExemption(BigInt(size));
  }

  /** Sets the Clock sysvar; time in seconds since 1970. */
  setClock(slot, time) {
    const clock = this.#svm.getClock();
    const epoch = BigInt(Math.floor(slot / slotsPerEpoch));
    if (clock.epoch !== epoch || clock.epochStartTimestamp === 0n) clock.epochStartTimestamp = BigInt(time);
    clock.epoch = epoch;
    clock.leaderScheduleEpoch = epoch + 1n;
    clock.slot = BigInt(slot);
    clock.unixTimestamp = BigInt(time);
    this.#svm.setClock(clock);
  }

  /** Sets the SlotHashes sysvar, the newest first. */
  setSlotHashes(hashes) {
    this.#svm.setSlotHashes(hashes.map(({ slot, hash }) => ({ slot: BigInt(slot), hash })));
  }

  /** Executes a transaction and keeps its effects; see outcome. */
  execute(transaction) {
    return this.#run(transaction, true, (decoded) => this.#svm.sendTransaction(decoded));
  }

  /** Executes a transaction and keeps nothing; the outcome has the accounts after it in `accounts`. */
  simulate(transaction, verifySignatures) {
    return this.#run(transaction, verifySignatures, (decoded) => this.#svm.simulateTransaction(decoded));
  }

  #run(transaction, verifySignatures, run) {
    if (verifySignatures && transaction.signatures.includes(noSignature)) return failure('SignatureFailure');
    this.#svm.withSigverify(verifySignatures);
    return outcome(run(transaction.decoded));
  }

  /** Forgets compiled programs that the accounts no longer hold. */
  rebuild() {
    this.#svm = configure(LiteSVM.fromBytes(this.#svm.toBytes()));
  }
}

/** Returns an account that holds lamports and nothing else, as wallets are. */
export const systemAccount = (lamports) => ({
  lamports,
  data: new Uint8Array(),
  owner: '11111111111111111111111111111111',
  executable: false,
});

const missing = systemAccount(0n);

// Blockhashes, and what was processed before, are known to the ledger.
const configure = (svm) => svm.withBlockhashCheck(false).withTransactionHistory(0n);

/** The outcome of a transaction that failed before any of its instructions ran. */
export function failure(name) {
  return { error: named(name), included: false, logs: [], units: 0, inner: [], returnData: null, accounts: [] };
}

/** included tells whether a block would hold the transaction: one that failed in an instruction is in, and pays its fee. */
function outcome(result) {
  const failed = result instanceof FailedTransactionMetadata;
  const meta = result.meta?.() ?? result;
  const returned = meta.returnData();
  const data = returned.data();
  return {
    error: failed ? describe(result.err()) : null,
    included: !failed || base58.encode(meta.signature()) !== noSignature,
    logs: meta.logs(),
    units: Number(meta.computeUnitsConsumed()),
    inner: innerInstructions(meta.innerInstructions()),
    returnData: data.length ? { programId: base58.encode(returned.programId()), data } : null,
    accounts: typeof result.postAccounts === 'function' ? result.postAccounts().map(fromEncoded) : [],
  };
}

const fromEncoded = ({ address, lamports, data, programAddress: owner, executable }) => [
  address,
  lamports === 0n ? null : { lamports, data, owner, executable },
];

function innerInstructions(perInstruction) {
  const calls = perInstruction.map((inner, index) => ({
    index,
    instructions: inner.map((call) => ({
      programIdIndex: call.instruction().programIdIndex(),
      accounts: Array.from(call.instruction().accounts()),
      data: call.instruction().data(),
      stackHeight: call.stackHeight(),
    })),
  }));
  return calls.filter(({ instructions }) => instructions.length > 0);
}
