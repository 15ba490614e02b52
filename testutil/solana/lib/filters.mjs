// The filters of getProgramAccounts and programSubscribe.
import * as base58 from './base58.mjs';
import { invalidParams } from './errors.mjs';
import * as params from './params.mjs';

const maxFilters = 4;
const maxBytes = 128;

/** Reads a list of filters and returns a function that tells whether an account passes all of them. */
export function accountFilter(filters) {
  const tests = params.list(filters ?? [], maxFilters, readFilter);
  return (account) => tests.every((test) => test(account));
}

function readFilter(filter) {
  const { dataSize, memcmp } = params.settings(filter);
  if (memcmp === undefined || memcmp === null) {
    const size = params.integer(dataSize);
    return ({ data }) => data.length === size;
  }
  const offset = params.integer(memcmp.offset);
  const wanted = readBytes(memcmp);
  if (wanted.length > maxBytes) throw invalidParams(`Invalid param: ${wanted.length} bytes to compare, at most ${maxBytes}`);
  return ({ data }) => data.length >= offset + wanted.length && Buffer.compare(data.subarray(offset, offset + wanted.length), wanted) === 0;
}

function readBytes({ bytes, encoding }) {
  if (bytes === '') return new Uint8Array();
  if (Array.isArray(bytes)) return Uint8Array.from(params.list(bytes, maxBytes, (byte) => params.integer(byte)));
  if (typeof bytes === 'string' && bytes.length > 2 * maxBytes) throw invalidParams('Invalid param: Data too large');
  if (encoding === 'base64') return params.bytes(bytes, 'base64');
  const decoded = base58.decode(bytes);
  if (!decoded) throw invalidParams('Invalid param: bytes are no base58');
  return decoded;
}
