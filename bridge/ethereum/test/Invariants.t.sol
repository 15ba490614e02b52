// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IpdmGateway} from "../contracts/IpdmGateway.sol";
import {IpdmToken} from "../contracts/IpdmToken.sol";
import {Vault} from "../contracts/Vault.sol";
import {Base} from "./Base.sol";
import {GatewayBase} from "./GatewayBase.sol";
import {Token} from "./Tokens.sol";
import {Vm} from "./Vm.sol";

/// @notice Does with a gateway what users, relayers, the guardian and time do, and keeps its own books.
contract World is GatewayBase {
    struct Release {
        uint256 time;
        uint256 amount;
    }

    uint256 public constant CAPACITY = 1000;
    uint32 public constant WINDOW = 1 hours;

    IpdmToken public wrapped;
    Token public token;
    bytes32 public local;
    mapping(bytes32 asset => uint256) public delivered;
    mapping(bytes32 asset => uint256) public sent;
    mapping(bytes32 asset => Release[]) public releases;
    mapping(bytes32 asset => uint64[]) public transfers;
    uint256 public eventCount;
    uint256 private _time;

    constructor() {
        deploy();
        gateway = new IpdmGateway(client, DOMAIN, 2 * WINDOW, 12 * WINDOW);
        wrapped = setUpNative(CAPACITY, WINDOW);
        token = new Token();
        local = assetOf(address(token));
        deliver(pushControl(lockedHere(address(token))));
        deliver(pushControl(limitOf(local, CAPACITY, WINDOW)));
        deliver(pushControl(guardianIs(GUARDIAN)));
        token.mint(BOB, 1_000_000);
        eventCount = outbox.length;
        _time = START;
    }

    modifier later(uint256 seconds_) {
        _time += bound(seconds_, 0, WINDOW);
        vm.warp(_time);
        vm.recordLogs();
        _;
        note();
    }

    function deliverTransfer(bool minted, uint256 amount, uint256 seconds_) external later(seconds_) {
        bytes32 asset = minted ? NATIVE : local;
        uint256 most = minted ? 2 * CAPACITY : gateway.locked(local);
        if (most == 0) return;
        amount = bound(amount, 1, most);
        uint64 nonce = pushTransfer(asset, amount, BOB);
        deliver(nonce);
        transfers[asset].push(nonce);
        delivered[asset] += amount;
        ++eventCount;
    }

    function deliverAgain(uint256 which, uint256 seconds_) external later(seconds_) {
        uint64 nonce = uint64(which % outbox.length);
        refuse(nonce, abi.encodeWithSelector(IpdmGateway.AlreadyDelivered.selector, nonce));
    }

    function claim(bool minted, uint256 which, uint256 seconds_) external later(seconds_) {
        uint64[] storage nonces = transfers[minted ? NATIVE : local];
        if (nonces.length == 0) return;
        try gateway.claim(nonces[which % nonces.length]) {} catch {} // nothing owed, paused or over the limit
    }

    function send(bool minted, uint256 amount, uint256 seconds_) external later(seconds_) {
        uint256 most = minted ? wrapped.balanceOf(BOB) : token.balanceOf(BOB) / 100;
        if (most == 0) return;
        amount = bound(amount, 1, most);
        vm.prank(BOB);
        gateway.send(minted ? NATIVE : local, amount, ALICE);
        sent[minted ? NATIVE : local] += amount;
        ++eventCount;
    }

    function pause(uint256 seconds_) external later(seconds_) {
        vm.prank(GUARDIAN);
        try gateway.pause() {} catch {} // too early
    }

    function wait(uint256 seconds_) external later(seconds_) {}

    function owed(bytes32 asset) external view returns (uint256 sum) {
        for (uint256 i; i < transfers[asset].length; ++i) {
            (,, uint256 amount) = gateway.owed(transfers[asset][i]);
            sum += amount;
        }
    }

    /// The most that any span as long as a window has released.
    function mostReleased(bytes32 asset) external view returns (uint256 most) {
        Release[] storage all = releases[asset];
        for (uint256 end; end < all.length; ++end) {
            uint256 sum;
            for (uint256 i = end + 1; i > 0 && all[i - 1].time + WINDOW > all[end].time; --i) {
                sum += all[i - 1].amount;
            }
            if (sum > most) most = sum;
        }
    }

    function gateway_() external view returns (IpdmGateway) {
        return gateway;
    }

    function native() external pure returns (bytes32) {
        return NATIVE;
    }

    function note() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != Vault.Released.selector) continue;
            (uint256 amount,) = abi.decode(logs[i].data, (uint256, uint256));
            assertTrue(block.timestamp >= gateway.pausedUntil(), "nothing is released in a pause");
            releases[logs[i].topics[2]].push(Release(block.timestamp, amount));
        }
    }
}

contract InvariantsTest is Base {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    World private world;

    function setUp() public {
        world = new World();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(world);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = selectors[1] = World.deliverTransfer.selector;
        selectors[2] = selectors[3] = World.claim.selector;
        selectors[4] = World.deliverAgain.selector;
        selectors[5] = World.send.selector;
        selectors[6] = World.pause.selector;
        selectors[7] = World.wait.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(world), selectors);
    }

    function invariant_WhatIsMintedAndOwedIsWhatCameAndDidNotGoBack() external view {
        bytes32 asset = world.native();
        uint256 came = world.delivered(asset) - world.sent(asset);
        assertEq(world.wrapped().totalSupply() + world.owed(asset), came, "minted and owed");
    }

    function invariant_WhatIsLockedAndOwedIsHeld() external view {
        bytes32 asset = world.local();
        uint256 locked = world.gateway_().locked(asset);
        assertEq(locked, world.sent(asset) - world.delivered(asset), "locked");
        assertEq(world.token().balanceOf(address(world.gateway_())), locked + world.owed(asset), "held");
    }

    function invariant_NoWindowReleasesMoreThanTheLimit() external view {
        assertTrue(world.mostReleased(world.native()) <= world.CAPACITY(), "minted");
        assertTrue(world.mostReleased(world.local()) <= world.CAPACITY(), "unlocked");
    }

    function invariant_EveryDeliveryAndSendIsOneEvent() external view {
        assertEq(world.gateway_().eventNonce(), world.eventCount(), "events");
    }
}
