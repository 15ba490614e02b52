// Reading the parameters of calls. All of these throw RpcError -32602.
import * as base58 from './base58.mjs';
import { invalidParams } from './errors.mjs';

const levels = ['processed', 'confirmed', 'finalized'];

export function address(value) {
  if (typeof value !== 'string') throw invalidParams(`Invalid params: invalid type: ${kind(value)}, expected a string`);
  if (!base58.decode(value, 32)) throw invalidParams(base58.decode(value) ? 'Invalid param: WrongSize' : 'Invalid param: Invalid');
  return value;
}

export function signature(value) {
  if (typeof value !== 'string') throw invalidParams(`Invalid params: invalid type: ${kind(value)}, expected a string`);
  if (!base58.decode(value, 64)) throw invalidParams(base58.decode(value) ? 'Invalid param: WrongSize' : 'Invalid param: Invalid');
  return value;
}

export function blockhash(value) {
  return address(value); // of the same form
}

export function list(value, max, read) {
  if (!Array.isArray(value)) throw invalidParams(`Invalid params: invalid type: ${kind(value)}, expected a sequence`);
  if (value.length > max) throw invalidParams(`Too many inputs provided; max ${max}`);
  return value.map(read);
}

/** Reads an integer from 0 up to 2^53, or returns the default where there is none. */
export function integer(value, byDefault) {
  if ((value === undefined || value === null) && byDefault !== undefined) return byDefault;
  if (!Number.isSafeInteger(value) || value < 0) throw invalidParams(`Invalid params: invalid value: ${kind(value)}, expected u64`);
  return value;
}

/** Reads a u64, for amounts. */
export function u64(value) {
  const amount = typeof value === 'bigint' ? value : BigInt(integer(value));
  if (amount < 0n || amount >= 1n << 64n) throw invalidParams(`Invalid params: invalid value: ${amount}, expected u64`);
  return amount;
}

/** Reads the object of settings that ends a call's parameters and may be missing. */
export function settings(value) {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidParams(`Invalid params: invalid type: ${kind(value)}, expected struct`);
  return value;
}

/** Reads a commitment level, finalized where there is none. */
export function commitment(value) {
  return variant(value, levels, 'finalized');
}

/** Reads the commitment level of a call that needs at least a confirmed block. */
export function settledCommitment(value) {
  const level = commitment(value);
  if (level === 'processed') throw invalidParams('Method does not support commitment below `confirmed`');
  return level;
}

export function variant(value, variants, byDefault) {
  if (value === undefined || value === null) return byDefault;
  if (variants.includes(value)) return value;
  throw invalidParams(`Invalid params: unknown variant \`${value}\`, expected one of ${variants.map((v) => `\`${v}\``).join(', ')}`);
}

/** Reads a text of bytes in base58 or base64. */
export function bytes(value, encoding) {
  const found = typeof value !== 'string' ? null : encoding === 'base58' ? base58.decode(value) : fromBase64(value);
  if (!found) throw invalidParams(`invalid ${encoding} encoding`);
  return found;
}

function fromBase64(text) {
  const decoded = Buffer.from(text, 'base64');
  return decoded.toString('base64') === text ? Uint8Array.from(decoded) : null;
}

const kind = (value) => (value === null ? 'null' : Array.isArray(value) ? 'sequence' : typeof value === 'object' ? 'map' : String(value));
