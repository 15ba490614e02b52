// The control port: passing time, forks and faults, by POST of JSON to a path. Tests own it; clients never see it.
import { createServer } from 'node:http';
import * as base58 from './base58.mjs';
import { maxLag } from './faults.mjs';
import { parse, stringify } from './json.mjs';

const maxBody = 16 * 1024 * 1024;
const maxSlots = 100_000; // of one call
const levels = ['processed', 'confirmed', 'finalized'];

/** Returns an HTTP server that controls a network: { ledger, timer, nodes: [{ node, pubsub }] }. */
export function createControlServer(network) {
  return createServer(async (request, response) => {
    let status = 200;
    let answer;
    try {
      answer = run(network, request.method, request.url, await readJson(request)) ?? state(network);
    } catch (error) {
      status = 400;
      answer = { error: error.message };
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(stringify(answer));
  });
}

function run(network, method, url, body) {
  if (method === 'GET' && url === '/state') return state(network);
  if (method !== 'POST') throw new Error(`${method} ${url}: POST expected`);
  const [, first, index, action] = url.split('/');
  if (first !== 'nodes') return find(networkActions, first)(network, body);
  const node = network.nodes[Number(index)];
  if (!node) throw new Error(`node ${index}, 0 to ${network.nodes.length - 1} expected`);
  return find(nodeActions, action)(node, body);
}

function find(actions, name) {
  if (!Object.hasOwn(actions, name)) throw new Error(`action ${name}, one of ${Object.keys(actions).join(', ')} expected`);
  return actions[name];
}

function state({ ledger, timer, nodes }) {
  const shown = ({ slot, height, hash, time }) => ({ slot, height, hash, time });
  return {
    frozen: timer.frozen,
    slot: ledger.lastSlot,
    nodes: nodes.map(({ node }) => Object.fromEntries(levels.map((level) => [level, shown(node.block(level))]))),
  };
}

const networkActions = {
  /** Makes that many blocks, one a slot. */
  advance({ ledger }, { slots }) {
    const count = integer('slots', slots, 1, maxSlots);
    for (let i = 0; i < count; i++) ledger.produce();
  },

  /** Lets that many slots pass without a block. */
  skip({ ledger }, { slots }) {
    ledger.skip(integer('slots', slots, 1, maxSlots));
  },

  /** Drops that many of the latest blocks, none of them finalized. */
  rollback({ ledger }, { blocks }) {
    ledger.rollback(integer('blocks', blocks, 1, maxSlots));
  },

  /** Makes a block whose time is that many seconds since 1970; time goes on from there. */
  time({ ledger }, { unix }) {
    ledger.setTime(integer('unix', unix, 0, Number.MAX_SAFE_INTEGER / 1000));
    ledger.produce();
  },

  freeze({ timer }) {
    timer.stop();
  },

  resume({ timer }) {
    timer.start();
  },
};

const nodeActions = {
  /** Loses the next transactions without a word. */
  drop({ node }, { transactions }) {
    node.faults.drop = integer('transactions', transactions, 0, maxSlots);
  },

  /** Has each transaction wait for that many slots. */
  hold({ node }, { slots }) {
    node.faults.hold = integer('slots', slots, 0, maxSlots);
  },

  /** Answers as of that many blocks ago. */
  lag({ node }, { blocks }) {
    node.faults.lag = integer('blocks', blocks, 0, maxLag);
  },

  /** Shows a forged account, none for null; the true one again without `account`. */
  account({ node }, { address, account }) {
    if (!base58.decode(address, 32)) throw new Error(`address ${address}: base58 of 32 bytes expected`);
    if (account === undefined) node.faults.accounts.delete(address);
    else node.faults.accounts.set(address, account && readAccount(account));
  },

  /** Answers getSignatureStatuses with a forged status, none for null; the true one again without `status`. */
  status({ node }, { signature, status }) {
    if (!base58.decode(signature, 64)) throw new Error(`signature ${signature}: base58 of 64 bytes expected`);
    if (status === undefined) node.faults.statuses.delete(signature);
    else node.faults.statuses.set(signature, status);
  },

  /** Spoils the next replies, to any method or to some: an HTTP status, no reply at all, or a late one. */
  reply({ node }, { kind, count, methods, status, ms }) {
    if (!['status', 'hang', 'delay'].includes(kind)) throw new Error(`kind ${kind}: status, hang or delay expected`);
    node.faults.addReply({
      kind,
      count: integer('count', count ?? 1, 1, maxSlots),
      methods: methods ? new Set(methods) : null,
      status: kind === 'status' ? integer('status', status, 400, 599) : undefined,
      ms: kind === 'delay' ? integer('ms', ms, 0, 600_000) : undefined,
    });
  },

  /** Ends all WebSocket connections. */
  disconnect({ pubsub }) {
    pubsub.disconnect();
  },

  /** Ends all faults of the node. */
  clear({ node }) {
    node.faults.clear();
  },
};

function readAccount({ lamports, owner, data, executable }) {
  if (!base58.decode(owner, 32)) throw new Error(`owner ${owner}: base58 of 32 bytes expected`);
  return { lamports: BigInt(lamports), owner, data: Uint8Array.from(Buffer.from(data ?? '', 'base64')), executable: executable === true };
}

function integer(name, value, least, most) {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${name} ${value}: an integer from ${least} to ${most} expected`);
}

async function readJson(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBody) throw new Error(`a body of more than ${maxBody} bytes`);
    chunks.push(chunk);
  }
  return size ? parse(Buffer.concat(chunks).toString()) : {};
}
