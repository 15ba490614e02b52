// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Erc20} from "../contracts/Erc20.sol";
import {IpdmGateway} from "../contracts/IpdmGateway.sol";
import {IpdmToken} from "../contracts/IpdmToken.sol";
import {Vault} from "../contracts/Vault.sol";
import {GatewayBase} from "./GatewayBase.sol";
import {FalseToken, HookToken, SilentToken, Token} from "./Tokens.sol";

/// @notice Value that comes and goes: minted, burned, locked, unlocked, and owed beyond the limit.
contract ValueTest is GatewayBase {
    uint32 private constant WINDOW = 1 hours;

    IpdmToken private wrapped;
    Token private token;
    bytes32 private local;

    function setUp() public {
        deploy();
        wrapped = setUpNative(1000, WINDOW);
        token = new Token();
        local = register(address(token));
        token.mint(BOB, 5000);
    }

    function register(address from) private returns (bytes32 asset) {
        asset = assetOf(from);
        deliver(pushControl(lockedHere(from)));
        deliver(pushControl(limitOf(asset, 1000, WINDOW)));
    }

    function sendBy(address sender, bytes32 asset, uint256 amount) private returns (uint64) {
        vm.prank(sender);
        return gateway.send(asset, amount, ALICE);
    }

    function assertOwed(uint64 nonce, bytes32 asset, address recipient, uint256 amount) private view {
        (bytes32 a, address r, uint256 left) = gateway.owed(nonce);
        assertEq(left, amount, "owed");
        if (amount == 0) return;
        assertEq(a, asset, "asset owed");
        assertEq(r, recipient, "to whom");
    }

    function assertLimit(bytes32 asset, uint256 available) private view {
        (uint256 now_, uint256 capacity, uint32 window) = gateway.limit(asset);
        assertEq(now_, available, "available");
        assertEq(capacity, 1000, "capacity");
        assertEq(window, WINDOW, "window");
    }

    function test_MintsAndBurns() public {
        assertEq(deliveredStatus(pushTransfer(NATIVE, 400, BOB)), 1, "status");
        assertEq(wrapped.balanceOf(BOB), 400, "balance");
        assertEq(wrapped.totalSupply(), 400, "supply");
        assertLimit(NATIVE, 600);

        uint64 nonce = gateway.eventNonce();
        vm.recordLogs();
        assertEq(sendBy(BOB, NATIVE, 150), nonce, "nonce");
        (bytes32 sender, bytes32 recipient, bytes memory payload) = outbound(nonce, TRANSFER);
        assertEq(sender, to32(BOB), "sender");
        assertEq(recipient, ALICE, "recipient");
        assertEq(payload, abi.encode(NATIVE, 150), "payload");
        assertEq(wrapped.balanceOf(BOB), 250, "balance");
        assertEq(wrapped.totalSupply(), 250, "supply");
    }

    function test_LocksAndUnlocks() public {
        uint64 nonce = gateway.eventNonce();
        vm.recordLogs();
        assertEq(sendBy(BOB, local, 700), nonce, "nonce");
        (,, bytes memory payload) = outbound(nonce, TRANSFER);
        assertEq(payload, abi.encode(local, 700), "payload");
        assertEq(gateway.locked(local), 700, "locked");
        assertEq(token.balanceOf(address(gateway)), 700, "held");

        assertEq(deliveredStatus(pushTransfer(local, 300, address(this))), 1, "status");
        assertEq(token.balanceOf(address(this)), 300, "balance");
        assertEq(gateway.locked(local), 400, "locked");
    }

    function test_NeverUnlocksMoreThanIsLocked() public {
        sendBy(BOB, local, 700);
        token.mint(address(gateway), 1000); // a gift is not locked for anyone
        refuse(pushTransfer(local, 701, BOB), abi.encodeWithSelector(Vault.NotEnoughLocked.selector, local, 700, 701));
    }

    function test_OwesWhatIsOverTheLimit() public {
        uint64 nonce = pushTransfer(NATIVE, 2300, BOB);
        assertEq(deliveredStatus(nonce), 1, "status");
        assertEq(wrapped.balanceOf(BOB), 1000, "released at once");
        assertOwed(nonce, NATIVE, BOB, 1300);
        assertLimit(NATIVE, 0);

        (uint256 time, uint256 amount) = gateway.refill(NATIVE);
        vm.expectRevert(abi.encodeWithSelector(Vault.LimitReached.selector, NATIVE, time));
        gateway.claim(nonce);
        vm.warp(time - 1);
        vm.expectRevert(abi.encodeWithSelector(Vault.LimitReached.selector, NATIVE, time));
        gateway.claim(nonce);
        vm.warp(time);
        assertLimit(NATIVE, amount);
        assertEq(gateway.claim(nonce), 1000, "released by the first claim");
        assertOwed(nonce, NATIVE, BOB, 300);

        (time,) = gateway.refill(NATIVE);
        vm.warp(time);
        assertEq(gateway.claim(nonce), 300, "released by the second claim");
        assertEq(wrapped.balanceOf(BOB), 2300, "balance");
        assertOwed(nonce, NATIVE, BOB, 0);
        assertLimit(NATIVE, 700);
        vm.expectRevert(abi.encodeWithSelector(Vault.NothingOwed.selector, nonce));
        gateway.claim(nonce);
    }

    function test_OwesWithoutALimit() public {
        bytes32 asset = keccak256("another");
        deliver(pushControl(mintedHere(asset, "other")));
        uint64 nonce = pushTransfer(asset, 5, BOB);
        assertEq(deliveredStatus(nonce), 1, "status");
        assertOwed(nonce, asset, BOB, 5);
        (uint256 available, uint256 capacity, uint32 window) = gateway.limit(asset);
        assertEq(available + capacity + window, 0, "limit");
        vm.expectRevert(abi.encodeWithSelector(Vault.LimitReached.selector, asset, 0));
        gateway.claim(nonce);
        deliver(pushControl(limitOf(asset, 5, 1)));
        assertEq(gateway.claim(nonce), 5, "released");
    }

    function test_QuotesTheNextRefill() public {
        vm.warp(START / WINDOW * WINDOW + WINDOW - 10);
        deliver(pushTransfer(NATIVE, 400, BOB));
        assertRefill(START / WINDOW * WINDOW + 2 * WINDOW, 1000, "after the window and the next");
        vm.warp(block.timestamp + 10);
        deliver(pushTransfer(NATIVE, 100, BOB));
        assertLimit(NATIVE, 500);
        assertRefill(START / WINDOW * WINDOW + 2 * WINDOW, 900, "what the first window released");
        vm.warp(block.timestamp + WINDOW);
        assertLimit(NATIVE, 900);
        assertRefill(START / WINDOW * WINDOW + 3 * WINDOW, 1000, "what the second window released");
        vm.warp(block.timestamp + WINDOW);
        assertLimit(NATIVE, 1000);
        assertRefill(0, 1000, "nothing more");
    }

    function assertRefill(uint256 time, uint256 amount, string memory what) private view {
        (uint256 t, uint256 a) = gateway.refill(NATIVE);
        assertEq(t, time, what);
        assertEq(a, amount, what);
    }

    function test_ANewLimitCountsWhatWasReleased() public {
        deliver(pushTransfer(NATIVE, 800, BOB));
        deliver(pushControl(limitOf(NATIVE, 1000, WINDOW)));
        assertLimit(NATIVE, 200);
        deliver(pushControl(limitOf(NATIVE, 500, 2 * WINDOW)));
        (uint256 available,,) = gateway.limit(NATIVE);
        assertEq(available, 0, "available");
        deliver(pushControl(limitOf(NATIVE, type(uint128).max, WINDOW)));
        (available,,) = gateway.limit(NATIVE);
        assertEq(available, type(uint128).max - 800, "available of the greatest");
    }

    function test_RefusesTransfersToNobody() public {
        bytes memory payload = abi.encode(NATIVE, 5);
        assertEq(deliveredStatus(pushTransfer(NATIVE, 5, address(0))), 2, "zero");
        assertEq(deliveredStatus(pushTransfer(NATIVE, 5, address(gateway))), 2, "the gateway");
        assertEq(deliveredStatus(pushTransfer(NATIVE, 5, address(wrapped))), 2, "the token");
        assertEq(deliveredStatus(push(TRANSFER, ALICE, ALICE, 0, payload)), 2, "no address of this chain");
        assertEq(wrapped.totalSupply(), 0, "supply");
        assertLimit(NATIVE, 1000);
    }

    function test_WaitsForTheRegistrationOfAnAsset() public {
        bytes32 asset = keccak256("another");
        uint64 nonce = pushTransfer(asset, 5, BOB);
        refuse(nonce, abi.encodeWithSelector(Vault.UnknownAsset.selector, asset));
        assertTrue(!gateway.consumed(nonce), "not consumed");
        deliver(pushControl(mintedHere(asset, "other")));
        assertEq(deliveredStatus(nonce), 1, "status");
    }

    function test_OwesWhatATokenDoesNotRelease() public {
        sendBy(BOB, local, 900);
        token.setBlocked(BOB);
        uint64 nonce = pushTransfer(local, 300, BOB);
        assertEq(deliveredStatus(nonce), 1, "status");
        assertOwed(nonce, local, BOB, 300);
        assertLimit(local, 1000);
        vm.expectRevert(abi.encodeWithSelector(Vault.ReleaseFailed.selector, nonce, address(token), BOB, 300));
        gateway.claim(nonce);
        token.setBlocked(address(0));
        assertEq(gateway.claim(nonce), 300, "released");
        assertEq(token.balanceOf(BOB), 4400, "balance");
    }

    function test_SendsWhatArrivesOfATokenWithAFee() public {
        token.setFee(10);
        uint64 nonce = gateway.eventNonce();
        vm.recordLogs();
        sendBy(BOB, local, 1000);
        (,, bytes memory payload) = outbound(nonce, TRANSFER);
        assertEq(payload, abi.encode(local, 900), "payload");
        assertEq(gateway.locked(local), 900, "locked");
        token.setFee(100);
        vm.expectRevert(abi.encodeWithSelector(Vault.NoValue.selector, local));
        sendBy(BOB, local, 1000);
    }

    function test_HandlesTokensThatReturnNothing() public {
        SilentToken silent = new SilentToken();
        silent.mint(BOB, 100);
        bytes32 asset = register(address(silent));
        sendBy(BOB, asset, 80);
        assertEq(deliveredStatus(pushTransfer(asset, 80, address(this))), 1, "status");
        assertEq(silent.balanceOf(address(this)), 80, "balance");
    }

    function test_RefusesTokensThatReturnFalse() public {
        FalseToken false_ = new FalseToken();
        false_.mint(BOB, 100);
        bytes32 asset = register(address(false_));
        vm.expectRevert(abi.encodeWithSelector(Erc20.TokenTransferFailed.selector, false_, BOB, gateway, 80));
        sendBy(BOB, asset, 80);
    }

    function test_ATokenCannotMoveValueWhileItMoves() public {
        HookToken hook = new HookToken();
        hook.mint(BOB, 100);
        bytes32 asset = register(address(hook));
        uint64 other = pushTransfer(NATIVE, 1, BOB);
        bytes memory checkpoint = seal();
        bytes32[] memory proof = path(other, 0, leaves.length);
        Sent memory sent = outbox[other];
        uint64 count = uint64(leaves.length);
        hook.addHook(address(gateway), abi.encodeCall(gateway.send, (asset, 1, ALICE)));
        hook.addHook(address(gateway), abi.encodeCall(gateway.claim, (other + 2)));
        hook.addHook(
            address(gateway), abi.encodeCall(gateway.deliver, (checkpoint, sent.message, sent.payload, count, proof))
        );
        sendBy(BOB, asset, 60);
        deliver(pushTransfer(asset, 10, BOB));
        uint64 nonce = pushTransfer(asset, 20, BOB);
        deliver(pushControl(limitOf(asset, 10, WINDOW)));
        deliver(nonce); // all of it is owed
        assertEq(nonce, other + 2, "what the token claims");
        vm.warp(START + 2 * WINDOW);
        gateway.claim(nonce);
        assertEq(hook.resultCount(), 9, "calls out of three transfers");
        for (uint256 i; i < 9; ++i) {
            assertEq(hook.results(i), abi.encodeWithSelector(Vault.Reentered.selector), "what came back");
        }
        assertTrue(!gateway.consumed(other), "what the token delivers is not taken");
        assertEq(gateway.locked(asset), 30, "locked");
        assertEq(hook.balanceOf(address(gateway)), 40, "held: locked and owed");
    }

    function test_ATokenCannotDeliverACallWhileItMoves() public {
        HookToken hook = new HookToken();
        hook.mint(BOB, 100);
        bytes32 asset = register(address(hook));
        uint64 nonce = push(CALL, ALICE, to32(BOB), 0, "hello");
        bytes memory checkpoint = seal();
        bytes32[] memory proof = path(nonce, 0, leaves.length);
        uint64 count = uint64(leaves.length);
        hook.addHook(
            address(gateway),
            abi.encodeCall(gateway.deliver, (checkpoint, outbox[nonce].message, "hello", count, proof))
        );
        sendBy(BOB, asset, 60);
        assertEq(hook.results(0), abi.encodeWithSelector(Vault.Reentered.selector), "what came back");
        assertTrue(!gateway.consumed(nonce), "the call is not refused, but waits");
    }

    function test_RefusesToSendNothingOrToNobodyOrTheUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(Vault.NoValue.selector, NATIVE));
        gateway.send(NATIVE, 0, ALICE);
        vm.expectRevert(abi.encodeWithSelector(Vault.NoValue.selector, local));
        gateway.send(local, 0, ALICE);
        vm.expectRevert(abi.encodeWithSelector(IpdmGateway.NoRecipient.selector));
        gateway.send(NATIVE, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(Vault.UnknownAsset.selector, ALICE));
        gateway.send(ALICE, 1, ALICE);
        vm.expectRevert(abi.encodeWithSelector(IpdmToken.InsufficientBalance.selector, address(this), 0, 1));
        gateway.send(NATIVE, 1, ALICE);
    }

    function test_TheTokenIsAnErc20() public {
        deliver(pushTransfer(NATIVE, 100, address(this)));
        assertEq(bytes(wrapped.symbol()), "wIPDM", "symbol");
        assertEq(bytes(wrapped.name()), "wIPDM of IPDM", "name");
        assertEq(wrapped.decimals(), 18, "decimals");
        assertTrue(wrapped.transfer(BOB, 10), "transfer");
        wrapped.approve(BOB, 50);
        vm.prank(BOB);
        assertTrue(wrapped.transferFrom(address(this), BOB, 40), "transferFrom");
        assertEq(wrapped.allowance(address(this), BOB), 10, "allowance that is left");
        assertEq(wrapped.balanceOf(BOB), 50, "balance of the recipient");
        assertEq(wrapped.balanceOf(address(this)), 50, "balance of the sender");
        vm.prank(BOB);
        vm.expectRevert(abi.encodeWithSelector(IpdmToken.InsufficientAllowance.selector, address(this), BOB, 10, 11));
        wrapped.transferFrom(address(this), BOB, 11);
        vm.expectRevert(abi.encodeWithSelector(IpdmToken.InsufficientBalance.selector, address(this), 50, 51));
        wrapped.transfer(BOB, 51);
        vm.expectRevert(abi.encodeWithSelector(IpdmToken.InvalidRecipient.selector, address(0)));
        wrapped.transfer(address(0), 1);
        wrapped.approve(BOB, type(uint256).max);
        vm.prank(BOB);
        wrapped.transferFrom(address(this), BOB, 1);
        assertEq(wrapped.allowance(address(this), BOB), type(uint256).max, "allowance without limit");
        vm.expectRevert(abi.encodeWithSelector(IpdmToken.NotGateway.selector, address(this), address(gateway)));
        wrapped.mint(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(IpdmToken.NotGateway.selector, address(this), address(gateway)));
        wrapped.burn(BOB, 1);
    }
}
