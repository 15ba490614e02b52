// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IpdmAnchor} from "../contracts/IpdmAnchor.sol";
import {IpdmLightClient} from "../contracts/IpdmLightClient.sol";
import {IpdmToken} from "../contracts/IpdmToken.sol";
import {Outbox} from "../contracts/Outbox.sol";
import {GatewayBase} from "./GatewayBase.sol";
import {Receiver} from "./Receivers.sol";
import {Token} from "./Tokens.sol";

/// @notice What transactions cost. tools/gas.mjs makes gas.md of it.
contract GasTest is GatewayBase {
    uint64 private constant MESSAGES = 1_000_000; // in the outbox

    IpdmToken private wrapped;
    Token private token;
    Receiver private receiver;

    function setUp() public {
        deploy();
        wrapped = setUpNative(1 ether, 1 hours);
        token = new Token();
        receiver = new Receiver();
        deliver(pushControl(lockedHere(address(token))));
        deliver(pushControl(limitOf(assetOf(address(token)), 1 ether, 1 hours)));
        token.mint(BOB, 100);
        vm.prank(BOB);
        gateway.send(assetOf(address(token)), 50, ALICE);
        deliver(pushTransfer(NATIVE, 10, BOB));
        deliver(pushTransfer(assetOf(address(token)), 10, BOB));
        deliver(push(CALL, ALICE, to32(address(receiver)), 0, "hello"));
    }

    function test_Checkpoints() public {
        uint8[3] memory counts = [4, 20, 67];
        for (uint256 i; i < counts.length; ++i) {
            string memory signers = string.concat(", ", vm.toString(counts[i]), " signers");
            uint256 most = 110_000 + 6_000 * uint256(counts[i]);
            assertTrue(checkpoint(string.concat("checkpoint", signers), counts[i], false) <= most, "checkpoint");
            assertTrue(
                checkpoint(string.concat("checkpoint that rotates", signers), counts[i], true) <= most, "rotation"
            );
        }
    }

    function checkpoint(string memory name, uint256 count, bool rotates) private returns (uint256 transaction) {
        Signers memory signers = makeSigners(count, 1);
        IpdmLightClient fresh = makeClient(signers, 1);
        submit(fresh, signers, makeFields(signers, 1, 1));
        Fields memory f = makeFields(signers, 1, 2);
        if (rotates) f.nextSetRoot = keccak256("next");
        (, transaction) = measure(name, BOB, address(fresh), submission(signers, encode(f)));
    }

    function submission(Signers memory signers, bytes memory encoded) private pure returns (bytes memory) {
        uint256 all = first(signers.keys.length);
        return abi.encodeCall(IpdmLightClient.submit, (encoded, signers.set, all, sign(signers, all, encoded)));
    }

    function test_DeliverAndSend() public {
        bytes32 local = assetOf(address(token));
        measureDelivery("deliver a transfer that mints", TRANSFER, BOB, abi.encode(NATIVE, 7));
        measureDelivery("deliver a transfer that unlocks", TRANSFER, BOB, abi.encode(local, 7));
        measureDelivery("deliver a call of 256 bytes", CALL, address(receiver), new bytes(256));
        measureDelivery("deliver a transfer that is over the limit", TRANSFER, BOB, abi.encode(NATIVE, 2 ether));
        vm.warp(block.timestamp + 2 hours);
        measure("claim", BOB, address(gateway), abi.encodeCall(gateway.claim, (uint64(outbox.length - 1))));
        measure("send that burns", BOB, address(gateway), abi.encodeCall(gateway.send, (NATIVE, 3, ALICE)));
        measure("send that locks", BOB, address(gateway), abi.encodeCall(gateway.send, (local, 3, ALICE)));
    }

    function measureDelivery(string memory name, uint8 kind, address to, bytes memory payload) private {
        uint64 nonce = push(kind, ALICE, to32(to), 0, payload);
        bytes32[] memory siblings = new bytes32[](20);
        for (uint256 i; i < siblings.length; ++i) {
            siblings[i] = keccak256(abi.encode(i));
        }
        Fields memory f = makeFields(one, 1, ++ipdmHeight);
        f.outboxRoot = this.outboxRoot(leaves[nonce], nonce, siblings);
        bytes memory sealed_ = submit(client, one, f);
        bytes memory message = outbox[nonce].message;
        measure(
            name,
            BOB,
            address(gateway),
            abi.encodeCall(gateway.deliver, (sealed_, message, payload, MESSAGES, siblings))
        );
    }

    function outboxRoot(bytes32 leaf, uint64 nonce, bytes32[] calldata siblings) external pure returns (bytes32) {
        return Outbox.root(leaf, nonce, MESSAGES, siblings);
    }

    function test_AnchorProofs() public {
        string memory json = vm.readFile("fixtures/tries.json");
        IpdmAnchor anchor = new IpdmAnchor(client);
        uint256 i;
        for (; vm.keyExistsJson(json, string.concat(".anchors[", vm.toString(i), "]")); ++i) {
            string memory trie = string.concat(".anchors[", vm.toString(i), "]");
            Fields memory f = makeFields(one, 1, ++ipdmHeight);
            f.anchorRoot = vm.parseJsonBytes32(json, string.concat(trie, ".root"));
            bytes memory sealed_ = submit(client, one, f);
            bytes32 key = vm.parseJsonBytes32(json, string.concat(trie, ".key"));
            bytes[] memory proof = vm.parseJsonBytesArray(json, string.concat(trie, ".proof"));
            string memory entries = vm.toString(vm.parseJsonUint(json, string.concat(trie, ".entries")));
            (uint256 execution,) = measure(
                string.concat("anchor proof, ", entries, " entries"),
                BOB,
                address(anchor),
                abi.encodeCall(anchor.prove, (sealed_, key, proof))
            );
            assertTrue(execution <= 80_000, "execution of an anchor proof");
        }
        assertEq(i, 3, "tries");
    }

    /// Sends a transaction of its own (forge isolates calls), and notes the gas of its execution and of all of it, for
    /// which calldata counts as EIP-7623 says.
    function measure(string memory name, address sender, address target, bytes memory input)
        private
        returns (uint256 execution, uint256 transaction)
    {
        uint256 tokens;
        for (uint256 i; i < input.length; ++i) {
            tokens += input[i] == 0 ? 1 : 4;
        }
        vm.prank(sender);
        (bool done,) = target.call(input);
        transaction = vm.lastCallGas().gasTotalUsed;
        assertTrue(done, name);
        execution = transaction - 21_000 - 4 * tokens;
        uint256 floor = 21_000 + 10 * tokens;
        if (floor > transaction) transaction = floor;
        vm.snapshotValue("gas", string.concat(name, " | execution"), execution);
        vm.snapshotValue("gas", string.concat(name, " | transaction"), transaction);
    }
}
