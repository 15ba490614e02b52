// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The payloads of control messages. Source: docs/spec/bridge.md, "Outbox".
library Control {
    /// @notice Register an asset of IPDM's, to be minted here.
    uint8 internal constant REGISTER_MINTED = 1;
    /// @notice Register an asset of this chain, to be locked here.
    uint8 internal constant REGISTER_LOCKED = 2;
    /// @notice Set the limit of an asset.
    uint8 internal constant SET_LIMIT = 3;
    /// @notice Name the guardian.
    uint8 internal constant NAME_GUARDIAN = 4;
    /// @notice End a pause.
    uint8 internal constant END_PAUSE = 5;

    uint256 private constant MAX_SYMBOL = 16;

    /// @notice There is no such operation, or its arguments have another length.
    error MalformedControl(uint8 operation, uint256 length);
    /// @notice The guardian is no address of this chain.
    error InvalidGuardian(bytes32 guardian);

    /// @notice What the message does. Reverts unless the arguments of the operation have their length.
    function operation(bytes calldata payload) internal pure returns (uint8 op) {
        op = payload.length == 0 ? 0 : uint8(payload[0]);
        uint256 expected;
        if (op == REGISTER_MINTED && payload.length >= 35) {
            uint256 symbol = uint8(payload[34]);
            if (symbol != 0 && symbol <= MAX_SYMBOL) expected = 35 + symbol;
        } else if (op == REGISTER_LOCKED) {
            expected = 65;
        } else if (op == SET_LIMIT) {
            expected = 69;
        } else if (op == NAME_GUARDIAN) {
            expected = 33;
        } else if (op == END_PAUSE) {
            expected = 1;
        }
        if (expected == 0 || payload.length != expected) revert MalformedControl(op, payload.length);
    }

    /// @notice The arguments of `REGISTER_MINTED`.
    function registerMinted(bytes calldata payload)
        internal
        pure
        returns (bytes32 asset, uint8 decimals, string memory symbol)
    {
        return (bytes32(payload[1:33]), uint8(payload[33]), string(payload[35:]));
    }

    /// @notice The arguments of `REGISTER_LOCKED`.
    function registerLocked(bytes calldata payload) internal pure returns (bytes32 asset, bytes32 token) {
        return (bytes32(payload[1:33]), bytes32(payload[33:65]));
    }

    /// @notice The arguments of `SET_LIMIT`.
    function setLimit(bytes calldata payload) internal pure returns (bytes32 asset, uint256 capacity, uint32 window) {
        return (bytes32(payload[1:33]), uint256(bytes32(payload[33:65])), uint32(bytes4(payload[65:69])));
    }

    /// @notice The argument of `NAME_GUARDIAN`; zero names nobody.
    function nameGuardian(bytes calldata payload) internal pure returns (address) {
        bytes32 guardian = bytes32(payload[1:33]);
        if (uint256(guardian) >> 160 != 0) revert InvalidGuardian(guardian);
        return address(uint160(uint256(guardian)));
    }
}
