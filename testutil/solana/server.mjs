#!/usr/bin/env node
// Runs a Solana network for tests. Prints one line of JSON with its endpoints when it is ready; ends on SIGTERM, SIGINT
// or when its input is closed.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as base58 from './lib/base58.mjs';
import { startNetwork } from './lib/network.mjs';

const usage = `usage: node server.mjs [options]
  --nodes N               RPC nodes of the network, each with faults of its own (1)
  --port P                RPC and PubSub of the first node, the others on the ports after it (0: any free ones)
  --control-port P        control port (0: a free one)
  --slot-ms MS            milliseconds a slot (400)
  --manual                slots pass by command only
  --confirmed-depth N     blocks below the tip at which a block is confirmed (2)
  --finalized-depth N     blocks below the tip at which a block is finalized (32)
  --program ID=FILE.so    a program of the upgradeable loader; may be repeated
  --fund ADDRESS=LAMPORTS an account that has lamports from the start; may be repeated
  --max-body BYTES        the longest request (51200)
  --max-batch N           the most requests of a batch (100)
`;

function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      nodes: { type: 'string', default: '1' },
      port: { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      'slot-ms': { type: 'string', default: '400' },
      manual: { type: 'boolean', default: false },
      'confirmed-depth': { type: 'string', default: '2' },
      'finalized-depth': { type: 'string', default: '32' },
      program: { type: 'string', multiple: true, default: [] },
      fund: { type: 'string', multiple: true, default: [] },
      'max-body': { type: 'string', default: '51200' },
      'max-batch': { type: 'string', default: '100' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const integer = (name, least, most) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${name} ${values[name]}: an integer from ${least} to ${most} expected`);
  };
  const port = integer('port', 0, 65535);
  const depths = { confirmed: integer('confirmed-depth', 0, 255), finalized: integer('finalized-depth', 1, 256) };
  if (depths.confirmed > depths.finalized) throw new Error('--confirmed-depth exceeds --finalized-depth');
  return {
    ports: Array.from({ length: integer('nodes', 1, 16) }, (_, i) => (port ? port + i : 0)),
    controlPort: integer('control-port', 0, 65535),
    slotMs: values.manual ? 0 : integer('slot-ms', 1, 3_600_000),
    depths,
    programs: values.program.map(readProgram),
    balances: values.fund.map(readBalance),
    limits: { body: integer('max-body', 1, 1 << 30), batch: integer('max-batch', 1, 1 << 20) },
  };
}

function readProgram(text) {
  const [id, file] = text.split(/=(.*)/s);
  if (!base58.decode(id, 32) || !file) throw new Error(`--program ${text}: ADDRESS=FILE expected`);
  return [id, readFileSync(file)];
}

function readBalance(text) {
  const [address, lamports] = text.split(/=(.*)/s);
  if (!base58.decode(address, 32) || !/^\d{1,18}$/.test(lamports)) throw new Error(`--fund ${text}: ADDRESS=LAMPORTS expected`);
  return [address, BigInt(lamports)];
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (!options) return process.stdout.write(usage);
  const network = await startNetwork(options);
  const end = () => network.close().then(() => process.exit(0));
  process.once('SIGTERM', end).once('SIGINT', end);
  process.stdin.once('end', end).once('error', end).resume();
  process.stdout.write(`${JSON.stringify(network.endpoints)}\n`);
}

main().catch((error) => {
  process.stderr.write(`failed to start the Solana test network: ${error.message}\n`);
  process.exit(1);
});
