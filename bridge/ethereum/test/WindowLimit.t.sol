// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {WindowLimit} from "../contracts/WindowLimit.sol";
import {Base} from "./Base.sol";

contract WindowLimitTest is Base {
    using WindowLimit for WindowLimit.State;

    uint32 private constant WINDOW = 1000;
    uint128 private constant CAPACITY = 100;

    WindowLimit.State private state;

    function available() private view returns (uint256) {
        WindowLimit.State memory copy = state;
        return copy.available();
    }

    function refill() private view returns (uint256 time, uint256 amount) {
        WindowLimit.State memory copy = state;
        return copy.refill();
    }

    /// However releases and pauses between them follow each other: no span of a window's length sees more than the limit,
    /// and a release of all that is available at a quoted time succeeds.
    function testFuzz_NoSpanExceedsTheLimit(uint16[24] memory pauses, uint8[24] memory amounts) public {
        uint256 time = START;
        vm.warp(time);
        state.set(CAPACITY, WINDOW);
        uint256[] memory times = new uint256[](pauses.length);
        for (uint256 i; i < pauses.length; ++i) {
            time += pauses[i] % (WINDOW + WINDOW / 4);
            vm.warp(time);
            uint256 most = available();
            uint256 amount = amounts[i] < most ? amounts[i] : most;
            state.release(amount);
            assertEq(available(), most - amount, "available after a release");
            (times[i], amounts[i]) = (time, uint8(amount));

            uint256 sum;
            for (uint256 j = i + 1; j > 0 && times[j - 1] + WINDOW > time; --j) {
                sum += amounts[j - 1];
            }
            assertTrue(sum <= CAPACITY, "released by a span");
        }
    }

    /// At the quoted time, and not before, as much is available as was quoted.
    function testFuzz_QuotesTheNextRefill(uint16[6] memory pauses, uint8[6] memory amounts) public {
        uint256 time = START;
        vm.warp(time);
        state.set(CAPACITY, WINDOW);
        for (uint256 i; i < pauses.length; ++i) {
            time += pauses[i] % (2 * WINDOW);
            vm.warp(time);
            uint256 most = available();
            state.release(amounts[i] < most ? amounts[i] : most);

            uint256 now_ = available();
            (uint256 later, uint256 amount) = refill();
            if (later == 0) {
                assertEq(amount, now_, "no more than now");
                assertEq(now_, CAPACITY, "all of it");
                continue;
            }
            assertTrue(later > time && amount > now_, "more, later");
            vm.warp(later - 1);
            assertEq(available(), now_, "just before");
            vm.warp(later);
            assertEq(available(), amount, "at the quoted time");
            vm.warp(time);
        }
    }

    function test_ReleasesNothingBeforeItIsSet() public view {
        assertEq(available(), 0, "available");
        (uint256 time, uint256 amount) = refill();
        assertEq(time + amount, 0, "refill");
    }

    function test_FreesWhatIsTwoWindowsOld() public {
        uint256 begin = START / WINDOW * WINDOW;
        vm.warp(begin + WINDOW - 1);
        state.set(CAPACITY, WINDOW);
        state.release(CAPACITY);
        vm.warp(begin + WINDOW);
        assertEq(available(), 0, "in the next window");
        vm.warp(begin + 2 * WINDOW);
        assertEq(available(), CAPACITY, "in the one after it");
    }

    function test_ALowerLimitReleasesNothingUntilTheOldReleasesAreGone() public {
        vm.warp(START);
        state.set(CAPACITY, WINDOW);
        state.release(60);
        state.set(50, WINDOW);
        assertEq(available(), 0, "available");
        (uint256 time, uint256 amount) = refill();
        vm.warp(time);
        assertEq(amount, 50, "quoted");
        assertEq(available(), 50, "available later");
    }
}
