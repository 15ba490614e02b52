// Base58 as Solana writes addresses, hashes, signatures and instruction data.
import { getBase58Decoder, getBase58Encoder } from '@solana/kit';

const toText = getBase58Decoder();
const toBytes = getBase58Encoder();
const alphabet = /^[1-9A-HJ-NP-Za-km-z]+$/;

export const encode = (bytes) => toText.decode(bytes);

/** Returns the bytes, or null where the text is no base58 of that many bytes (of any number if size is undefined). */
export function decode(text, size) {
  if (typeof text !== 'string' || !alphabet.test(text)) return null;
  if (size !== undefined && text.length > size * 2) return null; // decoding is quadratic
  const bytes = Uint8Array.from(toBytes.encode(text));
  return size === undefined || bytes.length === size ? bytes : null;
}
