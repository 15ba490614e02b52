// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerklePatricia} from "../contracts/MerklePatricia.sol";
import {Rlp} from "../contracts/Rlp.sol";
import {Base} from "./Base.sol";
import {TrieBuilder} from "./TrieBuilder.sol";

contract Verifier {
    function get(bytes32 root, bytes32 key, bytes[] calldata proof) external pure returns (bytes memory) {
        return MerklePatricia.get(root, key, proof);
    }
}

contract MerklePatriciaTest is Base {
    Verifier private verifier;
    TrieBuilder private trie;

    function setUp() public {
        verifier = new Verifier();
        trie = new TrieBuilder();
    }

    function test_ProvesTheOnlyKey() public {
        trie.put("key", "value");
        (bytes32 root, bytes[] memory proof) = trie.build("key");
        assertEq(proof.length, 1, "nodes");
        assertEq(verifier.get(root, "key", proof), "value", "value");
    }

    function test_ProvesKeysThatDifferInTheLastHalfByteOnly() public {
        bytes32 key = keccak256("key");
        bytes32 other = key ^ bytes32(uint256(1));
        trie.put(key, hex"11");
        trie.put(other, hex"99");
        (bytes32 root, bytes[] memory proof) = trie.build(key);
        assertEq(proof.length, 1, "nodes: the branch and the leaf are inside the extension");
        assertEq(verifier.get(root, key, proof), hex"11", "value");
        assertEq(verifier.get(root, other, proof), hex"99", "value of the other key");
        bytes32 third = key ^ bytes32(uint256(2));
        vm.expectRevert(abi.encodeWithSelector(MerklePatricia.KeyAbsent.selector, third, 63));
        verifier.get(root, third, proof);
    }

    function test_ProvesTheDeepestKey() public view {
        bytes32 key = keccak256("key");
        bytes[] memory proof = new bytes[](65);
        proof[64] = trie.rlpList(bytes.concat(hex"20", trie.rlpString(new bytes(99))));
        for (uint256 depth = 64; depth > 0; --depth) {
            bytes memory child = trie.rlpString(abi.encode(keccak256(proof[depth])));
            bytes memory sibling = trie.rlpString(abi.encode(keccak256(abi.encode(depth))));
            bytes memory items;
            for (uint256 n; n < 16; ++n) {
                items = bytes.concat(items, n == trie.nibble(key, depth - 1) ? child : sibling);
            }
            proof[depth - 1] = trie.rlpList(bytes.concat(items, hex"80"));
        }
        assertEq(verifier.get(keccak256(proof[0]), key, proof), new bytes(99), "value");
    }

    function test_TellsAnAbsentKeyAtABranchALeafAndAnExtension() public {
        trie.put(hex"1111", new bytes(40));
        trie.put(hex"1112", new bytes(40));
        trie.put(hex"20", new bytes(40));
        absent(hex"30", 0);
        absent(hex"21", 1);
        absent(hex"12", 1);
        absent(hex"1113", 3);
    }

    /// Proofs that go-ethereum has made.
    function test_AgreesWithGoEthereum() public {
        string memory json = vm.readFile("fixtures/tries.json");
        assertEq(countFixtures(json, ".anchors"), 3, "records");
        assertEq(countFixtures(json, ".present"), 3, "other values");
        assertEq(countFixtures(json, ".absent"), 4, "absent keys");
    }

    /// The number of proofs in a list, all of which must be right: of a value, or of there being none.
    function countFixtures(string memory json, string memory list) private returns (uint256 i) {
        for (;; ++i) {
            string memory fixture = string.concat(list, "[", vm.toString(i), "]");
            if (!vm.keyExistsJson(json, fixture)) return i;
            bytes32 root = vm.parseJsonBytes32(json, string.concat(fixture, ".root"));
            bytes32 key = vm.parseJsonBytes32(json, string.concat(fixture, ".key"));
            bytes[] memory proof = vm.parseJsonBytesArray(json, string.concat(fixture, ".proof"));
            bytes memory expected = vm.parseJsonBytes(json, string.concat(fixture, ".value"));
            string memory name = vm.parseJsonString(json, string.concat(fixture, ".name"));
            (bool done, bytes memory out) = address(verifier).call(abi.encodeCall(Verifier.get, (root, key, proof)));
            assertTrue(done == (expected.length != 0), name);
            if (done) assertEq(abi.decode(out, (bytes)), expected, name);
            else assertEq(bytes32(bytes4(out)), bytes32(MerklePatricia.KeyAbsent.selector), name);
        }
    }

    function test_RefusesOtherNumbersOfNodes() public {
        (bytes32 root, bytes32 key, bytes[] memory proof) = sample();
        bytes[] memory none;
        vm.expectRevert(abi.encodeWithSelector(MerklePatricia.ProofLength.selector, 0, 65));
        verifier.get(root, key, none);
        vm.expectRevert(abi.encodeWithSelector(MerklePatricia.ProofLength.selector, 66, 65));
        verifier.get(root, key, new bytes[](66));

        bytes[] memory longer = new bytes[](proof.length + 1);
        bytes[] memory shorter = new bytes[](proof.length - 1);
        for (uint256 i; i < proof.length; ++i) {
            longer[i] = proof[i];
            if (i < shorter.length) shorter[i] = proof[i];
        }
        longer[proof.length] = proof[0];
        vm.expectRevert(abi.encodeWithSelector(MerklePatricia.ProofEnd.selector, proof.length + 1, proof.length));
        verifier.get(root, key, longer);
        vm.expectRevert(abi.encodeWithSelector(MerklePatricia.ProofEnd.selector, proof.length - 1, proof.length));
        verifier.get(root, key, shorter);
    }

    function test_RefusesAChangeOfEachNode() public {
        (bytes32 root, bytes32 key, bytes[] memory proof) = sample();
        assertTrue(proof.length >= 3, "a root, a node between and a leaf");
        for (uint256 i; i < proof.length; ++i) {
            bytes memory whole = proof[i];
            bytes32 expected = keccak256(whole);
            proof[i] = bytes.concat(whole, hex"00");
            vm.expectRevert(abi.encodeWithSelector(MerklePatricia.NodeHash.selector, i, keccak256(proof[i]), expected));
            verifier.get(root, key, proof);
            proof[i] = bytes.concat(whole);
            proof[i][whole.length / 2] ^= 0x01;
            vm.expectRevert(abi.encodeWithSelector(MerklePatricia.NodeHash.selector, i, keccak256(proof[i]), expected));
            verifier.get(root, key, proof);
            proof[i] = whole;
        }
        verifier.get(root, key, proof);
    }

    function test_RefusesNodesThatAreNone() public view {
        bytes memory leaf = trie.rlpString(trie.path("key", 0, 64, true));
        bytes memory hash = trie.rlpString(abi.encode(keccak256("child")));
        bytes memory malformed = abi.encodeWithSelector(MerklePatricia.MalformedNode.selector, 0);

        node("a string", hex"83616263", malformed);
        node("bytes behind the list", bytes.concat(trie.rlpList(bytes.concat(leaf, hex"01")), hex"00"), malformed);
        node("a leaf without value", trie.rlpList(bytes.concat(leaf, hex"80")), malformed);
        node("a leaf with a list", trie.rlpList(bytes.concat(leaf, hex"c101")), malformed);
        node("a path that is a list", trie.rlpList(hex"c12001"), malformed);
        node("a path that is empty", trie.rlpList(bytes.concat(hex"80", hash)), malformed);
        node("a path with unknown flags", trie.rlpList(bytes.concat(hex"40", hash)), malformed);
        node("a path with bad padding", trie.rlpList(bytes.concat(hex"01", hash)), malformed);
        node(
            "a leaf's path that is too short",
            trie.rlpList(bytes.concat(trie.rlpString(trie.path("key", 0, 63, true)), hex"01")),
            malformed
        );
        node(
            "a leaf's path of 65 half-bytes",
            trie.rlpList(bytes.concat(trie.rlpString(bytes.concat(hex"36", bytes32("key"))), hex"01")),
            malformed
        );
        node(
            "a path of 34 bytes",
            trie.rlpList(bytes.concat(trie.rlpString(bytes.concat(hex"2000", bytes32("key"))), hex"01")),
            malformed
        );
        node("an extension by nothing", trie.rlpList(bytes.concat(hex"00", hash)), malformed);
        node(
            "an extension by the whole key",
            trie.rlpList(bytes.concat(trie.rlpString(trie.path("key", 0, 64, false)), hash)),
            malformed
        );
        node("a child of 31 bytes", trie.rlpList(bytes.concat(hex"16", trie.rlpString(new bytes(31)))), malformed);
        node("a child that is no hash", trie.rlpList(bytes.concat(hex"16", trie.rlpString(new bytes(32)))), malformed);
        node(
            "a list of 32 bytes as a child", trie.rlpList(bytes.concat(hex"16", trie.rlpList(new bytes(31)))), malformed
        );
        bytes memory inner = trie.rlpList(bytes.concat(trie.rlpString(trie.path("key", 1, 64, true)), hex"01"));
        node("a node of more than 31 bytes as a child", trie.rlpList(bytes.concat(hex"16", inner)), malformed);
        node("a branch with a value", branch(hash, hex"01"), malformed);
        node("a branch with 18 items", branch(hash, hex"8080"), malformed);
        node("a branch with a list as its value", branch(hash, hex"c0"), malformed);
    }

    function test_RefusesABranchBelowTheEndOfTheKey() public {
        bytes32 key = keccak256("key");
        bytes memory below = trie.rlpList(abi.encodePacked(bytes16(0x80808080808080808080808080808080), hex"80"));
        bytes memory items;
        for (uint256 n; n < 16; ++n) {
            items = bytes.concat(items, n == trie.nibble(key, 63) ? below : bytes(hex"80"));
        }
        bytes[] memory proof = new bytes[](2);
        proof[1] = trie.rlpList(bytes.concat(items, hex"80"));
        bytes memory child = trie.rlpString(abi.encode(keccak256(proof[1])));
        proof[0] = trie.rlpList(bytes.concat(trie.rlpString(trie.path(key, 0, 63, false)), child));
        vm.expectRevert(abi.encodeWithSelector(MerklePatricia.MalformedNode.selector, 1));
        verifier.get(keccak256(proof[0]), key, proof);
    }

    function test_RefusesRlpThatIsCutOffOrNotCanonical() public view {
        bytes memory leaf = trie.rlpString(trie.path("key", 0, 64, true));
        node("nothing", "", truncated());
        node("a list that goes on behind the end", hex"c2", truncated());
        node("a length that goes on behind the end", hex"f9", truncated());
        node("the longest length", hex"ffffffffffffffffff", truncated());
        node("an empty list", hex"c0", truncated());
        node("one item", trie.rlpList(leaf), truncated());
        node("16 items", branch(trie.rlpString(abi.encode(keccak256("child"))), ""), truncated());
        node("an item that goes on behind the list", trie.rlpList(bytes.concat(leaf, hex"8201")), truncated());
        bytes memory cut = trie.rlpList(bytes.concat(hex"808080808080808080808080808080", hex"a0", new bytes(10)));
        node("a child that goes on behind its branch", cut, truncated());
        node("a long form of a short list", hex"f80116", notCanonical());
        node("a length with a leading zero", bytes.concat(hex"f90038", new bytes(56)), notCanonical());
        node("a byte as a string of one", trie.rlpList(bytes.concat(leaf, hex"8101")), notCanonical());
    }

    /// Every key of a trie has a proof, and no other key has one.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_ProvesEachKeyOfATrie(bytes32 seed, uint256 count, uint256 shared) public {
        count = bound(count, 1, 16);
        bytes32 mask = bytes32(type(uint256).max >> bound(shared, 0, 255));
        bytes32[] memory keys = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            keys[i] = (keccak256(abi.encode(seed, i)) & mask) | (seed & ~mask);
            for (uint256 j; j < i; ++j) {
                vm.assume(keys[j] != keys[i]);
            }
            trie.put(keys[i], value(keys[i]));
        }
        for (uint256 i; i < count; ++i) {
            (bytes32 root, bytes[] memory proof) = trie.build(keys[i]);
            assertEq(verifier.get(root, keys[i], proof), value(keys[i]), "value");
        }
        bytes32 absentKey = keccak256(abi.encode(seed, "absent"));
        (bytes32 root_, bytes[] memory proof_) = trie.build(absentKey);
        (bool done,) = address(verifier).call(abi.encodeCall(Verifier.get, (root_, absentKey, proof_)));
        assertTrue(!done, "no proof of an absent key");
    }

    /// Whatever bytes a node has: the verifier returns or reverts with an error of its own, and does not loop.
    function testFuzz_EndsOnAnyNode(bytes calldata bytes_, bytes32 key) public view {
        bytes[] memory proof = new bytes[](1);
        proof[0] = bytes_;
        (bool done, bytes memory out) =
            address(verifier).staticcall{gas: 5_000_000}(abi.encodeCall(Verifier.get, (keccak256(bytes_), key, proof)));
        assertTrue(done || out.length > 4, "an error with values");
        assertTrue(done || bytes4(out) != bytes4(keccak256("Panic(uint256)")), "no panic");
    }

    function value(bytes32 key) private pure returns (bytes memory out) {
        out = new bytes(1 + uint256(key) % 99);
        for (uint256 i; i < out.length; ++i) {
            out[i] = key[i % 32];
        }
    }

    function sample() private returns (bytes32 root, bytes32 key, bytes[] memory proof) {
        for (uint256 i; i < 40; ++i) {
            key = keccak256(abi.encode(i));
            trie.put(key, value(key));
        }
        (root, proof) = trie.build(key);
    }

    function absent(bytes32 key, uint256 nibbles) private {
        (bytes32 root, bytes[] memory proof) = trie.build(key);
        vm.expectRevert(abi.encodeWithSelector(MerklePatricia.KeyAbsent.selector, key, nibbles));
        verifier.get(root, key, proof);
    }

    /// The 16 children of a branch are all the same, and what follows them is given.
    function branch(bytes memory child, bytes memory rest) private view returns (bytes memory) {
        bytes memory four = bytes.concat(child, child, child, child);
        return trie.rlpList(bytes.concat(four, four, four, four, rest));
    }

    function node(string memory name, bytes memory content, bytes memory reason) private view {
        bytes[] memory proof = new bytes[](1);
        proof[0] = content;
        (bool done, bytes memory out) =
            address(verifier).staticcall(abi.encodeCall(Verifier.get, (keccak256(content), "key", proof)));
        assertTrue(!done, name);
        if (reason.length == 4) assertEq(bytes32(bytes4(out)), bytes32(bytes4(reason)), name);
        else assertEq(out, reason, name);
    }

    function truncated() private pure returns (bytes memory) {
        return abi.encodePacked(Rlp.RlpTruncated.selector);
    }

    function notCanonical() private pure returns (bytes memory) {
        return abi.encodePacked(Rlp.RlpNotCanonical.selector);
    }
}
