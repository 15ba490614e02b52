// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoint} from "../contracts/Checkpoint.sol";
import {IpdmGateway} from "../contracts/IpdmGateway.sol";
import {Message} from "../contracts/Message.sol";
import {Outbox} from "../contracts/Outbox.sol";
import {GatewayBase} from "./GatewayBase.sol";
import {Receiver} from "./Receivers.sol";

/// @notice What is delivered: only what IPDM has sent here, once, in time.
contract DeliverTest is GatewayBase {
    Receiver private receiver;

    function setUp() public {
        deploy();
        receiver = new Receiver();
    }

    function pushCall(bytes memory payload) private returns (uint64) {
        return push(CALL, ALICE, to32(address(receiver)), 0, payload);
    }

    function test_DeliversEachMessageOfOutboxesOfManySizes() public {
        for (uint64 size = 1; size <= 17; ++size) {
            deploy();
            delete outbox;
            delete leaves;
            for (uint64 i; i < size; ++i) {
                pushCall(abi.encode(size, i));
            }
            bytes memory checkpoint = seal();
            for (uint64 nonce; nonce < size; ++nonce) {
                deliver(checkpoint, nonce);
                assertTrue(gateway.consumed(nonce), "consumed");
                assertEq(receiver.lastPayload(), abi.encode(size, nonce), "payload");
            }
            assertEq(gateway.eventNonce(), size, "events");
        }
    }

    function test_DeliversAnOldMessageWithANewCheckpoint() public {
        uint64 nonce = pushCall("old");
        seal();
        for (uint256 i; i < 300; ++i) {
            pushCall("newer");
        }
        assertEq(deliveredStatus(nonce), 1, "status");
        assertEq(receiver.lastPayload(), "old", "payload");
        assertEq(deliveredStatus(299), 1, "status of one in another word of the bitmap");
        assertTrue(!gateway.consumed(298) && !gateway.consumed(1), "others are not consumed");
    }

    function test_DeliversWithAnOldCheckpointOfAStaleClient() public {
        uint64 nonce = pushCall("hello");
        bytes memory checkpoint = seal();
        vm.warp(START + 2 * TRUST_PERIOD);
        deliver(checkpoint, nonce);
        assertTrue(gateway.consumed(nonce), "consumed");
    }

    function test_DeliversOnce() public {
        uint64 nonce = pushCall("hello");
        deliver(nonce);
        refuse(nonce, abi.encodeWithSelector(IpdmGateway.AlreadyDelivered.selector, nonce));
    }

    function test_RefusesMessagesForOthers() public {
        bytes memory payload = "hello";
        push(encodeMessage(CALL, 2, address(gateway), 0, ALICE, to32(address(receiver)), 0, payload), payload);
        push(encodeMessage(CALL, DOMAIN, address(receiver), 1, ALICE, to32(address(receiver)), 0, payload), payload);
        refuse(0, abi.encodeWithSelector(IpdmGateway.WrongDomain.selector, 2, DOMAIN));
        refuse(
            1,
            abi.encodeWithSelector(
                IpdmGateway.WrongApplication.selector, to32(address(receiver)), to32(address(gateway))
            )
        );
    }

    function test_DeliversUntilTheTimeout() public {
        uint64 timeout = (START + 100) * 1000;
        push(CALL, ALICE, to32(address(receiver)), timeout, "first");
        push(CALL, ALICE, to32(address(receiver)), timeout, "second");
        bytes memory checkpoint = seal();
        vm.warp(START + 99);
        deliver(checkpoint, 0);
        vm.warp(START + 100);
        refuse(1, abi.encodeWithSelector(IpdmGateway.MessageTimedOut.selector, 1, timeout, timeout));
        assertTrue(!gateway.consumed(1), "not consumed");
    }

    function test_RefusesAnotherPayload() public {
        uint64 nonce = pushCall("hello");
        outbox[nonce].payload = "hellO";
        refuse(nonce, abi.encodeWithSelector(IpdmGateway.WrongPayload.selector, keccak256("hellO"), keccak256("hello")));
    }

    function test_RefusesUnknownKindsAndBytesThatAreNoMessage() public {
        push(5, ALICE, to32(address(receiver)), 0, "hello");
        refuse(0, abi.encodeWithSelector(IpdmGateway.UnknownKind.selector, 5));
        push(0, ALICE, to32(address(receiver)), 0, "hello");
        refuse(1, abi.encodeWithSelector(IpdmGateway.UnknownKind.selector, 0));
        push(bytes.concat(outbox[0].message, hex"00"), "hello");
        refuse(2, abi.encodeWithSelector(Message.MalformedMessage.selector, 161, 160));
        bytes memory tagged = bytes.concat(outbox[0].message);
        tagged[10] = "2";
        push(tagged, "hello");
        refuse(3, abi.encodeWithSelector(Message.MalformedMessage.selector, 160, 160));
        push("", "hello");
        refuse(4, abi.encodeWithSelector(Message.MalformedMessage.selector, 0, 160));
    }

    function test_RefusesPayloadsOfAWrongLength() public {
        refuse(pushCall(new bytes(1025)), abi.encodeWithSelector(IpdmGateway.MalformedPayload.selector, CALL, 1025));
        refuse(
            push(TRANSFER, ALICE, to32(BOB), 0, new bytes(63)),
            abi.encodeWithSelector(IpdmGateway.MalformedPayload.selector, TRANSFER, 63)
        );
        refuse(
            pushTransfer(NATIVE, 0, BOB), abi.encodeWithSelector(IpdmGateway.MalformedPayload.selector, TRANSFER, 64)
        );
        assertEq(deliveredStatus(pushCall(new bytes(1024))), 1, "status of the longest call");
        assertEq(deliveredStatus(pushCall("")), 1, "status of the shortest call");
    }

    function test_RefusesACheckpointThatTheClientHasNotAccepted() public {
        uint64 nonce = pushCall("hello");
        Fields memory f = makeFields(one, 1, 99);
        f.outboxRoot = keccak256(abi.encodePacked("IPDM/ob/v1", uint64(1), leaves[0]));
        bytes memory checkpoint = encode(f);
        bytes32[] memory none;
        vm.expectRevert(abi.encodeWithSelector(IpdmGateway.CheckpointNotAccepted.selector, keccak256(checkpoint)));
        gateway.deliver(checkpoint, outbox[nonce].message, "hello", 1, none);
        vm.expectRevert(abi.encodeWithSelector(Checkpoint.CheckpointLength.selector, 225, 226));
        gateway.deliver(new bytes(225), outbox[nonce].message, "hello", 1, none);
    }

    function test_RefusesAChangeOfEachHashOfThePath() public {
        for (uint256 i; i < 13; ++i) {
            pushCall(abi.encode(i));
        }
        bytes memory checkpoint = seal();
        bytes32[] memory proof = path(5, 0, 13);
        assertEq(proof.length, 4, "hashes in the path");
        for (uint256 i; i < proof.length; ++i) {
            proof[i] ^= bytes32(uint256(1) << 77);
            assertEq(refusal(checkpoint, 5, 13, proof), bytes32(IpdmGateway.NotInOutbox.selector), "changed");
            proof[i] ^= bytes32(uint256(1) << 77);
        }
        assertEq(refusal(checkpoint, 6, 13, proof), bytes32(IpdmGateway.NotInOutbox.selector), "of another message");
        assertEq(refusal(checkpoint, 5, 12, proof), bytes32(IpdmGateway.NotInOutbox.selector), "of another count");
        assertEq(
            refusal(checkpoint, 5, 5, proof), bytes32(Outbox.LeafOutsideTree.selector), "of a count that is too small"
        );
        assertEq(refusal(checkpoint, 5, 0, proof), bytes32(Outbox.LeafOutsideTree.selector), "of no message");
        assertEq(
            refusal(checkpoint, 5, type(uint64).max, proof),
            bytes32(Outbox.PathLength.selector),
            "of the greatest count"
        );

        bytes32[] memory shorter = new bytes32[](3);
        bytes32[] memory longer = new bytes32[](5);
        for (uint256 i; i < 4; ++i) {
            longer[i] = proof[i];
            if (i < 3) shorter[i] = proof[i];
        }
        assertEq(refusal(checkpoint, 5, 13, shorter), bytes32(Outbox.PathLength.selector), "shorter");
        assertEq(refusal(checkpoint, 5, 13, longer), bytes32(Outbox.PathLength.selector), "longer");
        deliver(checkpoint, 5);
    }

    /// Whatever else is proven of a message: only its own path and count do.
    function testFuzz_RefusesOtherProofs(uint64 count, bytes32[] memory proof) public {
        uint64 nonce = pushCall("hello");
        pushCall("another");
        bytes memory checkpoint = seal();
        bytes32[] memory right = path(nonce, 0, 2);
        vm.assume(count != 2 || keccak256(abi.encode(proof)) != keccak256(abi.encode(right)));
        assertTrue(refusal(checkpoint, nonce, count, proof) != 0, "refused");
        assertTrue(!gateway.consumed(nonce), "not consumed");
    }

    /// The selector of the error with which a delivery fails, zero if it does not.
    function refusal(bytes memory checkpoint, uint64 nonce, uint64 count, bytes32[] memory proof)
        private
        returns (bytes32)
    {
        Sent memory sent = outbox[nonce];
        (bool done, bytes memory out) = address(gateway)
            .call(abi.encodeCall(gateway.deliver, (checkpoint, sent.message, sent.payload, count, proof)));
        return done ? bytes32(0) : bytes32(bytes4(out));
    }
}
