// Calls that send, simulate and look up transactions.
import { accountEncoder, encodeInner, encodeReturnData, transactionEncoder } from '../encoding.mjs';
import { invalidParams, preflightFailure, signatureVerificationFailure } from '../errors.mjs';
import { feeOf } from '../fees.mjs';
import * as params from '../params.mjs';
import { maxWireSize, parseMessage, parseTransaction } from '../transaction.mjs';

const rootedStatuses = 300; // finalized blocks whose statuses are known without a search of the history
const wireType = 'solana_transaction::versioned::VersionedTransaction';

export function sendTransaction(node, [text, settings]) {
  const config = params.settings(settings);
  const transaction = readTransaction(text, config.encoding);
  const level = config.skipPreflight ? 'processed' : params.commitment(config.preflightCommitment);
  const block = node.block(level, params.integer(config.minContextSlot, 0));
  if (!config.skipPreflight) {
    node.checkHealth();
    const outcome = node.ledger.simulate(transaction, block, { signatures: true, blockhash: true });
    if (outcome.error?.json === 'SignatureFailure') throw signatureVerificationFailure();
    if (outcome.error) throw preflightFailure(outcome.error.words, simulationResult(outcome));
  }
  node.submit(transaction);
  return transaction.signature;
}

export function simulateTransaction(node, [text, settings]) {
  const config = params.settings(settings);
  if (config.sigVerify && config.replaceRecentBlockhash) throw invalidParams('sigVerify may not be used with replaceRecentBlockhash');
  const transaction = readTransaction(text, config.encoding);
  const block = node.block(params.commitment(config.commitment), params.integer(config.minContextSlot, 0));
  const show = postAccounts(node, block, config.accounts);
  const outcome = node.ledger.simulate(transaction, block, { signatures: config.sigVerify === true, blockhash: !config.replaceRecentBlockhash });
  if (outcome.error?.json === 'SignatureFailure') throw signatureVerificationFailure();
  const value = {
    ...simulationResult(outcome),
    accounts: show(outcome),
    innerInstructions: config.innerInstructions ? encodeInner(outcome.inner) : null,
    replacementBlockhash: config.replaceRecentBlockhash
      ? { blockhash: block.hash, lastValidBlockHeight: node.ledger.chain.lastValidHeight(block.hash) }
      : null,
  };
  return { context: node.context(block), value };
}

export function getSignatureStatuses(node, [signatures, settings]) {
  const { searchTransactionHistory } = params.settings(settings);
  const wanted = params.list(signatures, 256, params.signature);
  const block = node.block('processed');
  const { chain } = node.ledger;
  const oldest = searchTransactionHistory ? -1 : node.block('finalized').height - rootedStatuses;
  const value = wanted.map((signature) => {
    const forged = node.faults.statuses.get(signature);
    if (forged !== undefined) return forged;
    const record = node.record(signature, 'processed');
    if (!record || record.block.height <= oldest) return null;
    const confirmationStatus = chain.statusOf(record.block, node.faults.lag);
    const err = record.outcome.error?.json ?? null;
    return {
      slot: record.block.slot,
      confirmations: confirmationStatus === 'finalized' ? null : block.height - record.block.height,
      err,
      status: err === null ? { Ok: null } : { Err: err },
      confirmationStatus,
    };
  });
  return { context: node.context(block), value };
}

export function getTransaction(node, [signature, settings]) {
  const config = typeof settings === 'string' ? { encoding: settings } : params.settings(settings);
  const encode = transactionEncoder(config);
  const record = node.record(params.signature(signature), params.settledCommitment(config.commitment));
  return record ? { slot: record.block.slot, blockTime: record.block.time, ...encode(record) } : null;
}

/** Newest first; `before` and `until` are signatures that bound the list and are not part of it. */
export function getSignaturesForAddress(node, [address, settings]) {
  const config = params.settings(settings);
  const key = params.address(address);
  const limit = params.integer(config.limit, 1000);
  if (limit === 0 || limit > 1000) throw invalidParams('Invalid limit; max 1000');
  const before = config.before ? params.signature(config.before) : null;
  const until = config.until ? params.signature(config.until) : null;
  const { height } = node.block(params.settledCommitment(config.commitment), params.integer(config.minContextSlot, 0));
  const found = [];
  let started = before === null;
  for (const record of newestFirst(node.ledger.chain.between(-1, height))) {
    const { signature } = record.transaction;
    if (signature === until || found.length === limit) break;
    if (started && record.keys.includes(key)) found.push(signatureInfo(node, record));
    if (signature === before) started = true;
  }
  return found;
}

export function getFeeForMessage(node, [text, settings]) {
  const config = params.settings(settings);
  const block = node.block(params.commitment(config.commitment), params.integer(config.minContextSlot, 0));
  const message = read(() => parseMessage(params.bytes(text, 'base64')), 'solana_message::VersionedMessage');
  return { context: node.context(block), value: node.ledger.chain.isValid(message.blockhash, block) ? feeOf(message) : null };
}

/** Sends the lamports by a transaction as any other: they are there when a block has taken it. */
export function requestAirdrop(node, [address, lamports, settings]) {
  const config = params.settings(settings);
  const { hash } = node.block(params.commitment(config.commitment));
  const transaction = node.ledger.faucet.transfer(params.address(address), params.u64(lamports), hash);
  node.submit(transaction);
  return transaction.signature;
}

function* newestFirst(blocks) {
  for (const block of blocks.reverse()) yield* block.transactions.toReversed();
}

function signatureInfo(node, { transaction, block, outcome }) {
  return {
    signature: transaction.signature,
    slot: block.slot,
    err: outcome.error?.json ?? null,
    memo: null,
    blockTime: block.time,
    confirmationStatus: node.ledger.chain.statusOf(block, node.faults.lag),
  };
}

function simulationResult({ error, logs, units, returnData }) {
  return {
    err: error?.json ?? null,
    logs,
    accounts: null,
    unitsConsumed: units,
    returnData: encodeReturnData(returnData),
    innerInstructions: null,
    replacementBlockhash: null,
  };
}

/** Reads `accounts` of a simulation and returns a function that shows these accounts after it, or null if none were asked for. */
function postAccounts(node, block, accounts) {
  if (!accounts) return () => null;
  if (accounts.encoding === 'base58') throw invalidParams('base58 encoding not supported');
  const encode = accountEncoder({ encoding: accounts.encoding || undefined }, 'base64');
  const addresses = params.list(accounts.addresses, 64, params.address);
  return ({ error, accounts: after }) => {
    const changed = new Map(error ? [] : after);
    return addresses.map((address) => encode(changed.has(address) ? changed.get(address) : node.account(address, block).account));
  };
}

function readTransaction(text, encoding) {
  const form = params.variant(encoding, ['base58', 'base64'], 'base58');
  const limit = form === 'base58' ? 1683 : 1644;
  if (typeof text === 'string' && text.length > limit) {
    throw invalidParams(`${form} encoded ${wireType} too large: ${text.length} bytes (max: encoded/raw ${limit}/${maxWireSize})`);
  }
  return read(() => parseTransaction(params.bytes(text, form)), wireType);
}

function read(parse, type) {
  try {
    return parse();
  } catch (error) {
    if (error.code) throw error;
    throw invalidParams(`failed to deserialize ${type}: ${error.message}`);
  }
}
