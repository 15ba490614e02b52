// The wire format of transactions, read strictly: the SVM's own decoder ends the process on bytes that it cannot read.
import { getTransactionDecoder } from '@solana/kit';
import * as base58 from './base58.mjs';

const decoder = getTransactionDecoder();

export const maxWireSize = 1232; // bytes: an IPv6 packet less its headers

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  u8() {
    return this.take(1)[0];
  }

  take(count) {
    if (this.bytes.length - this.at < count) throw new Error(`${count} bytes expected at ${this.at}, the end found`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** A "compact u16": 7 bits a byte, the least significant first, in the shortest form. */
  length() {
    let value = 0;
    for (let i = 0; i < 3; i++) {
      const byte = this.u8();
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        if ((i > 0 && byte === 0) || value > 0xffff) break;
        return value;
      }
    }
    throw new Error(`no compact u16 before ${this.at}`);
  }

  list(read) {
    return Array.from({ length: this.length() }, read);
  }
}

/**
 * Reads a transaction of at most maxWireSize bytes and checks what Agave calls its sanity: that every index points to
 * something. Signatures are not verified. Throws Error.
 */
export function parseTransaction(wire) {
  if (wire.length > maxWireSize) throw new Error(`${wire.length} bytes, at most ${maxWireSize} expected`);
  const reader = new Reader(wire);
  const signatures = reader.list(() => base58.encode(reader.take(64)));
  const message = parseMessage(wire.subarray(reader.at));
  if (signatures.length !== message.header.numRequiredSignatures) {
    throw new Error(`${signatures.length} signatures, ${message.header.numRequiredSignatures} expected`);
  }
  return { wire, signatures, signature: signatures[0], message, decoded: decoder.decode(wire) };
}

/** Reads a message, legacy or version 0, which must fill the bytes. Throws Error. */
export function parseMessage(bytes) {
  const reader = new Reader(bytes);
  let version = 'legacy';
  if (bytes[0] >= 0x80) {
    version = reader.u8() & 0x7f;
    if (version !== 0) throw new Error(`message version ${version}, 0 or legacy expected`);
  }
  const header = {
    numRequiredSignatures: reader.u8(),
    numReadonlySignedAccounts: reader.u8(),
    numReadonlyUnsignedAccounts: reader.u8(),
  };
  const staticKeys = reader.list(() => base58.encode(reader.take(32)));
  const blockhash = base58.encode(reader.take(32));
  const bytesOf = () => Array.from(reader.take(reader.length()));
  const instructions = reader.list(() => ({
    programIdIndex: reader.u8(),
    accounts: bytesOf(),
    data: Uint8Array.from(bytesOf()),
  }));
  const lookups =
    version === 0
      ? reader.list(() => ({ table: base58.encode(reader.take(32)), writable: bytesOf(), readonly: bytesOf() }))
      : [];
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes after the message`);
  const message = { bytes, version, header, staticKeys, blockhash, instructions, lookups };
  sanitize(message);
  return message;
}

function sanitize({ header, staticKeys, instructions, lookups }) {
  const { numRequiredSignatures: signers, numReadonlySignedAccounts, numReadonlyUnsignedAccounts } = header;
  const loaded = lookups.reduce((sum, lookup) => sum + lookup.writable.length + lookup.readonly.length, 0);
  if (signers === 0 || numReadonlySignedAccounts >= signers) throw new Error('no account pays the fee');
  if (signers + numReadonlyUnsignedAccounts > staticKeys.length) throw new Error('the header names more accounts than there are');
  if (staticKeys.length + loaded > 256) throw new Error(`${staticKeys.length + loaded} accounts, at most 256 expected`);
  if (lookups.some((lookup) => lookup.writable.length + lookup.readonly.length === 0)) throw new Error('a lookup of nothing');
  for (const { programIdIndex, accounts } of instructions) {
    if (programIdIndex === 0 || programIdIndex >= staticKeys.length) throw new Error(`no program at account ${programIdIndex}`);
    if (accounts.some((index) => index >= staticKeys.length + loaded)) throw new Error('an instruction names no account');
  }
}

/** All accounts of a message in their order: its own, then those loaded from tables, the writable ones first. */
export const allKeys = (message, loaded) => [...message.staticKeys, ...loaded.writable, ...loaded.readonly];

/** The accounts that a message may change. */
export function writableKeys({ header, staticKeys }, loaded) {
  const { numRequiredSignatures: signers, numReadonlySignedAccounts, numReadonlyUnsignedAccounts } = header;
  const own = staticKeys.filter((_, i) =>
    i < signers ? i < signers - numReadonlySignedAccounts : i < staticKeys.length - numReadonlyUnsignedAccounts,
  );
  return [...own, ...loaded.writable];
}
