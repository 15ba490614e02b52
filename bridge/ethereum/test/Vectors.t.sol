// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Control} from "../contracts/Control.sol";
import {IpdmGateway} from "../contracts/IpdmGateway.sol";
import {IpdmLightClient} from "../contracts/IpdmLightClient.sol";
import {Message} from "../contracts/Message.sol";
import {Outbox} from "../contracts/Outbox.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {GatewayBase} from "./GatewayBase.sol";

/// @notice The libraries, with calldata to read.
contract Wire {
    function setRoot(bytes calldata set) external pure returns (bytes32) {
        return SignerSet.root(set);
    }

    function leaf(bytes calldata message) external pure returns (bytes32) {
        return Outbox.leaf(message);
    }

    function outboxRoot(bytes32 hash, uint64 index, uint64 count, bytes32[] calldata path)
        external
        pure
        returns (bytes32)
    {
        return Outbox.root(hash, index, count, path);
    }

    function payloadHash(bytes calldata message) external pure returns (bytes32) {
        Message.check(message);
        return Message.payloadHash(message);
    }

    function operation(bytes calldata payload) external pure returns (uint8) {
        return Control.operation(payload);
    }

    function setLimit(bytes calldata payload) external pure returns (bytes32, uint256, uint32) {
        return Control.setLimit(payload);
    }

    function registerMinted(bytes calldata payload) external pure returns (bytes32, uint8, string memory) {
        return Control.registerMinted(payload);
    }
}

/// @notice The golden vectors that the Go side makes.
contract VectorsTest is GatewayBase {
    string private json;
    Wire private wire;

    function setUp() public {
        json = vm.readFile("../../x/bridge/wire/testdata/vectors.json");
        wire = new Wire();
    }

    function item(string memory list, uint256 i, string memory field) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "].", field);
    }

    function number(string memory list, uint256 i, string memory field) private view returns (uint256) {
        return vm.parseJsonUint(json, item(list, i, field));
    }

    function hash(string memory list, uint256 i, string memory field) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, item(list, i, field));
    }

    function raw(string memory list, uint256 i, string memory field) private view returns (bytes memory) {
        return vm.parseJsonBytes(json, item(list, i, field));
    }

    function has(string memory list, uint256 i) private view returns (bool) {
        return vm.keyExistsJson(json, string.concat(".", list, "[", vm.toString(i), "]"));
    }

    /// One client takes all checkpoints of the vectors, through every rotation.
    function test_TheClientTakesTheCheckpoints() public {
        vm.warp(START);
        bytes32 chain = vm.parseJsonBytes32(json, ".chain_hash");
        assertEq(chain, keccak256(bytes(vm.parseJsonString(json, ".chain_id"))), "chain");
        client = new IpdmLightClient(chain, hash("sets", 0, "root"), 1, TRUST_PERIOD, RECOVERY, RECOVERY_DELAY);
        uint256 i;
        for (; has("checkpoints", i); ++i) {
            uint256 set = number("checkpoints", i, "set");
            bytes memory members = raw("sets", set, "bytes");
            assertEq(wire.setRoot(members), hash("sets", set, "root"), "root of the set");
            bytes[] memory all = vm.parseJsonBytesArray(json, item("checkpoints", i, "signatures"));
            bytes memory signatures;
            for (uint256 j; j < all.length; ++j) {
                signatures = bytes.concat(signatures, all[j]);
            }
            client.submit(raw("checkpoints", i, "bytes"), members, first(all.length), signatures);
            assertTrue(client.accepted(hash("checkpoints", i, "digest")), "accepted");
        }
        assertEq(i, 8, "checkpoints");
        (uint64 epoch,,,) = client.head();
        assertEq(epoch, 5, "epoch after four rotations");
    }

    function test_TheTreeIsTheSame() public view {
        uint256 proofs;
        for (uint256 i; has("outbox", i); ++i) {
            uint64 count = uint64(number("outbox", i, "count"));
            string memory list = string.concat("outbox[", vm.toString(i), "].proofs");
            if (count == 0) continue;
            for (uint256 j; has(list, j); ++j) {
                bytes32[] memory path = vm.parseJsonBytes32Array(json, item(list, j, "path"));
                bytes32 root = wire.outboxRoot(hash(list, j, "leaf"), uint64(number(list, j, "index")), count, path);
                assertEq(root, hash("outbox", i, "root"), "root");
                ++proofs;
            }
        }
        assertTrue(proofs > 30, "proofs");
    }

    function test_TheMessagesAreTheSame() public view {
        uint256 i;
        for (; has("messages", i); ++i) {
            bytes memory message = raw("messages", i, "bytes");
            bytes memory payload = raw("messages", i, "payload");
            assertEq(wire.leaf(message), hash("messages", i, "leaf"), "leaf");
            assertEq(wire.payloadHash(message), keccak256(payload), "hash of the payload");
            if (uint8(message[11]) == CONTROL) assertEq(wire.operation(payload), uint8(payload[0]), "operation");
        }
        assertEq(i, 8, "messages");
        bytes32 native = hash("assets", 0, "asset");
        (bytes32 asset, uint8 decimals, string memory symbol) = wire.registerMinted(raw("messages", 3, "payload"));
        assertEq(asset, native, "asset");
        assertEq(decimals, 18, "decimals");
        assertEq(bytes(symbol), "wIPDM", "symbol");
        (bytes32 limited, uint256 capacity, uint32 window) = wire.setLimit(raw("messages", 5, "payload"));
        assertEq(limited, native, "asset");
        assertEq(capacity, 1 << 80, "capacity");
        assertEq(window, 3600, "window");
    }

    function test_TheAssetsAreTheSame() public view {
        uint256 i;
        for (; has("assets", i); ++i) {
            uint32 domain = uint32(number("assets", i, "domain"));
            bytes32 asset = keccak256(abi.encodePacked("IPDM/asset/v1", domain, hash("assets", i, "token")));
            assertEq(asset, hash("assets", i, "asset"), "asset");
        }
        assertEq(i, 3, "assets");
    }

    function test_TheLeavesOfEventsAreTheSame() public view {
        uint256 i;
        for (; has("events", i); ++i) {
            assertEq(wire.leaf(raw("events", i, "bytes")), hash("events", i, "leaf"), "leaf");
        }
        assertEq(i, 4, "events");
    }
}
