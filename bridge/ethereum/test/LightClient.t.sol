// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Checkpoint} from "../contracts/Checkpoint.sol";
import {IpdmLightClient} from "../contracts/IpdmLightClient.sol";
import {SignerSet} from "../contracts/SignerSet.sol";
import {Base} from "./Base.sol";
import {Vm} from "./Vm.sol";

contract LightClientTest is Base {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    IpdmLightClient private client;
    Signers private four;

    function setUp() public {
        vm.warp(START);
        four = makeSigners(4, 0);
        client = makeClient(four, 7);
    }

    function assertHead(uint64 epoch, uint64 height, bytes32 setRoot) private view {
        (uint64 e, uint64 h,,) = client.head();
        assertEq(e, epoch, "epoch of the head");
        assertEq(h, height, "height of the head");
        assertEq(client.signerSetRoot(), setRoot, "root of the signer set");
    }

    function test_AcceptsWhatAllOf1_4_20_67And256MembersSign() public {
        uint16[5] memory counts = [1, 4, 20, 67, 256];
        for (uint256 i; i < counts.length; ++i) {
            uint64[] memory powers = new uint64[](counts[i]);
            for (uint256 j; j < powers.length; ++j) {
                powers[j] = uint64(powers.length - j);
            }
            Signers memory signers = makeSigners(powers, i);
            client = makeClient(signers, 1);
            bytes memory checkpoint = submit(client, signers, makeFields(signers, 1, 5));
            assertTrue(client.accepted(keccak256(checkpoint)), "accepted");
            assertHead(1, 5, signers.root);
        }
    }

    function test_EmitsWhatItAccepts() public {
        Fields memory f = makeFields(four, 7, 5);
        f.nextSetRoot = keccak256("next");
        vm.recordLogs();
        bytes memory checkpoint = submit(client, four, f);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2, "number of events");
        assertEq(logs[0].topics[0], IpdmLightClient.CheckpointAccepted.selector, "first event");
        assertEq(logs[0].topics[1], keccak256(checkpoint), "digest");
        assertEq(uint256(logs[0].topics[2]), 5, "height");
        assertEq(logs[0].data, abi.encode(uint64(7), f.time, f.anchorRoot, f.outboxRoot), "fields");
        assertEq(logs[1].topics[0], IpdmLightClient.SignersRotated.selector, "second event");
        assertEq(uint256(logs[1].topics[1]), 8, "next epoch");
        assertEq(logs[1].data, abi.encode(f.nextSetRoot), "next set");
    }

    function test_AcceptsAnyMembersWithMoreThanTwoThirds() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5)); // powers 1000, 1000, 993, 993
        uint256 allButTheSecond = 13;
        client.submit(checkpoint, four.set, allButTheSecond, sign(four, allButTheSecond, checkpoint));
        assertTrue(client.accepted(keccak256(checkpoint)), "accepted");
    }

    function test_RefusesExactlyTwoThirdsOfThePower() public {
        uint64[] memory powers = new uint64[](3);
        (powers[0], powers[1], powers[2]) = (5, 5, 5);
        Signers memory three = makeSigners(powers, 1);
        client = makeClient(three, 7);
        bytes memory checkpoint = encode(makeFields(three, 7, 5));
        bytes memory signatures = sign(three, 3, checkpoint);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.NotEnoughPower.selector, 10, 15));
        client.submit(checkpoint, three.set, 3, signatures);
    }

    function test_RefusesNoSignatures() public {
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.NotEnoughPower.selector, 0, 3986));
        client.submit(encode(makeFields(four, 7, 5)), four.set, 0, "");
    }

    function test_AddsUpPowersOfNearly2To62() public {
        uint64[] memory powers = new uint64[](3);
        (powers[0], powers[1], powers[2]) = (1 << 61, 1 << 60, 1 << 59);
        Signers memory three = makeSigners(powers, 1);
        client = makeClient(three, 7);
        bytes memory checkpoint = encode(makeFields(three, 7, 5));
        bytes memory signatures = sign(three, 1, checkpoint);
        vm.expectRevert(
            abi.encodeWithSelector(IpdmLightClient.NotEnoughPower.selector, uint256(1) << 61, (uint256(7) << 59))
        );
        client.submit(checkpoint, three.set, 1, signatures);
        submit(client, three, makeFields(three, 7, 5));
    }

    function test_RefusesSignaturesInAnotherOrder() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        bytes32 digest = keccak256(checkpoint);
        bytes memory swapped =
            bytes.concat(signature(four.keys[1], digest), signature(four.keys[0], digest), sign(four, 12, checkpoint));
        vm.expectRevert(unexpectedSigner(0, vm.addr(four.keys[1]), vm.addr(four.keys[0])));
        client.submit(checkpoint, four.set, 15, swapped);
    }

    function test_RefusesASignatureTwice() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        bytes memory one = signature(four.keys[0], keccak256(checkpoint));
        vm.expectRevert(unexpectedSigner(1, vm.addr(four.keys[0]), vm.addr(four.keys[1])));
        client.submit(checkpoint, four.set, 7, bytes.concat(one, one, one));
    }

    function test_RefusesSignaturesOfOthers() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        Signers memory others = makeSigners(4, 1);
        bytes memory signatures = sign(others, 15, checkpoint);
        vm.expectRevert(unexpectedSigner(0, vm.addr(others.keys[0]), vm.addr(four.keys[0])));
        client.submit(checkpoint, four.set, 15, signatures);
    }

    function test_RefusesHighS() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(four.keys[0], keccak256(checkpoint));
        uint256 high = ORDER - uint256(s);
        bytes memory signatures = bytes.concat(abi.encodePacked(r, high, 28 - v), sign(four, 14, checkpoint));
        vm.expectRevert(abi.encodeWithSelector(SignerSet.SignatureHighS.selector, 0, high));
        client.submit(checkpoint, four.set, 15, signatures);
    }

    function test_RefusesRecoveryIdsOtherThan0And1() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        bytes memory signatures = sign(four, 15, checkpoint);
        for (uint8 v = 2; v < 32; ++v) {
            signatures[2 * 65 + 64] = bytes1(v);
            vm.expectRevert(abi.encodeWithSelector(SignerSet.SignatureRecoveryId.selector, 2, v));
            client.submit(checkpoint, four.set, 15, signatures);
        }
    }

    function test_RefusesTheOtherRecoveryId() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        bytes memory signatures = sign(four, 15, checkpoint);
        signatures[64] ^= 0x01;
        bytes32 digest = keccak256(checkpoint);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(four.keys[0], digest);
        address other = ecrecover(digest, 55 - v, r, s);
        vm.expectRevert(unexpectedSigner(0, other, vm.addr(four.keys[0])));
        client.submit(checkpoint, four.set, 15, signatures);
    }

    function test_RefusesASignatureOfNobodyForAMemberWithoutAddress() public {
        bytes memory set = abi.encodePacked(uint16(1), address(0), uint64(1));
        Signers memory nobody;
        nobody.root = keccak256(abi.encodePacked("IPDM/vs/v1", set));
        client = makeClient(nobody, 7);
        vm.expectRevert(unexpectedSigner(0, address(0), address(0)));
        client.submit(encode(makeFields(nobody, 7, 5)), set, 1, new bytes(65));
    }

    function test_RefusesSignersOutsideTheSet() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        bytes memory signatures = bytes.concat(sign(four, 15, checkpoint), sign(four, 1, checkpoint));
        vm.expectRevert(abi.encodeWithSelector(SignerSet.SignersOutsideSet.selector, 31, 4));
        client.submit(checkpoint, four.set, 31, signatures);
    }

    function test_RefusesTooFewOrTooManySignatures() public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        bytes memory signatures = sign(four, 15, checkpoint);
        vm.expectRevert(abi.encodeWithSelector(SignerSet.SignaturesLength.selector, 260, 195));
        client.submit(checkpoint, four.set, 7, signatures);
        vm.expectRevert(abi.encodeWithSelector(SignerSet.SignaturesLength.selector, 261, 260));
        client.submit(checkpoint, four.set, 15, bytes.concat(signatures, hex"00"));
    }

    function test_RefusesMalformedSetsThoughTheyAreTrusted() public {
        bytes[4] memory sets = [
            bytes(""),
            abi.encodePacked(uint16(0)),
            abi.encodePacked(uint16(2), bytes28("one member")),
            abi.encodePacked(uint16(257), new bytes(257 * 28))
        ];
        uint16[4] memory members = [0, 0, 2, 257];
        for (uint256 i; i < sets.length; ++i) {
            Signers memory malformed;
            malformed.root = keccak256(abi.encodePacked("IPDM/vs/v1", sets[i]));
            client = makeClient(malformed, 7);
            vm.expectRevert(abi.encodeWithSelector(SignerSet.SetLength.selector, sets[i].length, members[i]));
            client.submit(encode(makeFields(malformed, 7, 5)), sets[i], 0, "");
        }
    }

    function test_RefusesAnotherSet() public {
        Signers memory others = makeSigners(4, 1);
        bytes memory checkpoint = encode(makeFields(others, 7, 5));
        bytes memory signatures = sign(others, 15, checkpoint);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.UntrustedSet.selector, others.root, four.root));
        client.submit(checkpoint, others.set, 15, signatures);

        checkpoint = encode(makeFields(four, 7, 5));
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.WrongSet.selector, others.root, four.root));
        client.submit(checkpoint, others.set, 15, signatures);
    }

    function test_RefusesAnotherTagChainOrLength() public {
        Fields memory f = makeFields(four, 7, 5);
        f.tag = "IPDM/cp/v2";
        refuse(f, abi.encodeWithSelector(IpdmLightClient.WrongTag.selector, f.tag, bytes10("IPDM/cp/v1")));
        f = makeFields(four, 7, 5);
        f.chain = keccak256("ipdm-test-2");
        refuse(f, abi.encodeWithSelector(IpdmLightClient.WrongChain.selector, f.chain, CHAIN));
        bytes memory checkpoint = bytes.concat(encode(makeFields(four, 7, 5)), hex"00");
        vm.expectRevert(abi.encodeWithSelector(Checkpoint.CheckpointLength.selector, 227, 226));
        client.submit(checkpoint, four.set, 0, "");
        vm.expectRevert(abi.encodeWithSelector(Checkpoint.CheckpointLength.selector, 0, 226));
        client.submit("", four.set, 0, "");
    }

    function test_RefusesWhatIsNotNewer() public {
        submit(client, four, makeFields(four, 7, 5));
        Fields memory f = makeFields(four, 7, 5);
        f.anchorRoot = keccak256("a fork");
        refuse(f, abi.encodeWithSelector(IpdmLightClient.HeightNotGreater.selector, 5, 5));
        f.height = 4;
        refuse(f, abi.encodeWithSelector(IpdmLightClient.HeightNotGreater.selector, 4, 5));
        f.height = 6;
        f.time -= 1;
        refuse(f, abi.encodeWithSelector(IpdmLightClient.TimeBeforeHead.selector, f.time, f.time + 1));
        f.time += 1;
        submit(client, four, f);
        assertHead(7, 6, four.root);
    }

    function test_SaysThatACheckpointWasAcceptedAlready() public {
        bytes memory checkpoint = submit(client, four, makeFields(four, 7, 5));
        submit(client, four, makeFields(four, 7, 6));
        bytes memory reason = abi.encodeWithSelector(IpdmLightClient.AlreadyAccepted.selector, keccak256(checkpoint));
        vm.expectRevert(reason);
        client.submit(checkpoint, four.set, 15, "");
        vm.warp(START + TRUST_PERIOD + 1); // also when it is stale
        vm.expectRevert(reason);
        client.submit(checkpoint, four.set, 15, "");
    }

    function test_SkipsCheckpointsOfAnEpoch() public {
        submit(client, four, makeFields(four, 7, 5));
        submit(client, four, makeFields(four, 7, 5000));
        assertHead(7, 5000, four.root);
    }

    function test_Rotates() public {
        Signers memory twenty = makeSigners(20, 1);
        Fields memory f = makeFields(four, 7, 5);
        f.nextSetRoot = twenty.root;
        submit(client, four, f);
        assertHead(8, 5, twenty.root);

        refuse(makeFields(four, 7, 6), abi.encodeWithSelector(IpdmLightClient.WrongEpoch.selector, 7, 8));
        refuse(
            makeFields(four, 8, 6),
            abi.encodeWithSelector(IpdmLightClient.UntrustedSet.selector, four.root, twenty.root)
        );
        submit(client, twenty, makeFields(twenty, 8, 6));
        assertHead(8, 6, twenty.root);
    }

    function test_RefusesASkippedEpoch() public {
        refuse(makeFields(four, 8, 5), abi.encodeWithSelector(IpdmLightClient.WrongEpoch.selector, 8, 7));
        refuse(makeFields(four, 6, 5), abi.encodeWithSelector(IpdmLightClient.WrongEpoch.selector, 6, 7));
    }

    function test_RemembersWhatItAcceptedForGood() public {
        bytes memory checkpoint = submit(client, four, makeFields(four, 7, 5));
        vm.warp(START + 365 days);
        assertTrue(client.accepted(keccak256(checkpoint)), "accepted a year ago");
    }

    function test_RefusesWhenStale() public {
        vm.warp(START + 10 days);
        submit(client, four, makeFields(four, 7, 5));
        uint256 staleAt = START + 10 days + TRUST_PERIOD;
        assertEq(client.staleAt(), staleAt, "when it becomes stale");
        vm.warp(staleAt + 1);
        refuse(
            makeFields(four, 7, 6), abi.encodeWithSelector(IpdmLightClient.ClientStale.selector, staleAt, staleAt + 1)
        );
        vm.warp(staleAt);
        submit(client, four, makeFields(four, 7, 6));
    }

    function test_AFutureTimeDoesNotKeepTheSetTrustedForLonger() public {
        Fields memory f = makeFields(four, 7, 5);
        f.time += 365 days * 1000;
        submit(client, four, f);
        assertEq(client.staleAt(), START + TRUST_PERIOD, "when it becomes stale");
    }

    function test_APastCheckpointDoesNotMakeTheClientStale() public {
        Fields memory f = makeFields(four, 7, 5);
        f.time -= 365 days * 1000;
        submit(client, four, f);
        assertEq(client.staleAt(), START + TRUST_PERIOD, "when it becomes stale");
    }

    function test_RecoversWhenStale() public {
        submit(client, four, makeFields(four, 7, 5));
        uint256 staleAt = client.staleAt();
        Signers memory one = makeSigners(1, 1);

        vm.warp(staleAt);
        vm.prank(RECOVERY);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.ClientNotStale.selector, staleAt, staleAt));
        client.proposeRecovery(9, one.root);

        vm.warp(staleAt + 1);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.NotRecoveryAddress.selector, address(this), RECOVERY));
        client.proposeRecovery(9, one.root);
        vm.prank(RECOVERY);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.NoRecovery.selector));
        client.executeRecovery();
        vm.prank(RECOVERY);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.InvalidRecovery.selector, 6, 7, one.root));
        client.proposeRecovery(6, one.root);
        vm.prank(RECOVERY);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.InvalidRecovery.selector, 9, 7, bytes32(0)));
        client.proposeRecovery(9, 0);
        vm.prank(RECOVERY);
        client.proposeRecovery(9, one.root);

        uint256 executableAt = staleAt + 1 + RECOVERY_DELAY;
        vm.warp(executableAt - 1);
        vm.prank(RECOVERY);
        vm.expectRevert(
            abi.encodeWithSelector(IpdmLightClient.RecoveryTooEarly.selector, executableAt, executableAt - 1)
        );
        client.executeRecovery();
        vm.warp(executableAt);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.NotRecoveryAddress.selector, address(this), RECOVERY));
        client.executeRecovery();
        vm.prank(RECOVERY);
        client.executeRecovery();

        assertHead(9, 5, one.root);
        assertEq(client.staleAt(), executableAt + TRUST_PERIOD, "when it becomes stale");
        refuse(makeFields(one, 9, 5), abi.encodeWithSelector(IpdmLightClient.HeightNotGreater.selector, 5, 5));
        submit(client, one, makeFields(one, 9, 6));
        staleAt = client.staleAt();
        vm.prank(RECOVERY);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.ClientNotStale.selector, staleAt, executableAt));
        client.executeRecovery();
    }

    function test_ASecondProposalWaitsAnew() public {
        vm.warp(START + TRUST_PERIOD + 1);
        vm.prank(RECOVERY);
        client.proposeRecovery(9, keccak256("first"));
        vm.warp(block.timestamp + RECOVERY_DELAY);
        vm.prank(RECOVERY);
        client.proposeRecovery(10, keccak256("second"));
        uint256 executableAt = block.timestamp + RECOVERY_DELAY;
        vm.prank(RECOVERY);
        vm.expectRevert(
            abi.encodeWithSelector(IpdmLightClient.RecoveryTooEarly.selector, executableAt, block.timestamp)
        );
        client.executeRecovery();
        vm.warp(executableAt);
        vm.prank(RECOVERY);
        client.executeRecovery();
        assertHead(10, 0, keccak256("second"));
    }

    function test_CannotBeMadeWithoutChainSetOrTrustPeriod() public {
        vm.expectRevert(
            abi.encodeWithSelector(IpdmLightClient.InvalidConfiguration.selector, 0, four.root, 1, RECOVERY)
        );
        new IpdmLightClient(0, four.root, 1, 1, RECOVERY, 1);
        vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.InvalidConfiguration.selector, CHAIN, 0, 1, RECOVERY));
        new IpdmLightClient(CHAIN, 0, 1, 1, RECOVERY, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IpdmLightClient.InvalidConfiguration.selector, CHAIN, four.root, 0, RECOVERY)
        );
        new IpdmLightClient(CHAIN, four.root, 1, 0, RECOVERY, 1);
    }

    /// Any bit that is changed in what a relayer hands in makes the client refuse it.
    function testFuzz_RefusesAnyChangedBit(uint256 what, uint256 bit) public {
        bytes memory checkpoint = encode(makeFields(four, 7, 5));
        bytes memory signatures = sign(four, 15, checkpoint);
        bytes[3] memory parts = [checkpoint, four.set, signatures];
        bytes memory part = parts[what % 3];
        bit = bit % (part.length * 8);
        part[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        (bool done,) = address(client).call(abi.encodeCall(client.submit, (parts[0], parts[1], 15, parts[2])));
        assertTrue(!done, "refused");
        assertHead(7, 0, four.root);
    }

    /// The client accepts what some members sign exactly if they have more than two thirds of the power.
    function testFuzz_CountsPower(uint64[8] memory weights, uint8 bitmap) public {
        uint64[] memory powers = new uint64[](8);
        uint256 signed;
        uint256 total;
        uint64 most = (1 << 59) - 1;
        for (uint256 i; i < 8; ++i) {
            most = powers[i] = uint64(bound(weights[i], 1, most));
            total += most;
            if ((bitmap >> i) & 1 == 1) signed += most;
        }
        Signers memory eight = makeSigners(powers, 3);
        client = makeClient(eight, 7);
        bytes memory checkpoint = encode(makeFields(eight, 7, 5));
        bytes memory signatures = sign(eight, bitmap, checkpoint);
        if (signed * 3 <= total * 2) {
            vm.expectRevert(abi.encodeWithSelector(IpdmLightClient.NotEnoughPower.selector, signed, total));
        }
        client.submit(checkpoint, eight.set, bitmap, signatures);
    }

    function refuse(Fields memory f, bytes memory reason) private {
        bytes memory checkpoint = encode(f);
        bytes memory signatures = sign(four, 15, checkpoint);
        vm.expectRevert(reason);
        client.submit(checkpoint, four.set, 15, signatures);
    }

    function unexpectedSigner(uint256 member, address signer, address expected) private pure returns (bytes memory) {
        return abi.encodeWithSelector(SignerSet.UnexpectedSigner.selector, member, signer, expected);
    }
}
