// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The fields of an encoded message. Source: docs/spec/bridge.md, "Outbox".
/// @dev All but `check` rely on the length that `check` checks: call it first.
library Message {
    /// @notice The size of a message in bytes.
    uint256 internal constant LENGTH = 160;

    /// @notice The domain tag that every message begins with.
    bytes11 internal constant TAG = "IPDM/msg/v1";

    /// @notice The bytes are no message.
    error MalformedMessage(uint256 length, uint256 expected);

    /// @notice Reverts unless the bytes have the length and the tag of a message.
    function check(bytes calldata message) internal pure {
        if (message.length != LENGTH || bytes11(message[:11]) != TAG) revert MalformedMessage(message.length, LENGTH);
    }

    /// @notice 1 transfer, 2 call, 3 control.
    function kind(bytes calldata message) internal pure returns (uint8) {
        return uint8(message[11]);
    }

    /// @notice The number of the destination chain.
    function domain(bytes calldata message) internal pure returns (uint32) {
        return uint32(bytes4(message[12:16]));
    }

    /// @notice The gateway on the destination chain.
    function application(bytes calldata message) internal pure returns (bytes32) {
        return bytes32(message[16:48]);
    }

    /// @notice The index of the message in the outbox.
    function nonce(bytes calldata message) internal pure returns (uint64) {
        return uint64(bytes8(message[48:56]));
    }

    /// @notice Who sends it on IPDM; zero for IPDM's governance.
    function sender(bytes calldata message) internal pure returns (bytes32) {
        return bytes32(message[56:88]);
    }

    /// @notice Whom it is for.
    function recipient(bytes calldata message) internal pure returns (bytes32) {
        return bytes32(message[88:120]);
    }

    /// @notice From when on it must not be delivered, in milliseconds since 1970; 0 is never.
    function timeout(bytes calldata message) internal pure returns (uint64) {
        return uint64(bytes8(message[120:128]));
    }

    /// @notice Keccak-256 of the payload.
    function payloadHash(bytes calldata message) internal pure returns (bytes32) {
        return bytes32(message[128:160]);
    }
}
