// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IIpdmReceiver} from "./IIpdmReceiver.sol";

/// @title The sender of calls from IPDM
/// @notice Calls the recipients of messages for a gateway. It holds nothing and has no rights anywhere, so that a call
/// to whatever recipient can move no value of the gateway's.
contract IpdmCaller {
    /// @notice The gas that a recipient gets.
    uint256 public constant CALL_GAS = 500_000;

    /// @notice The gateway, which alone may use this contract.
    address public immutable gateway;

    /// @notice Only the gateway may do this.
    error NotGateway(address sender, address gateway);
    /// @notice The recipient is no contract, reverted, or did not return the selector that means that it took the call.
    error Refused(address recipient);

    constructor() {
        gateway = msg.sender;
    }

    /// @notice Calls a recipient, and reverts unless it takes the call.
    /// @param recipient An `IIpdmReceiver`.
    /// @param nonce The nonce of the message.
    /// @param sender Who sent it on IPDM.
    /// @param payload What was sent.
    function call(address recipient, uint64 nonce, bytes32 sender, bytes calldata payload) external {
        if (msg.sender != gateway) revert NotGateway(msg.sender, gateway);
        bytes memory input = abi.encodeCall(IIpdmReceiver.onIpdmCall, (nonce, sender, payload));
        bytes32 expected = IIpdmReceiver.onIpdmCall.selector;
        bool taken;
        assembly ("memory-safe") {
            // No more than a word of what comes back is copied, however much it is.
            taken := call(CALL_GAS, recipient, 0, add(input, 32), mload(input), 0, 32)
            taken := and(taken, and(gt(returndatasize(), 31), eq(mload(0), expected)))
        }
        if (!taken) revert Refused(recipient);
    }
}
