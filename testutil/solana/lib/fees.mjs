// What a transaction pays: 5000 lamports a signature, and what it bids for its compute units.
const lamportsPerSignature = 5000n;
const computeBudget = 'ComputeBudget111111111111111111111111111111';
const precompiles = new Set([
  'KeccakSecp256k11111111111111111111111111111',
  'Ed25519SigVerify111111111111111111111111111',
  'Secp256r1SigVerify1111111111111111111111111',
]);
const builtins = new Set([
  computeBudget,
  ...precompiles,
  '11111111111111111111111111111111',
  'Vote111111111111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'LoaderV411111111111111111111111111111111111',
]);

/** Returns the price in micro-lamports a compute unit and the limit in compute units, given or by default (SIMD-0170). */
export function computeBid({ staticKeys, instructions }) {
  let price = 0n;
  let limit;
  let byDefault = 0;
  for (const { programIdIndex, data } of instructions) {
    const program = staticKeys[programIdIndex];
    byDefault += builtins.has(program) ? 3_000 : 200_000;
    if (program !== computeBudget) continue;
    const view = Buffer.from(data);
    if (view[0] === 2 && view.length >= 5) limit = view.readUInt32LE(1);
    if (view[0] === 3 && view.length >= 9) price = view.readBigUInt64LE(1);
  }
  return { price, limit: BigInt(Math.min(limit ?? byDefault, 1_400_000)) };
}

/** Returns the fee of a message in lamports. */
export function feeOf(message) {
  let signatures = BigInt(message.header.numRequiredSignatures);
  for (const { programIdIndex, data } of message.instructions) {
    if (precompiles.has(message.staticKeys[programIdIndex])) signatures += BigInt(data[0] ?? 0);
  }
  const { price, limit } = computeBid(message);
  return signatures * lamportsPerSignature + (price * limit + 999_999n) / 1_000_000n;
}
