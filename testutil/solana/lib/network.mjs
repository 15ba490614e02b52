// A whole network: one ledger, the nodes that show it, and the control port.
import { once } from 'node:events';
import { createControlServer } from './control.mjs';
import { Faults } from './faults.mjs';
import { Ledger } from './ledger.mjs';
import { Node } from './node.mjs';
import { PubSub } from './pubsub.mjs';
import { createRpcServer } from './rpc.mjs';
import { Timer } from './timer.mjs';

const host = '127.0.0.1';

/**
 * Starts a network. options: { ports: one a node, controlPort, slotMs: 0 for by command only, depths: { confirmed,
 * finalized } in blocks, programs: [address, image] pairs, balances: [address, lamports] pairs, limits: { body, batch } }.
 * Port 0 is any free one.
 * Throws Error where a port is taken or an image is refused.
 */
export async function startNetwork(options) {
  const { depths, programs, balances } = options;
  const ledger = new Ledger({ depths, wallClock: options.slotMs > 0, programs, balances });
  const servers = [];
  const listen = async (server, port) => {
    servers.push(server);
    server.listen(port, host);
    await once(server, 'listening');
    return `${host}:${server.address().port}`;
  };

  const nodes = [];
  const addresses = [];
  for (const port of options.ports) {
    const node = new Node(ledger, new Faults());
    const server = createRpcServer(node, options.limits);
    nodes.push({ node, pubsub: new PubSub(node, server, options.limits) });
    addresses.push(await listen(server, port));
  }
  ledger.produce();
  const timer = new Timer(options.slotMs, () => ledger.produce());
  const control = await listen(createControlServer({ ledger, timer, nodes }), options.controlPort);

  return {
    endpoints: {
      nodes: addresses.map((address) => ({ rpc: `http://${address}`, ws: `ws://${address}` })),
      control: `http://${control}`,
      genesisHash: ledger.genesisHash,
    },
    async close() {
      timer.stop();
      nodes.forEach(({ pubsub }) => pubsub.close());
      await Promise.all(
        servers.map((server) => {
          const closed = new Promise((resolve) => server.close(resolve));
          server.closeAllConnections();
          return closed;
        }),
      );
    },
  };
}
