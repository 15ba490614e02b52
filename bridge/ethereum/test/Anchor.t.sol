// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoint} from "../contracts/Checkpoint.sol";
import {AnchorRecord, IpdmAnchor} from "../contracts/IpdmAnchor.sol";
import {IpdmLightClient} from "../contracts/IpdmLightClient.sol";
import {MerklePatricia} from "../contracts/MerklePatricia.sol";
import {Base} from "./Base.sol";
import {TrieBuilder} from "./TrieBuilder.sol";

contract AnchorTest is Base {
    bytes32 private constant MANIFEST = keccak256("manifest");
    bytes32 private constant CONTENT = keccak256("content");
    bytes32 private constant OWNER = keccak256("owner");

    IpdmLightClient private client;
    IpdmAnchor private anchor;
    TrieBuilder private trie;
    Signers private one;
    uint64 private height;

    function setUp() public {
        vm.warp(START);
        one = makeSigners(1, 0);
        client = makeClient(one, 1);
        anchor = new IpdmAnchor(client);
        trie = new TrieBuilder();
        for (uint256 i; i < 20; ++i) {
            trie.put(keccak256(abi.encode(i)), new bytes(99));
        }
    }

    function test_ReturnsTheRecord() public {
        (bytes memory checkpoint, bytes[] memory proof) = anchored(record(1, 0, 0x70));
        AnchorRecord memory got = anchor.prove(checkpoint, MANIFEST, proof);
        assertTrue(!got.superseded && !got.tombstoned, "flags");
        assertEq(got.codec, 0x70, "codec");
        assertEq(got.contentDigest, CONTENT, "content");
        assertEq(got.owner, OWNER, "owner");
        assertEq(got.size, 1 << 40, "size");
        assertEq(got.height, 1234, "height");
        assertEq(got.time, 1_799_999_999_999, "time");
        assertEq(got.version, 3, "version");
        assertEq(got.provenHeight, 1, "height of the checkpoint");
        assertEq(got.provenTime, uint256(START) * 1000, "time of the checkpoint");
    }

    function test_ReturnsEachFlag() public {
        for (uint8 flags; flags < 4; ++flags) {
            (bytes memory checkpoint, bytes[] memory proof) = anchored(record(1, flags, 0x55));
            AnchorRecord memory got = anchor.prove(checkpoint, MANIFEST, proof);
            assertTrue(got.superseded == (flags & 1 != 0), "superseded");
            assertTrue(got.tombstoned == (flags & 2 != 0), "tombstoned");
            trie = new TrieBuilder();
        }
    }

    function test_ProvesWithAnOldCheckpointOfAStaleClient() public {
        (bytes memory checkpoint, bytes[] memory proof) = anchored(record(1, 0, 0x70));
        submit(client, one, makeFields(one, 1, 2));
        vm.warp(START + 2 * TRUST_PERIOD);
        assertEq(anchor.prove(checkpoint, MANIFEST, proof).version, 3, "version");
    }

    function test_RefusesACheckpointThatTheClientHasNotAccepted() public {
        (, bytes[] memory proof) = anchored(record(1, 0, 0x70));
        bytes memory checkpoint = encode(makeFields(one, 1, 9));
        vm.expectRevert(abi.encodeWithSelector(IpdmAnchor.CheckpointNotAccepted.selector, keccak256(checkpoint)));
        anchor.prove(checkpoint, MANIFEST, proof);
        vm.expectRevert(abi.encodeWithSelector(Checkpoint.CheckpointLength.selector, 0, 226));
        anchor.prove("", MANIFEST, proof);
    }

    function test_RefusesTheProofOfAnotherManifest() public {
        (bytes memory checkpoint, bytes[] memory proof) = anchored(record(1, 0, 0x70));
        bytes32 other = MANIFEST ^ bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(MerklePatricia.KeyAbsent.selector, other, proof.length - 1));
        anchor.prove(checkpoint, other, proof);
    }

    function test_RefusesRecordsThatItDoesNotKnow() public {
        refuse(record(0, 0, 0x70), abi.encodeWithSelector(IpdmAnchor.RecordVersion.selector, 0, 1));
        refuse(record(2, 0, 0x70), abi.encodeWithSelector(IpdmAnchor.RecordVersion.selector, 2, 1));
        refuse(record(1, 4, 0x70), abi.encodeWithSelector(IpdmAnchor.RecordFlags.selector, 4, 3));
        refuse(record(1, 0x81, 0x70), abi.encodeWithSelector(IpdmAnchor.RecordFlags.selector, 0x81, 3));
        refuse(record(1, 0, 0x71), abi.encodeWithSelector(IpdmAnchor.RecordCodec.selector, 0x71));
        refuse(
            bytes.concat(record(1, 0, 0x70), hex"00"), abi.encodeWithSelector(IpdmAnchor.RecordLength.selector, 100, 99)
        );
        refuse(hex"01", abi.encodeWithSelector(IpdmAnchor.RecordLength.selector, 1, 99));
    }

    function refuse(bytes memory value, bytes memory reason) private {
        trie = new TrieBuilder();
        (bytes memory checkpoint, bytes[] memory proof) = anchored(value);
        vm.expectRevert(reason);
        anchor.prove(checkpoint, MANIFEST, proof);
    }

    function record(uint8 version, uint8 flags, uint8 codec) private pure returns (bytes memory) {
        return abi.encodePacked(
            version, flags, codec, CONTENT, OWNER, uint64(1 << 40), uint64(1234), uint64(1_799_999_999_999), uint64(3)
        );
    }

    function anchored(bytes memory value) private returns (bytes memory checkpoint, bytes[] memory proof) {
        trie.put(MANIFEST, value);
        Fields memory f = makeFields(one, 1, ++height);
        (f.anchorRoot, proof) = trie.build(MANIFEST);
        checkpoint = submit(client, one, f);
    }
}
