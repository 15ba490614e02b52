// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IpdmLightClient} from "../contracts/IpdmLightClient.sol";
import {Vm} from "./Vm.sol";

/// @notice What all tests share: assertions, signer sets, checkpoints.
abstract contract Base {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint64 internal constant START = 1_800_000_000; // seconds since 1970
    bytes32 internal constant CHAIN = keccak256("ipdm-test-1");
    uint64 internal constant TRUST_PERIOD = 14 days;
    uint64 internal constant RECOVERY_DELAY = 3 days;
    address internal constant RECOVERY = address(0x5ec0);

    /// @dev A signer set with its keys, in the order of the set.
    struct Signers {
        uint256[] keys;
        uint64[] powers;
        bytes set;
        bytes32 root;
    }

    /// @dev The fields of a checkpoint.
    struct Fields {
        bytes10 tag;
        bytes32 chain;
        uint64 epoch;
        uint64 height;
        uint64 time;
        bytes32 anchorRoot;
        bytes32 outboxRoot;
        bytes32 setRoot;
        bytes32 nextSetRoot;
        bytes32 previous;
    }

    error Unequal(string what, uint256 got, uint256 want);
    error UnequalBytes(string what, bytes got, bytes want);
    error Untrue(string what);

    function assertEq(uint256 got, uint256 want, string memory what) internal pure {
        if (got != want) revert Unequal(what, got, want);
    }

    function assertEq(bytes32 got, bytes32 want, string memory what) internal pure {
        if (got != want) revert UnequalBytes(what, abi.encode(got), abi.encode(want));
    }

    function assertEq(address got, address want, string memory what) internal pure {
        if (got != want) revert UnequalBytes(what, abi.encode(got), abi.encode(want));
    }

    function assertEq(bytes memory got, bytes memory want, string memory what) internal pure {
        if (keccak256(got) != keccak256(want)) revert UnequalBytes(what, got, want);
    }

    function assertTrue(bool holds, string memory what) internal pure {
        if (!holds) revert Untrue(what);
    }

    /// @dev Brings a fuzzed number into [low, high].
    function bound(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        return low + x % (high - low + 1);
    }

    /// @dev A set of members whose powers fall, some of them equal.
    function makeSigners(uint256 count, uint256 seed) internal pure returns (Signers memory) {
        uint64[] memory powers = new uint64[](count);
        for (uint256 i; i < count; ++i) {
            powers[i] = uint64(1000 - i / 2 * 7);
        }
        return makeSigners(powers, seed);
    }

    /// @dev A set of members with these powers, which must fall.
    function makeSigners(uint64[] memory powers, uint256 seed) internal pure returns (Signers memory made) {
        made.powers = powers;
        made.keys = new uint256[](powers.length);
        for (uint256 i; i < powers.length; ++i) {
            uint256 key = uint256(keccak256(abi.encode("signer", seed, i))) >> 1;
            uint256 place = i;
            for (
                ; place > 0 && powers[place - 1] == powers[i] && vm.addr(made.keys[place - 1]) > vm.addr(key); --place) {
                made.keys[place] = made.keys[place - 1];
            }
            made.keys[place] = key;
        }
        made.set = abi.encodePacked(uint16(powers.length));
        for (uint256 i; i < powers.length; ++i) {
            made.set = abi.encodePacked(made.set, vm.addr(made.keys[i]), powers[i]);
        }
        made.root = keccak256(abi.encodePacked("IPDM/vs/v1", made.set));
    }

    /// @dev A checkpoint that a set signs, and that does not end the epoch.
    function makeFields(Signers memory signers, uint64 epoch, uint64 height) internal view returns (Fields memory) {
        return Fields({
            tag: "IPDM/cp/v1",
            chain: CHAIN,
            epoch: epoch,
            height: height,
            time: uint64(block.timestamp) * 1000,
            anchorRoot: keccak256("anchors"),
            outboxRoot: keccak256("outbox"),
            setRoot: signers.root,
            nextSetRoot: signers.root,
            previous: 0
        });
    }

    function encode(Fields memory f) internal pure returns (bytes memory) {
        return bytes.concat(
            abi.encodePacked(f.tag, f.chain, f.epoch, f.height, f.time),
            abi.encodePacked(f.anchorRoot, f.outboxRoot, f.setRoot, f.nextSetRoot, f.previous)
        );
    }

    /// @dev The bitmap of the first members.
    function first(uint256 count) internal pure returns (uint256) {
        return count == 256 ? type(uint256).max : (1 << count) - 1;
    }

    /// @dev The signatures of the members in a bitmap.
    function sign(Signers memory signers, uint256 bitmap, bytes memory checkpoint)
        internal
        pure
        returns (bytes memory signatures)
    {
        for (uint256 i; i < signers.keys.length; ++i) {
            if ((bitmap >> i) & 1 == 1) {
                signatures = bytes.concat(signatures, signature(signers.keys[i], keccak256(checkpoint)));
            }
        }
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v - 27);
    }

    /// @dev Hands in a checkpoint with the signatures of all members.
    function submit(IpdmLightClient client, Signers memory signers, Fields memory f)
        internal
        returns (bytes memory checkpoint)
    {
        checkpoint = encode(f);
        uint256 all = first(signers.keys.length);
        client.submit(checkpoint, signers.set, all, sign(signers, all, checkpoint));
    }

    function makeClient(Signers memory signers, uint64 epoch) internal returns (IpdmLightClient) {
        return new IpdmLightClient(CHAIN, signers.root, epoch, TRUST_PERIOD, RECOVERY, RECOVERY_DELAY);
    }
}
