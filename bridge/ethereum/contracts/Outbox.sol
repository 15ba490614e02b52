// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The outbox tree of IPDM. Source: docs/spec/bridge.md, "Outbox", and RFC 9162, 2.1.
library Outbox {
    /// @notice No tree has a leaf with this index.
    error LeafOutsideTree(uint64 index, uint64 count);
    /// @notice A path has more or fewer hashes than lead from the leaf to the root.
    error PathLength(uint256 length, uint64 index, uint64 count);

    /// @notice The leaf of a message.
    function leaf(bytes calldata message) internal pure returns (bytes32) {
        return keccak256(bytes.concat(hex"00", message));
    }

    /// @notice The root to which a path leads from a leaf. (RFC 9162, 2.1.3.2)
    /// @param hash The hash of the leaf.
    /// @param index Which leaf it is.
    /// @param count How many leaves the tree has.
    /// @param path The inclusion path, from the leaf up.
    function root(bytes32 hash, uint64 index, uint64 count, bytes32[] calldata path) internal pure returns (bytes32) {
        if (index >= count) revert LeafOutsideTree(index, count);
        (uint256 position, uint256 last) = (index, count - 1);
        for (uint256 i; i < path.length; ++i) {
            if (last == 0) revert PathLength(path.length, index, count);
            if (position & 1 == 1 || position == last) {
                hash = _node(path[i], hash);
                for (; position & 1 == 0 && position != 0; position >>= 1) {
                    last >>= 1;
                }
            } else {
                hash = _node(hash, path[i]);
            }
            position >>= 1;
            last >>= 1;
        }
        if (last != 0) revert PathLength(path.length, index, count);
        return keccak256(abi.encodePacked("IPDM/ob/v1", count, hash));
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"01", left, right));
    }
}
