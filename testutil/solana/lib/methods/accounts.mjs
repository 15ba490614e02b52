// Calls that read accounts.
import { accountEncoder } from '../encoding.mjs';
import { invalidParams } from '../errors.mjs';
import { accountFilter } from '../filters.mjs';
import * as params from '../params.mjs';
import { mint, tokenAccount, uiAmount } from '../tokens.mjs';

const maxAccountSize = 10 * 1024 * 1024;

export function getAccountInfo(node, [address, settings]) {
  const { block, config } = readAt(node, settings);
  const encode = accountEncoder(config);
  return { context: node.context(block), value: encode(node.account(params.address(address), block).account) };
}

export function getMultipleAccounts(node, [addresses, settings]) {
  const { block, config } = readAt(node, settings);
  const encode = accountEncoder(config, 'base64');
  const accounts = params.list(addresses, 100, params.address);
  return { context: node.context(block), value: accounts.map((address) => encode(node.account(address, block).account)) };
}

export function getProgramAccounts(node, [program, settings]) {
  const { block, config } = readAt(node, settings);
  const passes = accountFilter(config.filters);
  const encode = accountEncoder(config);
  const owned = node.ownedBy(params.address(program), block).filter(([, account]) => passes(account));
  const value = owned.map(([pubkey, account]) => ({ pubkey, account: encode(account) }));
  return config.withContext ? { context: node.context(block), value } : value;
}

export function getBalance(node, [address, settings]) {
  const { block } = readAt(node, settings);
  return { context: node.context(block), value: node.account(params.address(address), block).account?.lamports ?? 0 };
}

export function getTokenAccountBalance(node, [address, settings]) {
  const { block } = readAt(node, settings);
  const held = tokenAccount(existing(node, address, block));
  if (!held) throw invalidParams('Invalid param: not a Token account');
  const minted = mint(node.account(held.mint, block).account);
  if (!minted) throw invalidParams('Invalid param: could not find mint');
  return { context: node.context(block), value: uiAmount(held.amount, minted.decimals) };
}

export function getTokenSupply(node, [address, settings]) {
  const { block } = readAt(node, settings);
  const minted = mint(existing(node, address, block));
  if (!minted) throw invalidParams('Invalid param: not a Token mint');
  return { context: node.context(block), value: uiAmount(minted.supply, minted.decimals) };
}

export function getMinimumBalanceForRentExemption(node, [size]) {
  const bytes = params.integer(size);
  if (bytes > maxAccountSize) throw invalidParams(`Invalid param: ${bytes} bytes, at most ${maxAccountSize}`);
  return node.ledger.minimumBalance(bytes);
}

function existing(node, address, block) {
  const { account } = node.account(params.address(address), block);
  if (!account) throw invalidParams('Invalid param: could not find account');
  return account;
}

/** Reads { commitment, minContextSlot } and returns the block to read from. */
function readAt(node, settings) {
  const config = params.settings(settings);
  return { config, block: node.block(params.commitment(config.commitment), params.integer(config.minContextSlot, 0)) };
}
