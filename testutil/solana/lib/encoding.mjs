// Accounts and transactions as the RPC shows them.
import * as base58 from './base58.mjs';
import { invalidParams, unsupportedVersion } from './errors.mjs';
import * as params from './params.mjs';

const rentExempt = 18446744073709551615n; // the rent epoch of every account since rent is no longer collected
const base58Limit = 128; // bytes of data that are shown in base58

/** Reads { encoding, dataSlice } and returns a function that encodes an account, or null for none. */
export function accountEncoder({ encoding, dataSlice }, byDefault = 'binary') {
  const form = params.variant(encoding, ['binary', 'base58', 'base64', 'jsonParsed'], byDefault);
  const slice = dataSlice ? { offset: params.integer(dataSlice.offset), length: params.integer(dataSlice.length) } : null;
  return (account) => {
    if (!account) return null;
    const data = slice ? account.data.subarray(slice.offset, slice.offset + slice.length) : account.data;
    return {
      lamports: account.lamports,
      owner: account.owner,
      data: encodeData(data, form),
      executable: account.executable,
      rentEpoch: rentExempt,
      space: account.data.length,
    };
  };
}

// "binary" is the old form that a client gets which asks for none: base58 without a word of it. jsonParsed falls back to base64.
function encodeData(data, form) {
  if (form === 'base64' || form === 'jsonParsed') return [Buffer.from(data).toString('base64'), 'base64'];
  if (data.length > base58Limit) {
    throw invalidParams(`Encoded binary (base 58) data should be less than ${base58Limit} bytes, please use Base64 encoding.`);
  }
  const text = data.length ? base58.encode(data) : '';
  return form === 'binary' ? text : [text, 'base58'];
}

/** Reads { encoding, maxSupportedTransactionVersion } and returns a function that encodes a record of a transaction. */
export function transactionEncoder({ encoding, maxSupportedTransactionVersion }) {
  const form = params.variant(encoding, ['json', 'base58', 'base64'], 'json');
  const versions = maxSupportedTransactionVersion !== undefined && maxSupportedTransactionVersion !== null;
  return (record) => {
    const { version } = record.transaction.message;
    if (!versions && version !== 'legacy') throw unsupportedVersion(version);
    return {
      transaction: encodeTransaction(record.transaction, form),
      meta: encodeMeta(record),
      version: versions ? version : undefined,
    };
  };
}

function encodeTransaction({ wire, signatures, message }, form) {
  if (form !== 'json') return [form === 'base58' ? base58.encode(wire) : Buffer.from(wire).toString('base64'), form];
  return {
    signatures,
    message: {
      accountKeys: message.staticKeys,
      header: message.header,
      recentBlockhash: message.blockhash,
      instructions: message.instructions.map((instruction) => encodeInstruction({ ...instruction, stackHeight: 1 })),
      addressTableLookups:
        message.version === 'legacy'
          ? undefined
          : message.lookups.map(({ table, writable, readonly }) => ({
              accountKey: table,
              writableIndexes: writable,
              readonlyIndexes: readonly,
            })),
    },
  };
}

const encodeInstruction = ({ programIdIndex, accounts, data, stackHeight }) => ({
  programIdIndex,
  accounts,
  data: data.length ? base58.encode(data) : '',
  stackHeight,
});

function encodeMeta({ outcome, fee, before, after, loaded }) {
  const err = outcome.error?.json ?? null;
  return {
    err,
    status: err === null ? { Ok: null } : { Err: err },
    fee,
    preBalances: before.lamports,
    postBalances: after.lamports,
    innerInstructions: encodeInner(outcome.inner),
    logMessages: outcome.logs,
    preTokenBalances: before.tokens,
    postTokenBalances: after.tokens,
    rewards: [],
    loadedAddresses: loaded,
    returnData: encodeReturnData(outcome.returnData) ?? undefined,
    computeUnitsConsumed: outcome.units,
  };
}

export const encodeInner = (inner) =>
  inner.map(({ index, instructions }) => ({ index, instructions: instructions.map(encodeInstruction) }));

export const encodeReturnData = (returned) =>
  returned && { programId: returned.programId, data: [Buffer.from(returned.data).toString('base64'), 'base64'] };
