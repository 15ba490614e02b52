// What a node is told to do wrong. The control port sets it; the RPC port cannot.
import { readableBlocks } from './ledger.mjs';

export const maxLag = readableBlocks / 2;

export class Faults {
  drop = 0; // transactions yet to be lost
  hold = 0; // slots that transactions wait
  lag = 0; // blocks that the node is behind
  accounts = new Map(); // address -> forged account, null for none
  statuses = new Map(); // signature -> forged status, null for none
  #replies = []; // { kind: 'status' | 'hang' | 'delay', count, methods, ... }

  takeDrop() {
    return this.drop > 0 && this.drop-- > 0;
  }

  addReply(fault) {
    this.#replies.push(fault);
  }

  /** Returns the fault that the reply to a request with these methods shall have, or undefined; each is used up by its count. */
  takeReply(methods) {
    const fault = this.#replies.find((f) => f.methods === null || methods.some((method) => f.methods.has(method)));
    if (fault && --fault.count <= 0) this.#replies.splice(this.#replies.indexOf(fault), 1);
    return fault;
  }

  clear() {
    Object.assign(this, { drop: 0, hold: 0, lag: 0 });
    this.accounts.clear();
    this.statuses.clear();
    this.#replies = [];
  }
}
