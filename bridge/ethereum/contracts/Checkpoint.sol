// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The fields of an encoded checkpoint. Source: docs/spec/bridge.md, "Checkpoint".
/// @dev All but `digest` rely on the length that `digest` checks: call it first.
library Checkpoint {
    /// @notice The size of a checkpoint in bytes.
    uint256 internal constant LENGTH = 226;

    /// @notice The domain tag that every checkpoint begins with.
    bytes10 internal constant TAG = "IPDM/cp/v1";

    /// @notice A checkpoint has another length than `LENGTH`.
    error CheckpointLength(uint256 length, uint256 expected);

    /// @notice What signers sign.
    function digest(bytes calldata checkpoint) internal pure returns (bytes32) {
        if (checkpoint.length != LENGTH) revert CheckpointLength(checkpoint.length, LENGTH);
        return keccak256(checkpoint);
    }

    /// @notice The first ten bytes, which have to be `TAG`.
    function tag(bytes calldata checkpoint) internal pure returns (bytes10) {
        return bytes10(checkpoint[:10]);
    }

    /// @notice Keccak-256 of IPDM's chain id.
    function chain(bytes calldata checkpoint) internal pure returns (bytes32) {
        return bytes32(checkpoint[10:42]);
    }

    /// @notice The epoch of the signer set that signs the checkpoint.
    function epoch(bytes calldata checkpoint) internal pure returns (uint64) {
        return uint64(bytes8(checkpoint[42:50]));
    }

    /// @notice The height of the block of IPDM.
    function height(bytes calldata checkpoint) internal pure returns (uint64) {
        return uint64(bytes8(checkpoint[50:58]));
    }

    /// @notice The time of that block, in milliseconds since 1970.
    function time(bytes calldata checkpoint) internal pure returns (uint64) {
        return uint64(bytes8(checkpoint[58:66]));
    }

    /// @notice The root of the trie of anchored manifests.
    function anchorRoot(bytes calldata checkpoint) internal pure returns (bytes32) {
        return bytes32(checkpoint[66:98]);
    }

    /// @notice The root of the outbox: all messages that IPDM has sent so far.
    function outboxRoot(bytes calldata checkpoint) internal pure returns (bytes32) {
        return bytes32(checkpoint[98:130]);
    }

    /// @notice The root of the signer set that signs the checkpoint.
    function setRoot(bytes calldata checkpoint) internal pure returns (bytes32) {
        return bytes32(checkpoint[130:162]);
    }

    /// @notice The root of the signer set that signs the next checkpoint.
    function nextSetRoot(bytes calldata checkpoint) internal pure returns (bytes32) {
        return bytes32(checkpoint[162:194]);
    }
}
