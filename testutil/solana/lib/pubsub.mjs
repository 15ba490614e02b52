// PubSub: subscriptions over WebSocket, on the port of the RPC.
import { WebSocketServer } from 'ws';
import { accountEncoder } from './encoding.mjs';
import { internalError, invalidParams, methodNotFound, parseError } from './errors.mjs';
import { accountFilter } from './filters.mjs';
import { parse, stringify } from './json.mjs';
import * as params from './params.mjs';
import { handle } from './rpc.mjs';
import { systemAccount } from './vm.mjs';

const levels = ['processed', 'confirmed', 'finalized'];
const maxSubscriptions = 1000; // a connection
const maxUnsent = 64 * 1024 * 1024; // bytes that a slow client may leave
const defaultAccount = systemAccount(0n); // what is notified of an account that is gone

export class PubSub {
  #node;
  #server;
  #announced; // level -> the latest block whose changes were told
  #subscriptions = new Map(); // id -> { socket, kind, level, ... }
  #lastId = 0;
  #onBlock = () => this.#advance();
  #onRollback = (tip) => this.#retreat(tip);

  constructor(node, httpServer, { body }) {
    this.#node = node;
    this.#server = new WebSocketServer({ server: httpServer, maxPayload: body });
    this.#server.on('connection', (socket) => this.#connect(socket));
    this.#announced = Object.fromEntries(levels.map((level) => [level, node.block(level)]));
    node.ledger.on('block', this.#onBlock).on('rollback', this.#onRollback);
  }

  /** Ends all connections, as a node that restarts does. */
  disconnect() {
    for (const socket of this.#server.clients) socket.terminate();
  }

  close() {
    this.#node.ledger.off('block', this.#onBlock).off('rollback', this.#onRollback);
    this.disconnect();
    this.#server.close();
  }

  #connect(socket) {
    const own = new Set();
    socket.on('error', () => socket.terminate());
    socket.on('close', () => own.forEach((id) => this.#subscriptions.delete(id)));
    socket.on('message', (data) => {
      let after = () => {};
      const answer = this.#read(data, (method, args) => {
        const [result, then] = this.#call(socket, own, method, args);
        after = then ?? after;
        return result;
      });
      if (answer) socket.send(stringify(answer));
      after();
    });
  }

  #read(data, run) {
    try {
      return handle(parse(data.toString()), run);
    } catch {
      return { jsonrpc: '2.0', error: parseError().toJSON(), id: null };
    }
  }

  // Returns the result and what is to be done after it was sent.
  #call(socket, own, method, args) {
    if (method.endsWith('Unsubscribe')) {
      const id = params.integer(args[0]);
      if (!own.delete(id)) throw invalidParams('Invalid subscription id.');
      return [this.#subscriptions.delete(id)];
    }
    const read = readers.get(method);
    if (!read) throw methodNotFound();
    if (own.size >= maxSubscriptions) throw internalError('Subscription refused. Node subscription limit reached');
    const id = ++this.#lastId;
    const subscription = { id, socket, own, notification: method.replace('Subscribe', 'Notification'), ...read(args) };
    if (subscription.address) subscription.lastSlot = this.#modified(subscription, this.#node.block(subscription.level)).slot;
    this.#subscriptions.set(id, subscription);
    own.add(id);
    return [id, () => this.#tellSignature(subscription)];
  }

  #advance() {
    const { chain } = this.#node.ledger;
    for (const level of levels) {
      const latest = this.#node.block(level);
      const fresh = chain.between(this.#announced[level].height, latest.height);
      for (const block of fresh.length ? fresh : [latest]) {
        this.#tellBlock(level, block, fresh.length > 0);
      }
      if (fresh.length) this.#announced[level] = latest;
    }
  }

  // What lies above the tip is told again when another fork brings it.
  #retreat(tip) {
    for (const level of levels) {
      if (this.#announced[level].height > tip.height) this.#announced[level] = tip;
    }
  }

  #tellBlock(level, block, isFresh) {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.level !== level) continue;
      if (subscription.address) this.#tellAccount(subscription, block);
      else if (subscription.signature) this.#tellSignature(subscription);
      else if (isFresh) subscription.tell(this.#node, block, (value) => this.#notify(subscription, value));
    }
  }

  #tellAccount(subscription, block) {
    const { account, slot } = this.#modified(subscription, block);
    if (slot === subscription.lastSlot) return;
    subscription.lastSlot = slot; // smaller than before if a fork took a change back
    this.#notify(subscription, { context: { slot: block.slot }, value: subscription.encode(account ?? defaultAccount) });
  }

  #modified({ address }, block) {
    const seen = this.#node.account(address, block);
    return seen.account ? seen : { account: null, slot: 0 };
  }

  #tellSignature(subscription) {
    const { signature, level, id, own } = subscription;
    const record = signature && this.#node.record(signature, level);
    if (!record) return;
    const value = { err: record.outcome.error?.json ?? null };
    this.#notify(subscription, { context: { slot: record.block.slot }, value });
    this.#subscriptions.delete(id);
    own.delete(id);
  }

  #notify({ id, socket, notification }, result) {
    if (socket.bufferedAmount > maxUnsent) return socket.terminate();
    socket.send(stringify({ jsonrpc: '2.0', method: notification, params: { result, subscription: id } }));
  }
}

const readers = new Map(Object.entries({
  slotSubscribe: () => ({
    level: 'processed',
    tell: (node, { slot, parentSlot }, notify) => notify({ slot, parent: parentSlot, root: node.block('finalized').slot }),
  }),

  rootSubscribe: () => ({ level: 'finalized', tell: (_, { slot }, notify) => notify(slot) }),

  accountSubscribe([address, settings]) {
    const config = params.settings(settings);
    return { level: params.commitment(config.commitment), address: params.address(address), encode: accountEncoder(config) };
  },

  signatureSubscribe([signature, settings]) {
    const config = params.settings(settings);
    return { level: params.commitment(config.commitment), signature: params.signature(signature) };
  },

  programSubscribe([program, settings]) {
    const config = params.settings(settings);
    const owner = params.address(program);
    const passes = accountFilter(config.filters);
    const encode = accountEncoder(config);
    return {
      level: params.commitment(config.commitment),
      tell(node, block, notify) {
        for (const pubkey of block.changed) {
          const { account } = node.account(pubkey, block);
          if (account?.owner !== owner || !passes(account)) continue;
          notify({ context: { slot: block.slot }, value: { pubkey, account: encode(account) } });
        }
      },
    };
  },

  logsSubscribe([filter, settings]) {
    const config = params.settings(settings);
    const mentioned = readMentions(filter);
    return {
      level: params.commitment(config.commitment),
      tell(_, block, notify) {
        for (const { transaction, keys, outcome } of block.transactions) {
          if (mentioned && !keys.includes(mentioned)) continue;
          const value = { signature: transaction.signature, err: outcome.error?.json ?? null, logs: outcome.logs };
          notify({ context: { slot: block.slot }, value });
        }
      },
    };
  },
}));

/** Returns the address that transactions must mention, or null for all of them. */
function readMentions(filter) {
  if (filter === 'all' || filter === 'allWithVotes') return null;
  const addresses = params.list(params.settings(filter).mentions, 100, params.address);
  if (addresses.length !== 1) throw invalidParams('Invalid Request: Only 1 address supported');
  return addresses[0];
}
