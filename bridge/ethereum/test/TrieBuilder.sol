// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Builds Merkle-Patricia tries with keys of 32 bytes, and proofs in them. It is made for few keys.
contract TrieBuilder {
    bytes32[] private _keys;
    mapping(bytes32 => bytes) private _values;
    bytes[] private _proof; // of the last build, from the leaf up

    /// @notice Adds a key, which must be new.
    function put(bytes32 key, bytes calldata value) external {
        _keys.push(key);
        _values[key] = value;
    }

    /// @notice The root, and the proof of a key: the nodes on its way as far as the trie goes.
    function build(bytes32 key) external returns (bytes32 root, bytes[] memory proof) {
        delete _proof;
        bytes memory node = _node(_keys, 0, key, true);
        if (node.length < 32) _proof.push(node); // the root is hashed whatever its size
        root = keccak256(node);
        proof = new bytes[](_proof.length);
        for (uint256 i; i < proof.length; ++i) {
            proof[i] = _proof[proof.length - 1 - i];
        }
    }

    /// @notice RLP of a string.
    function rlpString(bytes memory content) public pure returns (bytes memory) {
        if (content.length == 1 && uint8(content[0]) < 0x80) return content;
        return bytes.concat(_header(content.length, 0x80), content);
    }

    /// @notice RLP of a list of encoded items.
    function rlpList(bytes memory items) public pure returns (bytes memory) {
        return bytes.concat(_header(items.length, 0xc0), items);
    }

    /// @notice The half-bytes [from, to) of a key as the path of a leaf or an extension.
    function path(bytes32 key, uint256 from, uint256 to, bool leaf) public pure returns (bytes memory out) {
        uint256 flags = leaf ? 2 : 0;
        if ((to - from) % 2 == 1) {
            out = abi.encodePacked(uint8((flags + 1) << 4 | nibble(key, from++)));
        } else {
            out = abi.encodePacked(uint8(flags << 4));
        }
        for (; from < to; from += 2) {
            out = abi.encodePacked(out, uint8(nibble(key, from) << 4 | nibble(key, from + 1)));
        }
    }

    /// @notice The half-byte of a key at a depth.
    function nibble(bytes32 key, uint256 depth) public pure returns (uint256) {
        return uint256(key << (4 * depth)) >> 252;
    }

    /// @dev The node over keys that share their first half-bytes.
    function _node(bytes32[] memory keys, uint256 depth, bytes32 key, bool proven) private returns (bytes memory node) {
        if (keys.length == 1) {
            node = rlpList(bytes.concat(rlpString(path(keys[0], depth, 64, true)), rlpString(_values[keys[0]])));
        } else {
            uint256 shared = depth;
            while (_share(keys, shared)) ++shared;
            if (shared > depth) {
                bool further = proven && path(key, depth, shared, false).length > 0
                    && keccak256(path(key, depth, shared, false)) == keccak256(path(keys[0], depth, shared, false));
                bytes memory child = _reference(_node(keys, shared, key, further));
                node = rlpList(bytes.concat(rlpString(path(keys[0], depth, shared, false)), child));
            } else {
                node = _branch(keys, depth, key, proven);
            }
        }
        if (proven && node.length >= 32) _proof.push(node);
    }

    function _branch(bytes32[] memory keys, uint256 depth, bytes32 key, bool proven) private returns (bytes memory) {
        bytes memory items;
        for (uint256 n; n < 16; ++n) {
            bytes32[] memory part = _part(keys, depth, n);
            bytes memory child = part.length == 0
                ? bytes(hex"80")
                : _reference(_node(part, depth + 1, key, proven && nibble(key, depth) == n));
            items = bytes.concat(items, child);
        }
        return rlpList(bytes.concat(items, hex"80"));
    }

    function _reference(bytes memory node) private pure returns (bytes memory) {
        return node.length < 32 ? node : rlpString(abi.encode(keccak256(node)));
    }

    function _share(bytes32[] memory keys, uint256 depth) private pure returns (bool) {
        for (uint256 i = 1; i < keys.length; ++i) {
            if (nibble(keys[i], depth) != nibble(keys[0], depth)) return false;
        }
        return true;
    }

    function _part(bytes32[] memory keys, uint256 depth, uint256 n) private pure returns (bytes32[] memory part) {
        uint256 count;
        for (uint256 i; i < keys.length; ++i) {
            if (nibble(keys[i], depth) == n) ++count;
        }
        part = new bytes32[](count);
        for (uint256 i = keys.length; i > 0; --i) {
            if (nibble(keys[i - 1], depth) == n) part[--count] = keys[i - 1];
        }
    }

    function _header(uint256 length, uint256 base) private pure returns (bytes memory) {
        if (length < 56) return abi.encodePacked(uint8(base + length));
        if (length < 256) return abi.encodePacked(uint8(base + 56), uint8(length));
        return abi.encodePacked(uint8(base + 57), uint16(length));
    }
}
