// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Control} from "../contracts/Control.sol";
import {IpdmGateway} from "../contracts/IpdmGateway.sol";
import {IpdmToken} from "../contracts/IpdmToken.sol";
import {Pause} from "../contracts/Pause.sol";
import {Vault} from "../contracts/Vault.sol";
import {GatewayBase} from "./GatewayBase.sol";
import {Token} from "./Tokens.sol";

/// @notice What IPDM's governance decides, and the pause.
contract ControlTest is GatewayBase {
    function setUp() public {
        deploy();
    }

    function test_OnlyGovernanceSendsControlMessages() public {
        uint64 nonce = push(CONTROL, ALICE, 0, 0, guardianIs(BOB));
        refuse(nonce, abi.encodeWithSelector(IpdmGateway.ControlNotByGovernance.selector, ALICE));
    }

    function test_RefusesMalformedOperations() public {
        malformed("", 0, "nothing");
        malformed(hex"00", 0, "operation 0");
        malformed(hex"06", 6, "operation 6");
        malformed(hex"0500", 5, "arguments of an end of a pause");
        malformed(abi.encodePacked(uint8(1), NATIVE, uint8(18)), 1, "no symbol");
        malformed(mintedHere(NATIVE, ""), 1, "an empty symbol");
        malformed(mintedHere(NATIVE, "seventeen bytes.."), 1, "a symbol that is too long");
        malformed(abi.encodePacked(mintedHere(NATIVE, "wIPDM"), hex"00"), 1, "a byte behind the symbol");
        malformed(abi.encodePacked(uint8(2), NATIVE, new bytes(31)), 2, "a token of 31 bytes");
        malformed(abi.encodePacked(limitOf(NATIVE, 1, 1), hex"00"), 3, "a byte behind the window");
        malformed(abi.encodePacked(uint8(4), new bytes(20)), 4, "a guardian of 20 bytes");
    }

    function malformed(bytes memory payload, uint8 operation, string memory what) private {
        uint64 nonce = pushControl(payload);
        bytes memory checkpoint = seal();
        bytes memory message = outbox[nonce].message;
        (bool done, bytes memory out) = address(gateway)
            .call(
                abi.encodeCall(
                    gateway.deliver,
                    (checkpoint, message, payload, uint64(leaves.length), path(nonce, 0, leaves.length))
                )
            );
        assertTrue(!done, what);
        assertEq(out, abi.encodeWithSelector(Control.MalformedControl.selector, operation, payload.length), what);
    }

    function test_RegistersSymbolsOf1And16Bytes() public {
        deliver(pushControl(mintedHere("a", "x")));
        deliver(pushControl(mintedHere("b", "sixteen bytes 16")));
        (address a, bool minted) = gateway.assets("a");
        (address b,) = gateway.assets("b");
        assertTrue(minted, "minted");
        assertEq(bytes(IpdmToken(a).symbol()), "x", "symbol");
        assertEq(bytes(IpdmToken(b).symbol()), "sixteen bytes 16", "symbol");
    }

    function test_RegistersAnAssetOnce() public {
        deliver(pushControl(mintedHere(NATIVE, "wIPDM")));
        (address before,) = gateway.assets(NATIVE);
        assertEq(deliveredStatus(pushControl(mintedHere(NATIVE, "other"))), 2, "status of the second");
        (address token,) = gateway.assets(NATIVE);
        assertEq(token, before, "token");
        address local = address(new Token());
        assertEq(deliveredStatus(pushControl(lockedHere(local))), 1, "status of a token of this chain");
        assertEq(deliveredStatus(pushControl(lockedHere(local))), 2, "status of its second");
    }

    function test_RefusesTokensOfThisChainThatAreNone() public {
        refuse(pushControl(lockedHere(BOB)), abi.encodeWithSelector(Vault.NotToken.selector, to32(BOB)));
        refuse(
            pushControl(lockedHere(address(gateway))),
            abi.encodeWithSelector(Vault.NotToken.selector, to32(address(gateway)))
        );
        bytes32 asset = keccak256(abi.encodePacked("IPDM/asset/v1", DOMAIN, ALICE));
        refuse(
            pushControl(abi.encodePacked(uint8(2), asset, ALICE)),
            abi.encodeWithSelector(Vault.NotToken.selector, ALICE)
        );
        address token = address(new Token());
        refuse(
            pushControl(abi.encodePacked(uint8(2), NATIVE, to32(token))),
            abi.encodeWithSelector(Vault.WrongAsset.selector, NATIVE, assetOf(token))
        );
    }

    function test_RefusesLimitsThatAreNone() public {
        refuse(pushControl(limitOf(NATIVE, 1, 1)), abi.encodeWithSelector(Vault.UnknownAsset.selector, NATIVE));
        deliver(pushControl(mintedHere(NATIVE, "wIPDM")));
        refuse(pushControl(limitOf(NATIVE, 1, 0)), abi.encodeWithSelector(Vault.InvalidLimit.selector, NATIVE, 1, 0));
        uint256 most = type(uint128).max;
        refuse(
            pushControl(limitOf(NATIVE, most + 1, 1)),
            abi.encodeWithSelector(Vault.InvalidLimit.selector, NATIVE, most + 1, 1)
        );
        assertEq(deliveredStatus(pushControl(limitOf(NATIVE, most, 1))), 1, "status of the greatest");
    }

    function test_AnOlderDecisionComesTooLate() public {
        deliver(pushControl(mintedHere(NATIVE, "wIPDM")));
        deliver(pushControl(mintedHere("other", "other")));
        uint64 loose = pushControl(limitOf(NATIVE, 1_000_000, 1));
        uint64 other = pushControl(limitOf("other", 7, 1));
        uint64 tight = pushControl(limitOf(NATIVE, 10, 60));
        uint64 bob = pushControl(guardianIs(BOB));
        uint64 guardian = pushControl(guardianIs(GUARDIAN));
        assertEq(deliveredStatus(tight), 1, "status of the last");
        assertEq(deliveredStatus(loose), 2, "status of the one before it");
        assertEq(deliveredStatus(other), 1, "status of that of another asset");
        (, uint256 capacity,) = gateway.limit(NATIVE);
        assertEq(capacity, 10, "capacity");
        assertEq(deliveredStatus(guardian), 1, "status of the last guardian");
        assertEq(deliveredStatus(bob), 2, "status of the one before");
        assertEq(gateway.guardian(), GUARDIAN, "guardian");
        assertEq(deliveredStatus(pushControl(limitOf(NATIVE, 20, 60))), 1, "status of a later one");
    }

    function test_NamesAGuardianOrNobody() public {
        refuse(
            pushControl(abi.encodePacked(uint8(4), ALICE)),
            abi.encodeWithSelector(Control.InvalidGuardian.selector, ALICE)
        );
        deliver(pushControl(guardianIs(GUARDIAN)));
        assertEq(gateway.guardian(), GUARDIAN, "guardian");
        vm.expectRevert(abi.encodeWithSelector(Pause.NotGuardian.selector, address(this), GUARDIAN));
        gateway.pause();
        deliver(pushControl(guardianIs(address(0))));
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(Pause.NotGuardian.selector, GUARDIAN, address(0)));
        gateway.pause();
    }

    function test_APauseBlocksTheReleaseOfValueOnly() public {
        IpdmToken wrapped = setUpNative(1000, 1 hours);
        Token token = new Token();
        token.mint(BOB, 100);
        bytes32 local = assetOf(address(token));
        deliver(pushControl(lockedHere(address(token))));
        deliver(pushControl(limitOf(local, 1000, 1 hours)));
        deliver(pushTransfer(NATIVE, 100, BOB));
        pause();

        uint64 minted = pushTransfer(NATIVE, 50, BOB);
        uint64 unlocked = pushTransfer(local, 30, BOB);
        vm.prank(BOB);
        gateway.send(local, 70, ALICE); // locks
        vm.prank(BOB);
        gateway.send(NATIVE, 60, ALICE); // burns
        assertEq(deliveredStatus(minted), 1, "status of a transfer");
        assertEq(deliveredStatus(unlocked), 1, "status of another transfer");
        assertEq(wrapped.balanceOf(BOB), 40, "nothing is minted");
        assertEq(token.balanceOf(BOB), 30, "nothing is unlocked");
        gateway.call(ALICE, "hello");
        assertEq(deliveredStatus(pushControl(limitOf(NATIVE, 900, 1 hours))), 1, "status of a control message");

        uint64 until = gateway.pausedUntil();
        vm.expectRevert(abi.encodeWithSelector(Pause.ReleasePaused.selector, until, block.timestamp));
        gateway.claim(minted);
        vm.warp(until);
        gateway.claim(minted);
        gateway.claim(unlocked);
        assertEq(wrapped.balanceOf(BOB), 90, "minted");
        assertEq(token.balanceOf(BOB), 60, "unlocked");
    }

    function test_RefusesPausesThatAreMostOfTheTime() public {
        tooLong(30 days + 1, 30 days + 1);
        tooLong(2, 1);
        tooLong(type(uint64).max, type(uint64).max);
        new IpdmGateway(client, DOMAIN, 30 days, 30 days);
    }

    function tooLong(uint64 period, uint64 cooldown) private {
        vm.expectRevert(abi.encodeWithSelector(Pause.InvalidPause.selector, period, cooldown));
        new IpdmGateway(client, DOMAIN, period, cooldown);
    }

    function test_APauseEndsByItselfAndAnotherHasToWait() public {
        deliver(pushControl(guardianIs(GUARDIAN)));
        uint64 until = START + PAUSE_PERIOD;
        pause();
        assertEq(gateway.pausedUntil(), until, "paused until");
        pauseTooEarly(until + PAUSE_COOLDOWN);
        vm.warp(until - 1);
        assertTrue(gateway.paused(), "paused to the end");
        vm.warp(until);
        assertTrue(!gateway.paused(), "ended by itself");
        vm.warp(until + PAUSE_COOLDOWN - 1);
        pauseTooEarly(until + PAUSE_COOLDOWN);
        vm.warp(until + PAUSE_COOLDOWN);
        pause();
        assertTrue(gateway.paused(), "paused again");
    }

    function test_GovernanceEndsAPauseAndTheGuardianStillHasToWait() public {
        pause();
        uint64 nextPauseAt = gateway.nextPauseAt();
        deliver(pushControl(hex"05"));
        assertTrue(!gateway.paused(), "ended");
        pauseTooEarly(nextPauseAt);
        vm.warp(nextPauseAt);
        pause();
    }

    function pause() private {
        if (gateway.guardian() != GUARDIAN) deliver(pushControl(guardianIs(GUARDIAN)));
        vm.prank(GUARDIAN);
        gateway.pause();
    }

    function pauseTooEarly(uint64 nextPauseAt) private {
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(Pause.PauseTooEarly.selector, nextPauseAt, block.timestamp));
        gateway.pause();
    }
}
