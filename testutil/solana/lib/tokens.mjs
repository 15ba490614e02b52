// SPL Token and Token-2022 accounts, as far as the RPC shows balances.
import * as base58 from './base58.mjs';

const programs = new Set(['TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb']);
const accountSize = 165;
const mintSize = 82;
const typeOffset = 165; // Token-2022: after the size of an account, 1 marks a mint and 2 an account

const isOf = (account) => account !== null && programs.has(account.owner);

/** Returns { mint, owner, amount } of a token account, or null if it is none. */
export function tokenAccount(account) {
  if (!isOf(account)) return null;
  const { data } = account;
  if (data.length !== accountSize && !(data.length > accountSize && data[typeOffset] === 2)) return null;
  const view = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (view[108] === 0) return null; // not initialized
  return { mint: base58.encode(data.subarray(0, 32)), owner: base58.encode(data.subarray(32, 64)), amount: view.readBigUInt64LE(64) };
}

/** Returns { supply, decimals } of a mint, or null if it is none. */
export function mint(account) {
  if (!isOf(account)) return null;
  const { data } = account;
  if (data.length !== mintSize && !(data.length > accountSize && data[typeOffset] === 1)) return null;
  const view = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (view[45] === 0) return null; // not initialized
  return { supply: view.readBigUInt64LE(36), decimals: view[44] };
}

/** Writes an amount as the RPC does. */
export function uiAmount(amount, decimals) {
  const digits = String(amount).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  const text = fraction ? `${whole}.${fraction}` : whole;
  return { amount: String(amount), decimals, uiAmount: Number(text), uiAmountString: text };
}

/** Returns the balances of those of the accounts of a transaction that hold tokens. */
export function tokenBalances(accounts, accountOf) {
  return accounts.flatMap((account, accountIndex) => {
    const held = tokenAccount(account);
    const minted = held && mint(accountOf(held.mint));
    if (!minted) return [];
    return [{ accountIndex, mint: held.mint, owner: held.owner, programId: account.owner, uiTokenAmount: uiAmount(held.amount, minted.decimals) }];
  });
}
