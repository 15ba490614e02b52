// Every version of every account that changed, by slot: what a read at a commitment level sees, and what a fork returns to.
import { encode as encodeAddress } from './base58.mjs';

const upgradeableLoader = 'BPFLoaderUpgradeab1e11111111111111111111111';

export class Accounts {
  #vm;
  #genesisSlot;
  #versions = new Map(); // address -> [{ slot, account }], the oldest first

  constructor(vm, genesisSlot) {
    this.#vm = vm;
    this.#genesisSlot = genesisSlot;
  }

  /** Notes the state of accounts before a transaction changes them. */
  track(addresses) {
    for (const address of addresses) {
      if (this.#versions.has(address)) continue;
      this.#versions.set(address, [{ slot: this.#genesisSlot, account: this.#vm.account(address) }]);
    }
  }

  /** Notes the state of tracked accounts after a change in a slot; returns the addresses of those that did change. */
  record(addresses, slot) {
    return addresses.filter((address) => {
      const versions = this.#versions.get(address);
      const last = versions.at(-1);
      const account = this.#vm.account(address);
      if (equal(last.account, account)) return false;
      if (last.slot === slot) last.account = account;
      else versions.push({ slot, account });
      return true;
    });
  }

  /** Returns { account, slot } as of a slot: the account or null, and the slot in which it was last changed. */
  at(address, slot) {
    const versions = this.#versions.get(address);
    if (!versions) return { account: this.#vm.account(address), slot: this.#genesisSlot };
    return versions.findLast((version) => version.slot <= slot) ?? { account: null, slot: 0 };
  }

  /** Tells whether a version of the account is a program. */
  wasProgram(address) {
    return this.#versions.get(address)?.some(isProgram) ?? false;
  }

  /** Returns the [address, account] pairs that a program owns as of a slot. */
  ownedBy(program, slot) {
    const candidates = new Set([...this.#versions.keys(), ...this.#vm.programAccounts(program)]);
    const owned = [];
    for (const address of candidates) {
      const { account } = this.at(address, slot);
      if (account?.owner === program) owned.push([address, account]);
    }
    return owned;
  }

  /** Returns to the state as of a slot for good. */
  rewind(slot) {
    const changed = this.#changedAfter(slot);
    for (const address of changed) {
      const versions = this.#versions.get(address);
      while (versions.length > 1 && versions.at(-1).slot > slot) versions.pop();
    }
    this.#install(changed, slot);
    this.#vm.rebuild();
  }

  /** Calls what with the SVM in the state as of a slot. */
  within(slot, what) {
    const changed = this.#changedAfter(slot);
    try {
      this.#install(changed, slot);
      return what();
    } finally {
      this.#install(changed, Infinity);
    }
  }

  /** Forgets the versions that no read as of this slot or a later one needs. */
  prune(slot) {
    for (const versions of this.#versions.values()) {
      const needed = versions.findLastIndex((version) => version.slot <= slot);
      if (needed > 0) versions.splice(0, needed);
    }
  }

  #changedAfter(slot) {
    return [...this.#versions].filter(([, versions]) => versions.at(-1).slot > slot).map(([address]) => address);
  }

  // A program is compiled when its account is set, from the data account that must be there by then.
  #install(addresses, slot) {
    const programs = addresses.length ? this.#programsOf(addresses) : [];
    const plain = addresses.filter((address) => !programs.includes(address));
    for (const address of [...plain, ...programs]) this.#vm.setAccount(address, this.at(address, slot).account);
  }

  #programsOf(addresses) {
    const changed = new Set(addresses);
    return [...this.#versions.keys()].filter((address) => {
      const versions = this.#versions.get(address);
      if (!versions.some(isProgram)) return false;
      return changed.has(address) || changed.has(programData(versions.find(isProgram).account));
    });
  }
}

const isProgram = (version) => version.account?.executable;

function programData({ owner, data }) {
  return owner === upgradeableLoader && data.length === 36 ? encodeAddress(data.subarray(4)) : undefined;
}

function equal(a, b) {
  if (a === null || b === null) return a === b;
  return (
    a.lamports === b.lamports && a.owner === b.owner && a.executable === b.executable && Buffer.compare(a.data, b.data) === 0
  );
}
