// JSON with exact integers: amounts are u64 and the request ids of Go clients have 63 bits; neither fits a double.
import { randomBytes } from 'node:crypto';

const token = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const integer = /^-?\d{16,}$/;
const marker = randomBytes(16).toString('hex'); // of this process, so that no outside string can pass for an integer

/** Parses JSON; integers beyond 2^53 become BigInt. Throws SyntaxError. */
export function parse(text) {
  const marked = text.replace(token, (t) => (integer.test(t) ? `"${marker}${t}"` : t));
  return JSON.parse(marked, (_, value) => {
    if (typeof value !== 'string' || !value.startsWith(marker)) return value;
    const digits = value.slice(marker.length);
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
  });
}

/** Writes JSON; BigInt becomes an integer, members that are undefined are left out. */
export function stringify(value) {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => stringify(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${stringify(member)}`).join(',')}}`;
}
