// Calls about slots, blocks and the network.
import { computeBid } from '../fees.mjs';
import { transactionEncoder } from '../encoding.mjs';
import { blockCleanedUp, blockNotAvailable, invalidParams, slotSkipped } from '../errors.mjs';
import * as params from '../params.mjs';
import { slotsPerEpoch } from '../vm.mjs';

const maxBlockRange = 500_000;
const feeHistory = 150; // blocks

export const getHealth = (node) => {
  node.checkHealth();
  return 'ok';
};

export const getVersion = () => ({ 'solana-core': '3.0.0', 'feature-set': 0 });
export const getGenesisHash = (node) => node.ledger.genesisHash;
export const getSlot = (node, [settings]) => latest(node, settings).slot;
export const getBlockHeight = (node, [settings]) => latest(node, settings).height;
export const getFirstAvailableBlock = (node) => node.ledger.chain.first.slot;

export function getEpochInfo(node, [settings]) {
  const { slot, height } = latest(node, settings);
  return {
    absoluteSlot: slot,
    blockHeight: height,
    epoch: Math.floor(slot / slotsPerEpoch),
    slotIndex: slot % slotsPerEpoch,
    slotsInEpoch: slotsPerEpoch,
    transactionCount: null,
  };
}

export function getLatestBlockhash(node, [settings]) {
  const block = latest(node, settings);
  const value = { blockhash: block.hash, lastValidBlockHeight: node.ledger.chain.lastValidHeight(block.hash) };
  return { context: node.context(block), value };
}

export function isBlockhashValid(node, [hash, settings]) {
  const block = latest(node, settings);
  return { context: node.context(block), value: node.ledger.chain.isValid(params.blockhash(hash), block) };
}

export function getBlockTime(node, [slot]) {
  return find(node, params.integer(slot), 'confirmed').time;
}

export function getBlock(node, [slot, settings]) {
  const config = params.settings(settings);
  const block = find(node, params.integer(slot), params.settledCommitment(config.commitment));
  const details = params.variant(config.transactionDetails, ['full', 'signatures', 'none'], 'full');
  const encode = transactionEncoder(config);
  return {
    blockHeight: block.height,
    blockTime: block.time,
    blockhash: block.hash,
    parentSlot: block.parentSlot,
    previousBlockhash: block.parentHash,
    transactions: details === 'full' ? block.transactions.map(encode) : undefined,
    signatures: details === 'signatures' ? block.transactions.map(({ transaction }) => transaction.signature) : undefined,
    rewards: config.rewards === false || details === 'none' ? undefined : [],
  };
}

export function getBlocks(node, [start, end, settings]) {
  const config = params.settings(typeof end === 'object' ? end : settings);
  const first = params.integer(start);
  const last = Math.min(params.integer(typeof end === 'object' ? null : end, Infinity), node.block(params.settledCommitment(config.commitment)).slot);
  if (last - first > maxBlockRange) throw invalidParams(`Slot range too large; max ${maxBlockRange}`);
  return node.ledger.chain.between(-1, Infinity).filter(({ slot }) => slot >= first && slot <= last).map(({ slot }) => slot);
}

/** For each of the latest blocks: the least that a transaction paid which changes one of the accounts. */
export function getRecentPrioritizationFees(node, [addresses]) {
  const accounts = new Set(params.list(addresses ?? [], 128, params.address));
  const { height } = node.block('confirmed');
  return node.ledger.chain.between(height - feeHistory, height).map(({ slot, transactions }) => {
    const relevant = transactions.filter(({ writable }) => accounts.size === 0 || writable.some((key) => accounts.has(key)));
    const prices = relevant.map(({ transaction }) => computeBid(transaction.message).price);
    return { slot, prioritizationFee: prices.reduce((least, price) => (price < least ? price : least), prices[0] ?? 0n) };
  });
}

function latest(node, settings) {
  const config = params.settings(settings);
  return node.block(params.commitment(config.commitment), params.integer(config.minContextSlot, 0));
}

/** Returns the block of a slot that has reached a level on this node. Throws RpcError -32001, -32004, -32007. */
function find(node, slot, commitment) {
  const { chain } = node.ledger;
  if (slot < chain.first.slot) throw blockCleanedUp(slot, chain.first.slot);
  if (slot > node.block(commitment).slot) throw blockNotAvailable(slot);
  const block = chain.bySlot(slot);
  if (!block) throw slotSkipped(slot);
  return block;
}
