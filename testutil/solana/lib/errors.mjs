// The errors of Agave's JSON-RPC (rpc-client-api/src/custom_error.rs): codes, texts and the shape of `data`.

/** An error that the client sees as it is. */
export class RpcError extends Error {
  constructor(code, message, data) {
    super(message);
    this.code = code;
    this.data = data;
  }

  toJSON() {
    return { code: this.code, message: this.message, data: this.data };
  }
}

export const parseError = () => new RpcError(-32700, 'Parse error');
export const invalidRequest = (why) => new RpcError(-32600, why ? `Invalid request: ${why}` : 'Invalid request');
export const methodNotFound = () => new RpcError(-32601, 'Method not found');
export const invalidParams = (message) => new RpcError(-32602, message);
export const internalError = (message) => new RpcError(-32603, `Internal error: ${message}`);

export const blockCleanedUp = (slot, first) =>
  new RpcError(-32001, `Block ${slot} cleaned up, does not exist on node. First available block: ${first}`);
export const preflightFailure = (reason, result) => new RpcError(-32002, `Transaction simulation failed: ${reason}`, result);
export const signatureVerificationFailure = () => new RpcError(-32003, 'Transaction signature verification failure');
export const blockNotAvailable = (slot) => new RpcError(-32004, `Block not available for slot ${slot}`);
export const nodeUnhealthy = (behind) => new RpcError(-32005, `Node is behind by ${behind} slots`, { numSlotsBehind: behind });
export const slotSkipped = (slot) =>
  new RpcError(-32007, `Slot ${slot} was skipped, or missing due to ledger jump to recent snapshot`);
export const unsupportedVersion = (version) =>
  new RpcError(
    -32015,
    `Transaction version (${version}) is not supported by the requesting client. ` +
      `Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
  );
export const minContextSlotNotReached = (slot) =>
  new RpcError(-32016, 'Minimum context slot has not been reached', { contextSlot: slot });
