// What the tests share: a network whose slots pass by command, a client, and signed transactions.
import * as kit from '@solana/kit';
import WebSocket from 'ws';
import { parse, stringify } from '../lib/json.mjs';
import { startNetwork } from '../lib/network.mjs';

export const SOL = 1_000_000_000n;
export const systemProgram = '11111111111111111111111111111111';

/** Starts a network for one test, with depths 2 and 6 so that finality is near. */
export async function network(t, options = {}) {
  const started = await startNetwork({
    ports: [0, 0],
    controlPort: 0,
    slotMs: 0,
    depths: { confirmed: 2, finalized: 6 },
    programs: [],
    balances: [],
    limits: { body: 51200, batch: 100 },
    ...options,
  });
  t.after(() => started.close());
  const { nodes, control } = started.endpoints;
  const command = async (path, body = {}) => {
    const response = await fetch(`${control}/${path}`, { method: 'POST', body: stringify(body) });
    const answer = parse(await response.text());
    if (!response.ok) throw new Error(answer.error);
    return answer;
  };
  return {
    nodes: nodes.map(({ rpc, ws }) => new Client(rpc, ws)),
    node: new Client(nodes[0].rpc, nodes[0].ws),
    command,
    advance: (slots = 1) => command('advance', { slots }),
    rollback: (blocks) => command('rollback', { blocks }),
    fault: (action, body, node = 0) => command(`nodes/${node}/${action}`, body),
  };
}

export class Client {
  constructor(rpc, ws) {
    this.rpc = rpc;
    this.ws = ws;
  }

  async post(body, options = {}) {
    const text = typeof body === 'string' ? body : stringify(body);
    return fetch(this.rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text, ...options });
  }

  /** Returns the result, or throws an Error with code and data. */
  async call(method, ...params) {
    const response = await this.post({ jsonrpc: '2.0', id: 1, method, params });
    const { result, error } = parse(await response.text());
    if (error) throw Object.assign(new Error(error.message), error);
    return result;
  }

  async blockhash(commitment = 'processed') {
    return (await this.call('getLatestBlockhash', { commitment })).value.blockhash;
  }

  async balance(address, commitment = 'processed') {
    return BigInt((await this.call('getBalance', address, { commitment })).value);
  }

  async status(signature, config) {
    return (await this.call('getSignatureStatuses', [signature], config)).value[0];
  }

  send(transaction, config = {}) {
    return this.call('sendTransaction', transaction, { encoding: 'base64', preflightCommitment: 'processed', ...config });
  }

  /** Opens a PubSub connection for one test. */
  async subscribe(t) {
    const socket = new WebSocket(this.ws);
    const feed = new Feed(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    t.after(() => socket.terminate());
    return feed;
  }
}

/** The messages of a PubSub connection, in their order. */
class Feed {
  #messages = [];
  #waiting = [];
  #id = 0;

  constructor(socket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.#messages.push(parse(data.toString()));
      this.#waiting.splice(0).forEach((wake) => wake());
    });
  }

  /** Returns the subscription's id; what came before it stays to be read. */
  async call(method, ...params) {
    const id = ++this.#id;
    this.socket.send(stringify({ jsonrpc: '2.0', id, method, params }));
    const { result, error } = await this.#take((message) => message.id === id);
    if (error) throw Object.assign(new Error(error.message), error);
    return result;
  }

  /** Returns the next result that was notified to a subscription. */
  async next(subscription) {
    return (await this.#take((message) => message.params?.subscription === subscription)).params.result;
  }

  /** Returns what has come to a subscription and was not read; a call's answer comes after what was sent before it. */
  async unread(subscription) {
    await this.call('slotUnsubscribe', 0).catch(() => {});
    return this.#messages.filter((message) => message.params?.subscription === subscription).length;
  }

  async #take(wanted) {
    for (;;) {
      const index = this.#messages.findIndex(wanted);
      if (index >= 0) return this.#messages.splice(index, 1)[0];
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }
}

export const newKey = () => kit.generateKeyPairSigner();

/** Returns a key that owns lamports, finalized. */
export async function funded(net, lamports = 10n * SOL) {
  const key = await newKey();
  await net.node.call('requestAirdrop', key.address, lamports, { commitment: 'processed' });
  await net.advance(8);
  return key;
}

/** Returns a signed transaction in base64, and its signature. */
export async function sign(payer, instructions, blockhash, { version = 0 } = {}) {
  const message = kit.pipe(
    kit.createTransactionMessage({ version }),
    (m) => kit.setTransactionMessageFeePayerSigner(payer, m),
    (m) => kit.setTransactionMessageLifetimeUsingBlockhash({ blockhash, lastValidBlockHeight: 0n }, m),
    (m) => kit.appendTransactionMessageInstructions(instructions, m),
  );
  const signed = await kit.signTransactionMessageWithSigners(message);
  return { wire: kit.getBase64EncodedWireTransaction(signed), signature: kit.getSignatureFromTransaction(signed) };
}

export function transferOf(from, to, lamports) {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2);
  data.writeBigUInt64LE(BigInt(lamports), 4);
  return {
    programAddress: systemProgram,
    accounts: [
      { address: from.address, role: kit.AccountRole.WRITABLE_SIGNER, signer: from },
      { address: to, role: kit.AccountRole.WRITABLE },
    ],
    data,
  };
}

export const transfer = (from, to, lamports, blockhash, options) => sign(from, [transferOf(from, to, lamports)], blockhash, options);
