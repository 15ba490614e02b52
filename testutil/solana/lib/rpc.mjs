// JSON-RPC 2.0 over HTTP, one request or a batch in a POST.
import { createServer } from 'node:http';
import { internalError, invalidRequest, methodNotFound, parseError, RpcError } from './errors.mjs';
import { parse, stringify } from './json.mjs';
import * as accounts from './methods/accounts.mjs';
import * as blocks from './methods/blocks.mjs';
import * as transactions from './methods/transactions.mjs';

const methods = new Map(Object.entries({ ...accounts, ...blocks, ...transactions }));

/** The names of all methods. */
export const methodNames = [...methods.keys()];

/** Returns an HTTP server for a node. limits: { body: bytes, batch: requests }. */
export function createRpcServer(node, limits) {
  return createServer(async (request, response) => {
    try {
      if (request.method === 'GET' && request.url === '/health') return reply(response, 200, health(node), 'text/plain');
      if (request.method !== 'POST') return reply(response, 405, 'Used HTTP Method is not allowed. POST is required\n', 'text/plain');
      const body = await readBody(request, limits.body);
      if (body === null) return reply(response, 413, `the body exceeds ${limits.body} bytes\n`, 'text/plain');
      if (await misbehave(node, body, response)) return;
      const answer = handleText(node, body, limits.batch);
      if (answer === undefined) return reply(response, 204, '', 'text/plain');
      reply(response, 200, stringify(answer), 'application/json');
    } catch {
      response.destroy(); // the client is gone
    }
  });
}

/** Answers the text of a request or a batch; undefined where only notifications came. */
function handleText(node, text, maxBatch) {
  let message;
  try {
    message = parse(text);
  } catch {
    return failed(null, parseError());
  }
  if (!Array.isArray(message)) return handle(message, (method, params) => call(node, method, params));
  if (message.length === 0) return failed(null, invalidRequest());
  if (message.length > maxBatch) return failed(null, invalidRequest(`a batch of ${message.length}, at most ${maxBatch} expected`));
  const answers = message.map((one) => handle(one, (method, params) => call(node, method, params))).filter(Boolean);
  return answers.length ? answers : undefined;
}

/** Answers one request by run(method, params); undefined where it is a notification. */
export function handle(message, run) {
  if (message === null || typeof message !== 'object' || Array.isArray(message)) return failed(null, invalidRequest());
  const { jsonrpc, id, method, params } = message;
  const validId = id === undefined || id === null || ['string', 'number', 'bigint'].includes(typeof id);
  if (jsonrpc !== '2.0' || typeof method !== 'string' || !validId) return failed(validId ? id : null, invalidRequest());
  try {
    if (params !== undefined && params !== null && !Array.isArray(params)) throw invalidRequest('params are no array');
    const result = run(method, params ?? []);
    return id === undefined ? undefined : { jsonrpc: '2.0', result, id };
  } catch (error) {
    if (!(error instanceof RpcError)) console.error(error);
    const shown = error instanceof RpcError ? error : internalError(error.message);
    return id === undefined ? undefined : failed(id, shown);
  }
}

function call(node, method, params) {
  const found = methods.get(method);
  if (!found) throw methodNotFound();
  return found(node, params);
}

const failed = (id, error) => ({ jsonrpc: '2.0', error: error.toJSON(), id: id ?? null });

function health(node) {
  try {
    node.checkHealth();
    return 'ok';
  } catch (error) {
    return `behind { distance: ${error.data.numSlotsBehind} }`;
  }
}

function reply(response, status, body, type, headers = {}) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers }).end(body);
}

/** Returns the body as text, or null if it is longer than that many bytes. */
async function readBody(request, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Does what the node is told to do wrong with a reply; returns whether that was all. */
async function misbehave(node, body, response) {
  const fault = node.faults.takeReply(methodsOf(body));
  switch (fault?.kind) {
    case 'status':
      refuse(response, fault.status);
      return true;
    case 'hang':
      return true; // until the client gives up or the server ends
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return false;
    default:
      return false;
  }
}

// As the public endpoints do: one that limits rates says so in JSON, a gateway that fails does not.
function refuse(response, status) {
  const message = 'refused by order of the test';
  if (status !== 429) return reply(response, status, `${message}\n`, 'text/plain');
  const body = stringify({ jsonrpc: '2.0', error: { code: status, message }, id: null });
  reply(response, status, body, 'application/json', { 'retry-after': '1' });
}

function methodsOf(body) {
  try {
    return [parse(body)].flat().map((message) => message?.method);
  } catch {
    return [];
  }
}
