// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// @title A contract that takes calls from IPDM
interface IIpdmReceiver {
    /// @notice Takes a call. Must check that `msg.sender` is the `caller()` of the gateway that it trusts, and that
    /// `sender` is whom on IPDM it obeys. What it does counts only if it returns the selector of this function;
    /// otherwise all of it is undone, and IPDM is told that the recipient refused. It may answer through the gateway, with
    /// `call` and `send`.
    /// @param nonce The nonce of the message: no two calls have the same.
    /// @param sender Who sent the call on IPDM.
    /// @param payload What was sent, at most 1024 bytes.
    /// @return `IIpdmReceiver.onIpdmCall.selector`
    function onIpdmCall(uint64 nonce, bytes32 sender, bytes calldata payload) external returns (bytes4);
}
