// The formats of docs/spec/bridge.md, written anew for the tests: they share no code with the program.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';

export const H = (...parts) => Buffer.from(keccak_256(Buffer.concat(parts.map((p) => Buffer.from(p)))));
export const u16 = (n) => { const b = Buffer.alloc(2); b.writeUInt16BE(n); return b; };
export const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
export const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n)); return b; };
export const u256 = (n) => Buffer.from(BigInt(n).toString(16).padStart(64, '0'), 'hex');
export const hex = (s) => Buffer.from(s.replace(/^0x/, ''), 'hex');
export const word = (name) => H('test ' + name);
export const ZERO = Buffer.alloc(32);

// A signer is {secret, address, power}.
export function signer(name, power) {
  const secret = H('signer ' + name);
  return { secret, address: H(secp256k1.getPublicKey(secret, false).subarray(1)).subarray(12), power: BigInt(power) };
}

const before = (a, b) => (a.power === b.power ? Buffer.compare(a.address, b.address) : a.power > b.power ? -1 : 1);

// signerSet orders the signers and encodes them.
export function signerSet(signers) {
  const members = [...signers].sort(before);
  const bytes = encodeSet(members);
  return { members, bytes, root: setRoot(bytes), total: members.reduce((n, m) => n + m.power, 0n) };
}

export const encodeSet = (members) => Buffer.concat([u16(members.length), ...members.flatMap((m) => [m.address, u64(m.power)])]);
export const setRoot = (bytes) => H('IPDM/vs/v1', bytes);
export const uniformSet = (name, count, power = 100) => signerSet(Array.from({ length: count }, (_, i) => signer(`${name} ${i}`, power)));

export const encodeCheckpoint = (c) => Buffer.concat([
  Buffer.from('IPDM/cp/v1'), c.chain, u64(c.epoch), u64(c.height), u64(c.time), c.anchors, c.outbox, c.set, c.next, c.previous ?? ZERO,
]);

// sign returns the 66 bytes of a signature behind the index of its member.
export function sign(digest, member, index) {
  const [v, ...rs] = secp256k1.sign(digest, member.secret, { prehash: false, format: 'recovered', lowS: true });
  return Buffer.from([index, ...rs, v]);
}

export const encodeMessage = (m) => Buffer.concat([
  Buffer.from('IPDM/msg/v1'), Buffer.from([m.kind]), u32(m.domain), m.application, u64(m.nonce), m.sender, m.recipient, u64(m.timeout ?? 0),
  H(m.payload),
]);

export const encodeEvent = (e) => Buffer.concat([
  Buffer.from('IPDM/ev/v1'), Buffer.from([e.kind]), u32(e.domain), e.application, u64(e.nonce), e.sender, e.recipient, u64(e.time), H(e.payload),
]);

export const assetId = (domain, token) => H('IPDM/asset/v1', u32(domain), token);
export const transfer = (asset, amount) => Buffer.concat([asset, u256(amount)]);
export const control = {
  registerMinted: (asset, decimals, symbol) => Buffer.concat([Buffer.from([1]), asset, Buffer.from([decimals, symbol.length]), Buffer.from(symbol)]),
  registerLocked: (asset, token) => Buffer.concat([Buffer.from([2]), asset, token]),
  limit: (asset, amount, seconds) => Buffer.concat([Buffer.from([3]), asset, u256(amount), u32(seconds)]),
  guardian: (key) => Buffer.concat([Buffer.from([4]), key]),
  unpause: () => Buffer.from([5]),
};
