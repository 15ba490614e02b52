// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Rlp} from "./Rlp.sol";

/// @notice Proofs of inclusion in Merkle-Patricia tries with keys of 32 bytes. Source: Ethereum yellow paper, appendix D.
library MerklePatricia {
    /// @notice The most nodes that a proof may have: one for each half-byte of the key, and the leaf.
    uint256 internal constant MAX_NODES = 65;

    uint256 private constant KEY_NIBBLES = 64;

    /// @notice A proof has no node, or more than there can be.
    error ProofLength(uint256 nodes, uint256 most);
    /// @notice A node of the proof is not the one that the root, or the node before, names.
    error NodeHash(uint256 node, bytes32 hash, bytes32 expected);
    /// @notice A node of the proof is no node of a trie.
    error MalformedNode(uint256 node);
    /// @notice The proof shows that the trie does not have the key: their first half-bytes are all that they share.
    error KeyAbsent(bytes32 key, uint256 nibbles);
    /// @notice The proof goes on after the leaf, or stops before it.
    error ProofEnd(uint256 nodes, uint256 needed);

    /// @dev Where a walk down the trie is.
    struct Cursor {
        bytes32 key;
        uint256 depth; // how many half-bytes of the key lie behind
        uint256 node; // number of the proof's node
        uint256 start; // the content of the node, or of the node inside it, in calldata
        uint256 end;
        bytes32 child; // hash of the node to go on with, zero at the leaf
        uint256 valueStart; // the value, at the leaf
        uint256 valueEnd;
    }

    /// @notice Returns the value that a trie has for a key. Reverts unless the proof shows it.
    /// @param root The root of the trie.
    /// @param key The key.
    /// @param proof The nodes from the root down, in RLP.
    function get(bytes32 root, bytes32 key, bytes[] calldata proof) internal pure returns (bytes calldata value) {
        if (proof.length == 0 || proof.length > MAX_NODES) revert ProofLength(proof.length, MAX_NODES);
        Cursor memory walk;
        walk.key = key;
        walk.child = root;
        for (uint256 i; i < proof.length; ++i) {
            bytes calldata node = proof[i];
            bytes32 hash = keccak256(node);
            if (hash != walk.child) revert NodeHash(i, hash, walk.child);

            uint256 start;
            assembly ("memory-safe") {
                start := node.offset
            }
            walk.node = i;
            walk.child = 0;
            _enter(walk, start, start + node.length);
            while (walk.child == 0 && walk.valueEnd == 0) _step(walk);
            if (walk.valueEnd != 0) {
                if (i + 1 != proof.length) revert ProofEnd(proof.length, i + 1);
                (start, i) = (walk.valueStart, walk.valueEnd);
                assembly ("memory-safe") {
                    value.offset := start
                    value.length := sub(i, start)
                }
                return value;
            }
        }
        revert ProofEnd(proof.length, proof.length + 1);
    }

    /// @dev Goes to a node that fills the bytes from start to end.
    function _enter(Cursor memory walk, uint256 start, uint256 end) private pure {
        (bool list, uint256 content, uint256 next) = Rlp.item(start, end);
        if (!list || next != end) revert MalformedNode(walk.node);
        (walk.start, walk.end) = (content, end);
    }

    /// @dev Goes from a node to its child: one inside it, or one that it names by its hash; or finds the value.
    /// Each step but the last takes at least one half-byte of the key.
    function _step(Cursor memory walk) private pure {
        (bool firstIsList, uint256 first, uint256 second) = Rlp.item(walk.start, walk.end);
        (bool list, uint256 start, uint256 next) = Rlp.item(second, walk.end);
        if (next != walk.end) return _stepBranch(walk);

        if (firstIsList) revert MalformedNode(walk.node);
        if (_stepPath(walk, first, second)) {
            if (list || start == next) revert MalformedNode(walk.node);
            (walk.valueStart, walk.valueEnd) = (start, next);
        } else {
            _stepChild(walk, list, second, start, next);
        }
    }

    /// @dev A branch: 16 children and a value, which no key of 32 bytes can have.
    function _stepBranch(Cursor memory walk) private pure {
        if (walk.depth == KEY_NIBBLES) revert MalformedNode(walk.node);
        uint256 nibble = uint256(walk.key << (4 * walk.depth)) >> 252;
        (uint256 offset, uint256 end) = (walk.start, walk.end);
        uint256 child;
        unchecked {
            for (uint256 i; i < 16; ++i) {
                if (i == nibble) child = offset;
                offset = _skipChild(offset, end);
            }
        }
        (bool list, uint256 start, uint256 next) = Rlp.item(offset, end); // reverts if a child was past the end
        if (list || start != next || next != end) revert MalformedNode(walk.node);

        (list, start, next) = Rlp.item(child, end);
        if (!list && start == next) revert KeyAbsent(walk.key, walk.depth);
        ++walk.depth;
        _stepChild(walk, list, child, start, next);
    }

    /// @dev Where the item after a child of a branch begins; past the end if the child does. Nearly all children are empty
    /// or hashes.
    function _skipChild(uint256 offset, uint256 end) private pure returns (uint256 next) {
        uint256 first = Rlp.byteAt(offset);
        unchecked {
            if (first == 0x80) return offset + 1;
            if (first == 0xa0) return offset + 33;
        }
        (,, next) = Rlp.item(offset, end);
    }

    /// @dev The path of a leaf or an extension, with the flags in its first half-byte: 2 leaf, 1 odd length.
    function _stepPath(Cursor memory walk, uint256 start, uint256 end) private pure returns (bool leaf) {
        uint256 size = end - start;
        if (size == 0 || size > 33) revert MalformedNode(walk.node);
        uint256 first = Rlp.byteAt(start);
        bool odd = first & 0x10 != 0;
        leaf = first & 0x20 != 0;
        if (first > 0x3f || (!odd && first & 0x0f != 0)) revert MalformedNode(walk.node);

        uint256 nibbles = 2 * size - (odd ? 1 : 2);
        uint256 depth = walk.depth + nibbles;
        if (leaf ? depth != KEY_NIBBLES : nibbles == 0 || depth >= KEY_NIBBLES) revert MalformedNode(walk.node);
        uint256 path;
        assembly ("memory-safe") {
            path := shl(mul(4, odd), calldataload(add(start, iszero(odd))))
        }
        if ((path ^ uint256(walk.key << (4 * walk.depth))) >> (256 - 4 * nibbles) != 0) {
            revert KeyAbsent(walk.key, walk.depth);
        }
        walk.depth = depth;
    }

    /// @dev A child: the hash of a node, or a node of less than 32 bytes itself.
    function _stepChild(Cursor memory walk, bool list, uint256 child, uint256 start, uint256 next) private pure {
        if (list && next - child < 32) {
            return _enter(walk, child, next);
        }
        if (list || next - start != 32) revert MalformedNode(walk.node);
        bytes32 hash;
        assembly ("memory-safe") {
            hash := calldataload(start)
        }
        if (hash == 0) revert MalformedNode(walk.node);
        walk.child = hash;
    }
}
