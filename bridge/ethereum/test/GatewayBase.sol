// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IpdmGateway} from "../contracts/IpdmGateway.sol";
import {IpdmLightClient} from "../contracts/IpdmLightClient.sol";
import {IpdmToken} from "../contracts/IpdmToken.sol";
import {Base} from "./Base.sol";
import {Vm} from "./Vm.sol";

/// @notice A gateway, and an IPDM with an outbox and one signer.
abstract contract GatewayBase is Base {
    uint32 internal constant DOMAIN = 1;
    uint64 internal constant PAUSE_PERIOD = 3 days;
    uint64 internal constant PAUSE_COOLDOWN = 7 days;
    bytes32 internal constant ALICE = keccak256("alice of IPDM");
    address internal constant BOB = address(0xb0b);
    address internal constant GUARDIAN = address(0x9a4d);
    bytes32 internal constant NATIVE = keccak256("native"); // an asset of IPDM's

    uint8 internal constant TRANSFER = 1;
    uint8 internal constant CALL = 2;
    uint8 internal constant CONTROL = 3;
    uint8 internal constant DELIVERY = 4;

    struct Sent {
        bytes message;
        bytes payload;
    }

    IpdmLightClient internal client;
    IpdmGateway internal gateway;
    Signers internal one;
    Sent[] internal outbox;
    bytes32[] internal leaves;
    uint64 internal ipdmHeight;

    function deploy() internal {
        vm.warp(START);
        one = makeSigners(1, 0);
        client = makeClient(one, 1);
        gateway = new IpdmGateway(client, DOMAIN, PAUSE_PERIOD, PAUSE_COOLDOWN);
    }

    // Messages.

    function encodeMessage(
        uint8 kind,
        uint32 domain,
        address application,
        uint64 nonce,
        bytes32 sender,
        bytes32 recipient,
        uint64 timeout,
        bytes memory payload
    ) internal pure returns (bytes memory) {
        return bytes.concat(
            abi.encodePacked("IPDM/msg/v1", kind, domain, to32(application), nonce),
            abi.encodePacked(sender, recipient, timeout, keccak256(payload))
        );
    }

    /// @dev Puts a message into the outbox.
    function push(uint8 kind, bytes32 sender, bytes32 recipient, uint64 timeout, bytes memory payload)
        internal
        returns (uint64 nonce)
    {
        nonce = uint64(outbox.length);
        push(encodeMessage(kind, DOMAIN, address(gateway), nonce, sender, recipient, timeout, payload), payload);
    }

    function push(bytes memory message, bytes memory payload) internal {
        outbox.push(Sent(message, payload));
        leaves.push(keccak256(abi.encodePacked(hex"00", message)));
    }

    function pushTransfer(bytes32 asset, uint256 amount, address to) internal returns (uint64) {
        return push(TRANSFER, ALICE, to32(to), 0, abi.encode(asset, amount));
    }

    function pushControl(bytes memory payload) internal returns (uint64) {
        return push(CONTROL, 0, 0, 0, payload);
    }

    function mintedHere(bytes32 asset, string memory symbol) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), asset, uint8(18), uint8(bytes(symbol).length), symbol);
    }

    function lockedHere(address token) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(2), assetOf(token), to32(token));
    }

    function limitOf(bytes32 asset, uint256 capacity, uint32 window) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(3), asset, capacity, window);
    }

    function guardianIs(address guardian) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(4), to32(guardian));
    }

    function assetOf(address token) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("IPDM/asset/v1", DOMAIN, to32(token)));
    }

    // Delivery.

    /// @dev A checkpoint over the whole outbox, which the client has accepted.
    function seal() internal returns (bytes memory checkpoint) {
        Fields memory f = makeFields(one, 1, ++ipdmHeight);
        f.outboxRoot = keccak256(abi.encodePacked("IPDM/ob/v1", uint64(leaves.length), tree(0, leaves.length)));
        return submit(client, one, f);
    }

    function deliver(uint64 nonce) internal {
        deliver(seal(), nonce);
    }

    function deliver(bytes memory checkpoint, uint64 nonce) internal {
        Sent memory sent = outbox[nonce];
        bytes32[] memory proof = path(nonce, 0, leaves.length);
        gateway.deliver(checkpoint, sent.message, sent.payload, uint64(leaves.length), proof);
    }

    /// @dev Delivers a message, which fails for a reason.
    function refuse(uint64 nonce, bytes memory reason) internal {
        bytes memory checkpoint = seal();
        Sent memory sent = outbox[nonce];
        bytes32[] memory proof = path(nonce, 0, leaves.length);
        vm.expectRevert(reason);
        gateway.deliver(checkpoint, sent.message, sent.payload, uint64(leaves.length), proof);
    }

    /// @dev Delivers a message and returns the status that IPDM is told.
    function deliveredStatus(uint64 nonce) internal returns (uint8) {
        bytes memory checkpoint = seal();
        uint64 eventNonce = gateway.eventNonce();
        vm.recordLogs();
        deliver(checkpoint, nonce);
        (bytes32 sender, bytes32 recipient, bytes memory payload) = outbound(eventNonce, DELIVERY);
        bytes memory message = outbox[nonce].message;
        assertEq(sender, word(message, 88), "sender of the delivery's event");
        assertEq(recipient, word(message, 56), "recipient of the delivery's event");
        assertEq(payload.length, 9, "length of the delivery's payload");
        assertEq(uint256(word(payload, 0)) >> 192, nonce, "nonce in the delivery's payload");
        return uint8(payload[8]);
    }

    /// @dev The one event for IPDM among the recorded logs.
    function outbound(uint64 nonce, uint8 kind)
        internal
        returns (bytes32 sender, bytes32 recipient, bytes memory payload)
    {
        return outboundOf(1, nonce, kind);
    }

    /// @dev The first of a number of events for IPDM among the recorded logs.
    function outboundOf(uint256 count, uint64 nonce, uint8 kind)
        internal
        returns (bytes32 sender, bytes32 recipient, bytes memory payload)
    {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 found;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IpdmGateway.Outbound.selector) continue;
            assertEq(logs[i].emitter, address(gateway), "emitter");
            assertEq(uint256(logs[i].topics[1]), nonce + found, "nonce of the event");
            if (found++ != 0) continue;
            assertEq(uint256(logs[i].topics[2]), kind, "kind of the event");
            sender = logs[i].topics[3];
            uint64 time;
            (recipient, time, payload) = abi.decode(logs[i].data, (bytes32, uint64, bytes));
            assertEq(time, block.timestamp * 1000, "time of the event");
        }
        assertEq(found, count, "number of events for IPDM");
        assertEq(gateway.eventNonce(), nonce + count, "nonce of the next event");
    }

    /// @dev Delivers what makes NATIVE a token here, with a limit. Returns the token.
    function setUpNative(uint256 capacity, uint32 window) internal returns (IpdmToken) {
        deliver(pushControl(mintedHere(NATIVE, "wIPDM")));
        deliver(pushControl(limitOf(NATIVE, capacity, window)));
        (address token,) = gateway.assets(NATIVE);
        return IpdmToken(token);
    }

    // RFC 9162, 2.1.

    function tree(uint256 from, uint256 count) internal view returns (bytes32) {
        if (count == 0) return 0;
        if (count == 1) return leaves[from];
        uint256 half = left(count);
        return keccak256(abi.encodePacked(hex"01", tree(from, half), tree(from + half, count - half)));
    }

    function path(uint256 index, uint256 from, uint256 count) internal view returns (bytes32[] memory out) {
        if (count <= 1) return out;
        uint256 half = left(count);
        bool right = index >= half;
        bytes32[] memory below = right ? path(index - half, from + half, count - half) : path(index, from, half);
        out = new bytes32[](below.length + 1);
        for (uint256 i; i < below.length; ++i) {
            out[i] = below[i];
        }
        out[below.length] = right ? tree(from, half) : tree(from + half, count - half);
    }

    function left(uint256 count) internal pure returns (uint256 half) {
        for (half = 1; half * 2 < count; half *= 2) {}
    }

    function to32(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }

    function word(bytes memory data, uint256 offset) internal pure returns (bytes32 out) {
        assembly ("memory-safe") {
            out := mload(add(add(data, 32), offset))
        }
    }
}
