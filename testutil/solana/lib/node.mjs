// One RPC node: the ledger as it sees it. Nodes differ by the faults that are set on them.
import { minContextSlotNotReached, nodeUnhealthy } from './errors.mjs';

const unhealthyDistance = 128; // blocks behind, as Agave's --health-check-slot-distance

export class Node {
  constructor(ledger, faults) {
    this.ledger = ledger;
    this.faults = faults;
  }

  /** Returns the latest block at a commitment level. Throws RpcError -32016 if it is before the slot that is asked for. */
  block(commitment, minContextSlot = 0) {
    const block = this.ledger.chain.at(commitment, this.faults.lag);
    if (block.slot < minContextSlot) throw minContextSlotNotReached(block.slot);
    return block;
  }

  /** Returns { account, slot } as of a block, or what the node is told to lie. */
  account(address, block) {
    const seen = this.ledger.accounts.at(address, block.slot);
    const forged = this.faults.accounts.get(address);
    return forged === undefined ? seen : { account: forged, slot: seen.slot };
  }

  /** Returns the [address, account] pairs that a program owns as of a block, by address. */
  ownedBy(program, block) {
    const owned = new Map(this.ledger.accounts.ownedBy(program, block.slot));
    for (const [address, account] of this.faults.accounts) {
      if (account?.owner === program) owned.set(address, account);
      else owned.delete(address);
    }
    return [...owned].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Returns the record of a transaction in a block that has reached a level on this node, or undefined. */
  record(signature, commitment) {
    const record = this.ledger.record(signature);
    return record && record.block.height <= this.block(commitment).height ? record : undefined;
  }

  /** Hands a transaction on to the leader, unless the node is told to lose it. */
  submit(transaction) {
    if (this.faults.takeDrop()) return;
    this.ledger.submit(transaction, this.faults.hold);
  }

  /** Throws RpcError -32005 if the node is far behind. */
  checkHealth() {
    if (this.faults.lag > unhealthyDistance) throw nodeUnhealthy(this.faults.lag);
  }

  /** The context that comes with values. */
  context(block) {
    return { apiVersion: '3.0.0', slot: block.slot };
  }
}
